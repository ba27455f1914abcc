"""Adam that does not trust its measure of the gradients' size before it rests on enough of them."""

from __future__ import annotations

from ..graph import Tensor
from ..ops import maximum, sqrt, where
from .optimizer import Optimizer, Parameters
from .slots import (
    Options,
    Slots,
    as_type_of,
    counter,
    filled,
    mean_square,
    regularized,
    shrunk,
    toward,
)


class RAdam(Optimizer):
    """Rectified Adam: momentum at first, Adam once the mean square rests on more than 5 samples.

    ``m``, ``v`` as in Adam; ``n = 2 / (1 - beta2) - 1``, the most samples that v can rest on;
    ``r = n - 2 t beta2**t / (1 - beta2**t)``, those at step t. For r > 5
    ``w = w - lr * m / (1 - beta1**t) * c * sqrt(1 - beta2**t) / (sqrt(v) + eps)`` with
    ``c = sqrt((r - 4) (r - 2) n / ((n - 4) (n - 2) r))``, else ``w = w - lr * m / (1 - beta1**t)``.
    With ``decoupled_weight_decay`` decay as in AdamW. Liu et al., 2020; as in PyTorch.

    >>> w = tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = RAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 0.8, -1.6], requires_grad=True)
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
        l1_decay: float = 0.0,
    ) -> None:
        super().__init__(
            parameters,
            {
                "lr": lr, "betas": tuple(betas), "eps": eps, "weight_decay": weight_decay,
                "decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize,
                "l1_decay": l1_decay,
            },
        )  # fmt: skip

    def init_slots(self, parameter: Tensor, options: Options) -> Slots:
        """Keep the step, the mean and the mean square."""
        return {"step": counter(), "mean": filled(parameter), "mean_square": filled(parameter)}

    def update(
        self, parameter: Tensor, gradient: Tensor, slots: Slots, options: Options
    ) -> tuple[Tensor, Slots]:
        """Take one step."""
        if options["decoupled_weight_decay"]:
            g = -gradient if options["maximize"] else gradient
            parameter = shrunk(parameter, options)
        else:
            g = regularized(parameter, gradient, options)
        beta1, beta2 = options["betas"]
        step = slots["step"] + 1
        mean = toward(slots["mean"], g, beta1)
        square = mean_square(slots["mean_square"], g, beta2)
        moved = as_type_of(options["lr"] / (1 - beta1**step), parameter) * mean
        most = 2 / (1 - beta2) - 1
        if most > 5:
            left = 1 - beta2**step
            samples = most - 2 * step * beta2**step / left
            r = maximum(samples, 5.0)  # smaller ones are not used, and have no root
            c = sqrt((r - 4) * (r - 2) * most / ((most - 4) * (most - 2) * r) * left)
            adaptive = as_type_of(c, parameter) / (sqrt(square) + options["eps"])
            moved = where(samples > 5, moved * adaptive, moved)
        return parameter - moved, {"step": step, "mean": mean, "mean_square": square}
