"""Stochastic gradient descent whose iterates are averaged."""

from __future__ import annotations

from ..graph import Tensor
from ..ops import maximum, where
from .optimizer import Optimizer, Parameters
from .slots import Options, Slots, as_type_of, counter, filled, regularized


class ASGD(Optimizer):
    """Averaged stochastic gradient descent, with a rate that falls by itself.

    ``eta = lr / (1 + lambd * lr * (t - 1))**alpha``; ``w = (1 - lambd * eta) w - eta * g``;
    ``a = a + (w - a) / max(1, t - 1 - t0)``: the mean of all ``w`` since step ``t0``, in the slot
    ``average``. Polyak and Juditsky, 1992; as in PyTorch.

    >>> w = tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = ASGD([w], lr=0.25, lambd=0.0, t0=0)
    >>> for _ in range(3):
    ...     optimizer.zero_grad()
    ...     (w * w).sum().backward()
    ...     optimizer.step()
    >>> w, optimizer.slots(w)["average"]
    (tensor([ 0.125, -0.25 ], requires_grad=True), tensor([ 0.1875, -0.375 ]))
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        l1_decay: float = 0.0,
    ) -> None:
        super().__init__(
            parameters,
            {
                "lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay,
                "maximize": maximize, "l1_decay": l1_decay,
            },
        )  # fmt: skip

    def init_slots(self, parameter: Tensor, options: Options) -> Slots:
        """Keep the step and the average."""
        return {"step": counter(), "average": filled(parameter)}

    def update(
        self, parameter: Tensor, gradient: Tensor, slots: Slots, options: Options
    ) -> tuple[Tensor, Slots]:
        """Take one step."""
        g = regularized(parameter, gradient, options)
        lr, lambd, before = options["lr"], options["lambd"], slots["step"]
        eta = lr / (1 + lambd * lr * before) ** options["alpha"]
        kept, rate = as_type_of(1 - lambd * eta, parameter), as_type_of(eta, parameter)
        new = kept * parameter - rate * g
        counted = maximum(before - options["t0"], 1.0)
        moved = slots["average"] + (new - slots["average"]) / as_type_of(counted, parameter)
        average = where(counted > 1, moved, new)
        return new, {"step": before + 1, "average": average}
