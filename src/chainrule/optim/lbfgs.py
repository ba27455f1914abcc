"""A quasi-Newton method with limited memory."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError
from ..graph import Tensor
from .closure import ClosureOptimizer, Objective
from .optimizer import Parameters
from .slots import Options
from .wolfe import Line, Point, search


class LBFGS(ClosureOptimizer):
    """Steps along the gradient times an estimate of the inverse Hessian, from the last steps.

    The two-loop recursion with the last ``history_size`` pairs of steps s and changes of gradient
    y, from ``s . y / y . y`` times the unit matrix. A call takes up to ``max_iter`` steps and
    ``max_eval`` evaluations (5/4 of it, if None) of size ``lr`` (the first: ``lr * min(1, 1 /
    sum(abs(g)))``), with ``line_search_fn="strong_wolfe"`` of the size that the search finds from
    there. It ends where no gradient is above ``tolerance_grad`` or no change above
    ``tolerance_change``. ``step(closure)`` returns the loss before it. Nocedal, 1980; as in
    PyTorch, which has neither ``weight_decay`` nor ``maximize``. See ClosureOptimizer.

    >>> w = tensor([-1.0, 2.0], requires_grad=True)
    >>> optimizer = LBFGS([w], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     loss = (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2
    ...     loss.backward()
    ...     return loss
    >>> for _ in range(3):
    ...     loss = optimizer.step(closure)
    >>> np.round(w.numpy(), 3).tolist()
    [1.0, 1.0]
    """

    remembers = ("direction", "rate", "gradient", "steps", "changes", "scale")
    checked_by_itself = frozenset({"max_eval", "line_search_fn"})

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
        *,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            {
                "lr": lr, "max_iter": max_iter, "max_eval": max_eval,
                "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change,
                "history_size": history_size, "line_search_fn": line_search_fn,
            },
            weight_decay=weight_decay, maximize=maximize,
        )  # fmt: skip

    def _check_together(self, options: Options) -> None:
        """Refuse other line searches, and counts below one."""
        limit = options["max_eval"]
        counts = [options["max_iter"], options["history_size"], 1 if limit is None else limit]
        fits = all(isinstance(count, int | np.integer) and count >= 1 for count in counts)
        if not fits or options["line_search_fn"] not in (None, "strong_wolfe"):
            raise ArgumentError(
                "LBFGS",
                required="max_iter, history_size, max_eval >= 1, line_search_fn None or "
                "'strong_wolfe'",
                received=f"{counts}, {options['line_search_fn']!r}",
            )

    def search(self, objective: Objective, x: Array, options: Options) -> Tensor:
        """Take up to ``max_iter`` steps."""
        value, g = objective.gradient(x)
        loss = objective.loss(value, x)
        most = options["max_eval"]
        most = options["max_iter"] * 5 // 4 if most is None else most
        least = options["tolerance_change"]
        for left in range(options["max_iter"] - 1, -1, -1):
            if abs(g).max(initial=0.0) <= options["tolerance_grad"]:
                break
            d, t = self._direction(g, options)
            slope = float(g @ d)
            if slope > -least:
                break
            before = value
            if options["line_search_fn"] is not None:
                start, resolution = Point(0.0, value, slope, g), least / abs(d).max()
                t, value, _, g = search(_along(objective, x, d), start, t, resolution)
            x = x + t * d
            self.memory.update(direction=d, rate=np.asarray(t))
            if options["line_search_fn"] is None and left:
                value, g = objective.gradient(x)
            if objective.calls >= most or abs(t * d).max() <= least or abs(value - before) < least:
                break
        self.put(x)
        return loss

    def _direction(self, g: Array, options: Options) -> tuple[Array, float]:
        """Return the direction of the next step, and how much of it to try first."""
        held = self.memory
        if "gradient" not in held:
            held.update(
                steps=np.zeros((0, g.size)), changes=np.zeros((0, g.size)), scale=np.asarray(1.0)
            )
            d, t = -g, min(1.0, 1 / float(abs(g).sum())) * options["lr"]
        else:
            s, y = held["rate"] * held["direction"], g - held["gradient"]
            if float(s @ y) > 1e-10:
                kept = slice(-int(options["history_size"]), None)
                held["steps"] = np.vstack([held["steps"], s])[kept]
                held["changes"] = np.vstack([held["changes"], y])[kept]
                held["scale"] = np.asarray(float(s @ y) / float(y @ y))
            d, t = -_two_loops(held, g), options["lr"]
        held["gradient"] = g
        return d, float(t)


def _two_loops(held: Mapping[str, Array], g: Array) -> Array:
    """Return the estimate of the inverse Hessian times a gradient."""
    pairs = list(zip(held["steps"], held["changes"], strict=True))
    q, shares = g.copy(), []
    for s, y in reversed(pairs):
        shares.append(float(s @ q) / float(s @ y))
        q -= shares[-1] * y
    q *= float(held["scale"])
    for (s, y), share in zip(pairs, reversed(shares), strict=True):
        q += (share - float(y @ q) / float(s @ y)) * s
    return q


def _along(objective: Objective, x: Array, d: Array) -> Line:
    def line(at: float) -> Point:
        value, g = objective.gradient(x + at * d)
        return Point(at, value, float(g @ d), g)

    return line
