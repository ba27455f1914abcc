"""Optimizers that scale each element's step by the history of its gradients.

``g`` is the gradient plus ``weight_decay * w + l1_decay * sign(w)``, ``t`` the number of the step,
from 1. Formulas and defaults are those of PyTorch.
"""

from __future__ import annotations

from typing import Any

from ..graph import Tensor
from ..ops import sqrt
from .optimizer import Optimizer, Parameters
from .slots import Options, Slots, as_type_of, counter, filled, mean_square, regularized, toward


class RMSprop(Optimizer):
    """Gradient divided by the root of the running mean of its square.

    ``v = alpha v + (1 - alpha) g**2``; ``w = w - lr * g / (sqrt(v) + eps)``. ``centered`` subtracts
    the square of the gradient's running mean from v; with ``momentum`` the quotient is
    accumulated first. Tieleman and Hinton, 2012; centered: Graves, 2013.

    Caffe's RMSProp: ``RMSprop(p, lr, rms_decay, delta, weight_decay)``.

    >>> w = tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = RMSprop([w], lr=0.025)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 0.75, -1.75], requires_grad=True)
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
        l1_decay: float = 0.0,
    ) -> None:
        super().__init__(
            parameters,
            {
                "lr": lr, "alpha": alpha, "eps": eps, "weight_decay": weight_decay,
                "momentum": momentum, "centered": centered, "maximize": maximize,
                "l1_decay": l1_decay,
            },
        )  # fmt: skip

    def init_slots(self, parameter: Tensor, options: Options) -> Slots:
        """Keep the mean square, and what the variants need."""
        names = ["mean_square"]
        names += ["mean"] if options["centered"] else []
        names += ["momentum"] if options["momentum"] > 0 else []
        return {name: filled(parameter) for name in names}

    def update(
        self, parameter: Tensor, gradient: Tensor, slots: Slots, options: Options
    ) -> tuple[Tensor, Slots]:
        """Take one step."""
        g = regularized(parameter, gradient, options)
        square = mean_square(slots["mean_square"], g, options["alpha"])
        changed, variance = {"mean_square": square}, square
        if options["centered"]:
            mean = changed["mean"] = toward(slots["mean"], g, options["alpha"])
            variance = square - mean * mean
        direction = g / (sqrt(variance) + options["eps"])
        if "momentum" in slots:
            direction = options["momentum"] * slots["momentum"] + direction
            changed["momentum"] = direction
        return parameter - options["lr"] * direction, changed


class Adagrad(Optimizer):
    """Gradient divided by the root of the sum of all its squares.

    ``s = s + g**2``; ``w = w - lr / (1 + (t - 1) * lr_decay) * g / (sqrt(s) + eps)``.
    Duchi, Hazan and Singer, 2011.

    Caffe's AdaGrad: ``Adagrad(p, lr, weight_decay=weight_decay, eps=delta)``.

    >>> w = tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = Adagrad([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 0.9, -1.9], requires_grad=True)
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
        l1_decay: float = 0.0,
    ) -> None:
        super().__init__(
            parameters,
            {
                "lr": lr, "lr_decay": lr_decay, "weight_decay": weight_decay,
                "initial_accumulator_value": initial_accumulator_value, "eps": eps,
                "maximize": maximize, "l1_decay": l1_decay,
            },
        )  # fmt: skip

    def init_slots(self, parameter: Tensor, options: Options) -> Slots:
        """Keep the step and the sum of squares."""
        return {"step": counter(), "sum": filled(parameter, options["initial_accumulator_value"])}

    def update(
        self, parameter: Tensor, gradient: Tensor, slots: Slots, options: Options
    ) -> tuple[Tensor, Slots]:
        """Take one step."""
        g = regularized(parameter, gradient, options)
        total = slots["sum"] + g * g
        rate: Any = options["lr"]
        if options["lr_decay"] != 0:
            rate = as_type_of(rate / (1 + slots["step"] * options["lr_decay"]), parameter)
        new = parameter - rate * (g / (sqrt(total) + options["eps"]))
        return new, {"step": slots["step"] + 1, "sum": total}


class Adadelta(Optimizer):
    """Steps in the units of the parameter: root mean square of past steps over that of gradients.

    ``v = rho v + (1 - rho) g**2``; ``d = sqrt(u + eps) / sqrt(v + eps) * g``;
    ``u = rho u + (1 - rho) d**2``; ``w = w - lr * d``. Zeiler, 2012.

    Caffe's AdaDelta: ``Adadelta(p, lr, momentum, delta, weight_decay)``; its momentum is the decay.

    >>> w = tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = Adadelta([w])
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 0.99683774, -1.9968377 ], requires_grad=True)
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        l1_decay: float = 0.0,
    ) -> None:
        super().__init__(
            parameters,
            {
                "lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay,
                "maximize": maximize, "l1_decay": l1_decay,
            },
        )  # fmt: skip

    def init_slots(self, parameter: Tensor, options: Options) -> Slots:
        """Keep the mean squares of the gradient and of the step."""
        return {"mean_square": filled(parameter), "step_mean_square": filled(parameter)}

    def update(
        self, parameter: Tensor, gradient: Tensor, slots: Slots, options: Options
    ) -> tuple[Tensor, Slots]:
        """Take one step."""
        g = regularized(parameter, gradient, options)
        rho, eps = options["rho"], options["eps"]
        square = mean_square(slots["mean_square"], g, rho)
        past = slots["step_mean_square"]
        delta = sqrt(past + eps) / sqrt(square + eps) * g
        changed = {"mean_square": square, "step_mean_square": mean_square(past, delta, rho)}
        return parameter - options["lr"] * delta, changed
