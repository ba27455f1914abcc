"""Adaptive steps of large matrices with little memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..graph import Tensor
from ..graph.tensor import constant
from ..ops import maximum, mean, minimum, sqrt
from .optimizer import Optimizer, Parameters
from .slots import Options, Slots, as_type_of, counter, filled, shrunk, toward


class Adafactor(Optimizer):
    """The mean square of a matrix's gradient, from the means of its rows and its columns alone.

    ``beta = 1 - t**beta2_decay``; ``r = beta r + (1 - beta) mean(g**2, axis=-1)``, ``c`` the same
    with axis -2; ``v = r c / max(mean(r), eps[0])``, or for vectors
    ``v = beta v + (1 - beta) g**2``; ``u = g / sqrt(max(v, eps[0]**2))``;
    ``w = w - max(eps[1], rms(w)) * min(lr, 1 / sqrt(t)) * u / max(1, rms(u) / d)``. ``eps[0]`` None
    is the distance from 1 to the next number of the parameter's type. Weight decay is decoupled.
    Matrices are the last two axes. Shazeer and Stern, 2018; as in PyTorch.

    >>> w = tensor([[1.0, -2.0], [2.0, 4.0]], requires_grad=True)
    >>> optimizer = Adafactor([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> optimizer.slots(w)["rows"]
    tensor([[10.],
           [40.]])
    """

    checked_by_itself = frozenset({"eps"})

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        l1_decay: float = 0.0,
    ) -> None:
        super().__init__(
            parameters,
            {
                "lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d,
                "weight_decay": weight_decay, "maximize": maximize, "l1_decay": l1_decay,
            },
        )  # fmt: skip

    def _check_together(self, options: Options) -> None:
        """Refuse eps that are no two numbers, the first of which may be None; and d = 0."""
        eps = options["eps"]
        fits = isinstance(eps, tuple | list) and len(eps) == 2 and eps[1] is not None
        numbers = [e for e in eps if e is not None] if fits else [-1.0]
        fits = all(isinstance(e, int | float | np.number) and 0 <= e < np.inf for e in numbers)
        if not fits or options["d"] == 0:
            raise ArgumentError(
                "Adafactor", required="eps = (number >= 0 or None, number >= 0), d > 0",
                received=f"eps={eps!r}, d={options['d']}",
            )  # fmt: skip

    def init_slots(self, parameter: Tensor, options: Options) -> Slots:
        """Keep the step, and the mean squares of rows and columns, or of the elements."""
        if parameter.ndim < 2:
            return {"step": counter(), "mean_square": filled(parameter)}
        *batch, rows, columns = parameter.shape
        return {
            "step": counter(),
            "rows": _zeros((*batch, rows, 1), parameter),
            "columns": _zeros((*batch, 1, columns), parameter),
        }

    def update(
        self, parameter: Tensor, gradient: Tensor, slots: Slots, options: Options
    ) -> tuple[Tensor, Slots]:
        """Take one step."""
        g = -gradient if options["maximize"] else gradient
        given, least = options["eps"]
        eps = float(np.finfo(parameter.dtype.compute).eps) if given is None else given
        step = slots["step"] + 1
        beta = as_type_of(1 - step ** options["beta2_decay"], parameter)
        changed = {**_moved(slots, g * g, beta), "step": step}
        direction = g / sqrt(maximum(_estimate(changed, eps), eps * eps))
        size = as_type_of(minimum(options["lr"], 1 / sqrt(step)), parameter)
        size = size * maximum(_rms(parameter), least) / maximum(_rms(direction) / options["d"], 1.0)
        return shrunk(parameter, options) - size * direction, changed


def _moved(slots: Slots, square: Tensor, beta: Any) -> Slots:
    if "mean_square" in slots:
        return {"mean_square": toward(slots["mean_square"], square, beta)}
    rows, columns = (mean(square, axis=axis, keepdims=True) for axis in (-1, -2))
    return {
        "rows": toward(slots["rows"], rows, beta),
        "columns": toward(slots["columns"], columns, beta),
    }


def _estimate(slots: Slots, eps: float) -> Tensor:
    """Return the mean square of every element."""
    if "mean_square" in slots:
        return slots["mean_square"]
    rows, columns = slots["rows"], slots["columns"]
    return rows * columns / maximum(mean(rows, axis=-2, keepdims=True), eps)


def _rms(x: Tensor) -> Tensor:
    return sqrt((x * x).sum() / max(1, x.size))


def _zeros(shape: tuple[int, ...], like: Tensor) -> Tensor:
    return constant(np.zeros(shape, like.dtype.storage), like.dtype)
