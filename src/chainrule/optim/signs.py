"""Optimizers that take from a gradient its sign only, so that its size does not matter."""

from __future__ import annotations

from ..errors import ArgumentError
from ..graph import Tensor
from ..ops import clip, sign, where
from .optimizer import Optimizer, Parameters
from .slots import Options, Slots, filled, regularized, shrunk, toward


class Rprop(Optimizer):
    """Resilient propagation: each element has a step size, which grows while its sign stays.

    ``s = s * etas[1]`` where the gradient has the sign of the last one, ``s = s * etas[0]`` where
    it has the other, within ``step_sizes``; then ``w = w - s * sign(g)``. After a change of sign an
    element rests for one step and forgets that sign. ``lr`` is the first step size. For gradients
    of all the data, not of batches. Riedmiller and Braun, 1993; as in PyTorch.

    >>> w = tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = Rprop([w], lr=0.25)
    >>> for _ in range(2):
    ...     optimizer.zero_grad()
    ...     (w * w).sum().backward()
    ...     optimizer.step()
    >>> w
    tensor([ 0.45, -1.45], requires_grad=True)
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50.0),
        *,
        weight_decay: float = 0.0,
        maximize: bool = False,
        l1_decay: float = 0.0,
    ) -> None:
        super().__init__(
            parameters,
            {
                "lr": lr, "etas": tuple(etas), "step_sizes": tuple(step_sizes),
                "weight_decay": weight_decay, "maximize": maximize, "l1_decay": l1_decay,
            },
        )  # fmt: skip

    def _check_together(self, options: Options) -> None:
        """Refuse factors that do not shrink and grow, and limits in the wrong order."""
        (low, high), (least, most) = options["etas"], options["step_sizes"]
        if not (0 < low < 1 < high and least <= most):
            raise ArgumentError(
                "Rprop", required="0 < etas[0] < 1 < etas[1], step_sizes[0] <= step_sizes[1]",
                received=f"etas={options['etas']}, step_sizes={options['step_sizes']}",
            )  # fmt: skip

    def init_slots(self, parameter: Tensor, options: Options) -> Slots:
        """Keep the last gradient and the step sizes."""
        return {"last": filled(parameter), "step_size": filled(parameter, options["lr"])}

    def update(
        self, parameter: Tensor, gradient: Tensor, slots: Slots, options: Options
    ) -> tuple[Tensor, Slots]:
        """Take one step."""
        g = regularized(parameter, gradient, options)
        (smaller, larger), (least, most) = options["etas"], options["step_sizes"]
        same = sign(g) * sign(slots["last"])  # a product of gradients could underflow
        size = slots["step_size"]
        size = where(same > 0, size * larger, where(same < 0, size * smaller, size))
        size = clip(size, least, most)
        g = where(same < 0, 0.0 * size, g)
        return parameter - size * sign(g), {"last": g, "step_size": size}


class Lion(Optimizer):
    """The sign of momentum, with decoupled weight decay: one slot, and steps of one size.

    ``u = sign(beta1 m + (1 - beta1) g)``; ``m = beta2 m + (1 - beta2) g``;
    ``w = w - lr * (u + weight_decay * w + l1_decay * sign(w))``. Rates are 3 to 10 times smaller
    than AdamW's, decays as much larger. Found by a program search: Chen et al., 2023.

    >>> w = tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = Lion([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 0.75, -1.75], requires_grad=True)
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        l1_decay: float = 0.0,
    ) -> None:
        super().__init__(
            parameters,
            {
                "lr": lr, "betas": tuple(betas), "weight_decay": weight_decay,
                "maximize": maximize, "l1_decay": l1_decay,
            },
        )  # fmt: skip

    def init_slots(self, parameter: Tensor, options: Options) -> Slots:
        """Keep the mean of the gradient."""
        return {"mean": filled(parameter)}

    def update(
        self, parameter: Tensor, gradient: Tensor, slots: Slots, options: Options
    ) -> tuple[Tensor, Slots]:
        """Take one step."""
        g = -gradient if options["maximize"] else gradient
        beta1, beta2 = options["betas"]
        direction = sign(toward(slots["mean"], g, beta1))
        new = shrunk(parameter, options) - options["lr"] * direction
        return new, {"mean": toward(slots["mean"], g, beta2)}
