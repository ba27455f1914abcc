"""Stochastic gradient descent."""

from __future__ import annotations

from ..errors import ArgumentError
from ..graph import Tensor
from ..ops import where
from .optimizer import Optimizer, Parameters
from .slots import Options, Slots, counter, filled, regularized


class SGD(Optimizer):
    """Stochastic gradient descent with momentum, Nesterov's variant and weight decay.

    ``g = gradient + weight_decay * w + l1_decay * sign(w)``; ``v = momentum * v + (1 - dampening) *
    g`` (``v = g`` at the first step); ``w = w - lr * v``, or with ``nesterov``
    ``w = w - lr * (g + momentum * v)``. Raises ArgumentError for options out of range. Momentum:
    Polyak 1964; as in PyTorch.

    With ``rate_in_velocity`` the velocity is the step itself, so that steps taken at an earlier
    rate keep it: ``v = momentum * v + lr * (1 - dampening) * g``; ``w = w - v``, or with
    ``nesterov`` ``w = w - (lr * g + momentum * v)``. At a constant rate that is the same.

    Nesterov 1983 takes the gradient at the point to which the velocity alone would lead; so does
    Torch7's nag. Here ``w`` is that point, and gradients are taken where the weights are
    (Sutskever et al., 2013): the iterates of both differ by ``momentum`` times the velocity.

    Caffe's SGD: ``SGD(p, lr, momentum, weight_decay=weight_decay, rate_in_velocity=True)``, its
    Nesterov the same with ``nesterov=True`` (at momentum 0 both are plain SGD). Torch7's sgd: the
    default of its dampening is the momentum.

    >>> w = tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = SGD([w], lr=0.1, momentum=0.9)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 0.8, -1.6], requires_grad=True)
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        l1_decay: float = 0.0,
        rate_in_velocity: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            {
                "lr": lr, "momentum": momentum, "dampening": dampening,
                "weight_decay": weight_decay, "nesterov": nesterov, "maximize": maximize,
                "l1_decay": l1_decay, "rate_in_velocity": rate_in_velocity,
            },
        )  # fmt: skip

    def _check_together(self, options: Options) -> None:
        """Refuse Nesterov's variant without momentum or with dampening."""
        if options["nesterov"] and (options["momentum"] == 0 or options["dampening"] != 0):
            raise ArgumentError(
                "SGD: nesterov", required="momentum > 0 and dampening = 0",
                received=f"momentum={options['momentum']}, dampening={options['dampening']}",
            )  # fmt: skip

    def init_slots(self, parameter: Tensor, options: Options) -> Slots:
        """Momentum keeps the velocity; dampening has to know the first step."""
        slots = {} if options["momentum"] == 0 else {"momentum": filled(parameter)}
        return {**slots, "step": counter()} if slots and options["dampening"] != 0 else slots

    def update(
        self, parameter: Tensor, gradient: Tensor, slots: Slots, options: Options
    ) -> tuple[Tensor, Slots]:
        """Take one step."""
        g = regularized(parameter, gradient, options)
        momentum, dampening = options["momentum"], options["dampening"]
        if "momentum" not in slots:
            return parameter - options["lr"] * g, {}
        changed: Slots = {}
        rate = options["lr"]
        if options["rate_in_velocity"]:
            g, rate = rate * g, 1.0
        if dampening == 0:
            v = momentum * slots["momentum"] + g
        else:
            damped = momentum * slots["momentum"] + (1 - dampening) * g
            v = where(slots["step"] == 0, g, damped)
            changed["step"] = slots["step"] + 1
        changed["momentum"] = v
        direction = g + momentum * v if options["nesterov"] else v
        return parameter - rate * direction, changed
