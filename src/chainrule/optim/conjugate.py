"""Conjugate gradients for any function, with a line search by cubic interpolation."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from ..dtypes import Array
from ..errors import ArgumentError
from ..graph import Tensor
from .closure import ClosureOptimizer, Objective
from .optimizer import Parameters
from .slots import Options

_TINY = 2.2e-308  # so that a slope of 0 divides nothing


class _Point(NamedTuple):
    """A point of a line: how far from its start, value, slope along the line, gradient."""

    at: float
    value: float
    slope: float
    gradient: Array


class CG(ClosureOptimizer):
    """Nonlinear conjugate gradients: directions by Polak and Ribiere, steps by line search.

    ``d = -g + (g . g - g . h) / (h . h) * d`` with h the gradient before; the search interpolates
    cubically until the Wolfe conditions hold: a decrease of at least ``rho`` times, and a slope of
    at most ``sig`` times what the start of the line promises. It keeps ``interpolate`` of a bracket
    away from its ends, goes at most ``extrapolate`` times as far, and its first step is at most
    ``ratio`` times the last. A call takes up to ``max_iter`` steps and ``max_eval`` evaluations,
    5/4 of it if that is 0, and starts along the gradient. ``step(closure)`` returns the loss before
    it. Torch7's cg, after Rasmussen's minimize. See ClosureOptimizer.

    >>> w = tensor([-1.0, 2.0], requires_grad=True)
    >>> optimizer = CG([w], max_iter=100)
    >>> def closure():
    ...     loss = (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2
    ...     loss.backward()
    ...     return loss
    >>> loss = optimizer.step(closure)
    >>> np.round(w.numpy(), 2).tolist()
    [1.0, 1.0]
    """

    def __init__(
        self,
        parameters: Parameters,
        max_iter: int = 20,
        max_eval: int = 0,
        rho: float = 0.01,
        sig: float = 0.5,
        interpolate: float = 0.1,
        extrapolate: float = 3.0,
        ratio: float = 100.0,
        *,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            {
                "max_iter": max_iter, "max_eval": max_eval, "rho": rho, "sig": sig,
                "interpolate": interpolate, "extrapolate": extrapolate, "ratio": ratio,
            },
            weight_decay=weight_decay, maximize=maximize,
        )  # fmt: skip

    def _check_together(self, options: Options) -> None:
        """Refuse conditions that no point meets."""
        ordered = 0 < options["rho"] < options["sig"] < 1
        if not (ordered and 0 < options["interpolate"] <= 0.5 and options["extrapolate"] > 1):
            raise ArgumentError(
                "CG", required="0 < rho < sig < 1, 0 < interpolate <= 0.5, extrapolate > 1",
                received=", ".join(
                    f"{name}={options[name]}"
                    for name in ("rho", "sig", "interpolate", "extrapolate")
                ),
            )  # fmt: skip

    def search(self, objective: Objective, x: Array, options: Options) -> Tensor:
        """Take up to ``max_iter`` steps."""
        value, g = objective.gradient(x)
        loss = objective.loss(value, x)
        most = options["max_eval"] or 1.25 * options["max_iter"]
        d, failed = -g, False
        slope = -float(g @ g)
        first = 1 / (1 - slope)
        for _ in range(int(options["max_iter"])):
            if slope == 0 or objective.calls >= most:
                break
            line = _Line(objective, x, d, options, most)
            found = line.search(_Point(0.0, value, slope, g), first)
            if found is None and failed:
                break
            failed = found is None
            if found is not None:
                x, before, value = x + found.at * d, g, found.value
                g = found.gradient
                d = float(g @ g - before @ g) / float(before @ before) * d - g
                old, slope = slope, float(g @ d)
                if slope < 0:
                    first = found.at * min(options["ratio"], old / (slope - _TINY))
            if found is None or slope >= 0:  # once more along the gradient
                d, slope = -g, -float(g @ g)
                first = 1 / (1 - slope)
        self.put(x)
        return loss


class _Line:
    """A search along one line: ``other`` and the present point hold the cubic."""

    def __init__(
        self, objective: Objective, x: Array, d: Array, options: Options, most: float
    ) -> None:
        self._objective, self._x, self._d, self._most = objective, x, d, most
        self._rho, self._sig = float(options["rho"]), float(options["sig"])
        self._share, self._farthest = float(options["interpolate"]), float(options["extrapolate"])

    def search(self, start: _Point, first: float) -> _Point | None:
        """Return a point where both conditions hold, or None."""
        point, other, limit = self._at(first), start, math.inf
        while True:
            while not self._is_low(point, start) and self._left:
                limit = point.at
                by_value = not point.value <= start.value
                step = self._inside(point, other, _quadratic if by_value else _cubic_inside)
                point = self._at(point.at + step)
            if not self._is_low(point, start):
                return None
            if point.slope > self._sig * start.slope:
                return point
            if not self._left:
                return None
            step = self._outside(point, other, limit)
            point, other = self._at(point.at + step), point

    @property
    def _left(self) -> bool:
        return self._objective.calls < self._most

    def _at(self, at: float) -> _Point:
        value, g = self._objective.gradient(self._x + at * self._d)
        return _Point(at, value, float(g @ self._d), g)

    def _is_low(self, point: _Point, start: _Point) -> bool:
        """Whether a point is low enough, and not yet on a slope upwards that is too steep."""
        low = point.value <= start.value + point.at * self._rho * start.slope
        return low and point.slope <= -self._sig * start.slope

    def _inside(
        self, point: _Point, other: _Point, fit: Callable[[_Point, _Point], float]
    ) -> float:
        """Return a step back toward the other point, away from both."""
        back, share = other.at - point.at, self._share
        step = fit(point, other)
        step = step if math.isfinite(step) else 0.5 * back
        near, far = sorted((share * back, (1 - share) * back))
        return min(max(step, near), far)

    def _outside(self, point: _Point, other: _Point, limit: float) -> float:
        """Return a step beyond a point, short of a limit above which the values were too high."""
        share, farthest = self._share, self._farthest
        bounded = math.isfinite(limit)
        step = _cubic_outside(point, other)
        if not math.isfinite(step) or step < 0:
            return 0.5 * (limit - point.at) if bounded else point.at * (farthest - 1)
        if bounded and point.at + step > limit:
            return 0.5 * (limit - point.at)
        if not bounded and point.at + step > point.at * farthest:
            return point.at * (farthest - 1)
        step = max(step, share * (point.at - other.at))
        return max(step, (1 - share) * (limit - point.at)) if bounded else step


def _quadratic(point: _Point, other: _Point) -> float:
    back = other.at - point.at
    bottom = other.slope * back + point.value - other.value
    return back - 0.5 * other.slope * back * back / bottom if bottom else math.nan


def _coefficients(point: _Point, other: _Point) -> tuple[float, float, float]:
    """Return a and b of the cubic through both points, and the root that its minimum needs."""
    back = other.at - point.at
    a = 6 * (point.value - other.value) / back + 3 * (point.slope + other.slope)
    b = 3 * (other.value - point.value) - back * (other.slope + 2 * point.slope)
    square = b * b - a * point.slope * back * back
    return a, b, math.sqrt(square) if square >= 0 else math.nan


def _cubic_inside(point: _Point, other: _Point) -> float:
    a, b, root = _coefficients(point, other)
    return (root - b) / a if a else math.nan


def _cubic_outside(point: _Point, other: _Point) -> float:
    _, b, root = _coefficients(point, other)
    back = other.at - point.at
    return -point.slope * back * back / (b + root) if b + root else math.nan
