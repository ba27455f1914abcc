"""Fast proximal gradients: a smooth loss plus a penalty with kinks."""

from __future__ import annotations

import math

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError
from ..graph import Tensor
from ..graph.tensor import as_tensor
from .closure import ClosureOptimizer, Objective
from .optimizer import Parameters
from .slots import Options


class FISTA(ClosureOptimizer):
    """The fast iterative shrinkage-thresholding algorithm, with backtracking.

    Minimises ``f(w) + l1_decay * sum(abs(w))`` and makes weights exactly 0, which steps along a
    sign do not. ``w = prox(y - g(y) / L)`` with the prox moving each element by ``l1_decay / L``
    toward 0; ``y = w + (t - 1) / t' * (w - w before)`` with ``t' = (1 + sqrt(1 + 4 t**2)) / 2``
    (``accelerate=False``: ``y = w``, ISTA). L is multiplied by ``L_step``, at most ``max_line``
    times a step, until the loss is below its quadratic bound. A call takes up to ``max_iter`` steps
    and ends where the sum changes by less than ``tolerance``. ``step(closure)`` returns f
    where it began. A subclass may replace ``penalty`` and ``proximal``. Beck and Teboulle, 2009;
    Torch7's FistaLS. See ClosureOptimizer.

    >>> w = tensor([0.0, 0.0], requires_grad=True)
    >>> optimizer = FISTA([w], l1_decay=1.0)
    >>> def closure():
    ...     loss = ((w - tensor([3.0, 0.5])) ** 2).sum() / 2
    ...     loss.backward()
    ...     return loss
    >>> loss = optimizer.step(closure)
    >>> np.round(w.numpy(), 1).tolist()
    [2.0, 0.0]
    """

    remembers = ("ahead", "t", "L")

    def __init__(
        self,
        parameters: Parameters,
        l1_decay: float = 0.0,
        L: float = 0.1,
        L_step: float = 1.5,
        max_iter: int = 50,
        max_line: int = 20,
        tolerance: float = 1e-4,
        accelerate: bool = True,
        *,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            {
                "l1_decay": l1_decay, "L": L, "L_step": L_step, "max_iter": max_iter,
                "max_line": max_line, "tolerance": tolerance, "accelerate": accelerate,
            },
            weight_decay=weight_decay, maximize=maximize,
        )  # fmt: skip

    def _check_together(self, options: Options) -> None:
        """Refuse steps without end, a bound that does not grow, and no steps."""
        counts = min(options["max_iter"], options["max_line"])
        if not (options["L"] > 0 and options["L_step"] > 1 and counts >= 1):
            raise ArgumentError(
                "FISTA", required="L > 0, L_step > 1, max_iter >= 1, max_line >= 1",
                received=f"L={options['L']}, L_step={options['L_step']}, {counts}",
            )  # fmt: skip

    def penalty(self, x: Array) -> float:
        """Return the part of what is minimised that has kinks."""
        return float(self.param_groups[0]["l1_decay"] * abs(x).sum())

    def proximal(self, x: Array, rate: float) -> Array:
        """Return the z with the least ``rate * penalty(z) + (z - x) . (z - x) / 2``."""
        threshold = rate * self.param_groups[0]["l1_decay"]
        return np.asarray(np.sign(x) * np.maximum(abs(x) - threshold, 0.0))

    def search(self, objective: Objective, x: Array, options: Options) -> Tensor:
        """Take up to ``max_iter`` steps."""
        held = self.memory
        if not held:
            held.update(ahead=np.zeros_like(x), t=np.asarray(1.0), L=np.asarray(options["L"]))
        ahead, t, bound, last = held["ahead"], float(held["t"]), float(held["L"]), math.inf
        first: Tensor | None = None
        for _ in range(int(options["max_iter"])):
            y = x + ahead
            value, g = objective.gradient(y)
            first = objective.loss(value, y) if first is None else first
            new, total, bound = self._descended(objective, (y, value, g), bound)
            t_next = (1 + math.sqrt(1 + 4 * t * t)) / 2
            ahead = options["accelerate"] * (t - 1) / t_next * (new - x)
            x, t = new, t_next
            if abs(last - total) < options["tolerance"]:
                break
            last = total
        self.put(x)
        held.update(ahead=ahead, t=np.asarray(t), L=np.asarray(bound))
        return as_tensor(math.nan) if first is None else first

    def _descended(
        self, objective: Objective, start: tuple[Array, float, Array], bound: float
    ) -> tuple[Array, float, float]:
        """Return the next point, the sum there, and an L for which the bound holds."""
        options = self.param_groups[0]
        y, value, g = start
        for left in range(int(options["max_line"]) - 1, -1, -1):
            new = self.proximal(y - g / bound, 1 / bound)
            moved, found = new - y, objective.value(new)
            if found <= value + float(g @ moved) + 0.5 * bound * float(moved @ moved) or not left:
                break
            bound *= options["L_step"]
        return new, found + self.penalty(new), bound
