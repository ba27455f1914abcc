"""A line search for the strong Wolfe conditions, by cubic interpolation.

Nocedal and Wright, Numerical Optimization, algorithms 3.5 and 3.6; the safeguards are those of
Schmidt's minFunc, which Torch and PyTorch use too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from ..dtypes import Array

_LESS, _FLATTER = 1e-4, 0.9  # of the decrease, and of the slope, that the start promises
_EVALUATIONS = 25


class Point(NamedTuple):
    """A point of a line: how far from its start, value, slope along the line, gradient."""

    at: float
    value: float
    slope: float
    gradient: Array


Line = Callable[[float], Point]


def search(line: Line, start: Point, first: float, resolution: float) -> Point:
    """Return a point with enough decrease and a flat slope, or the best one that was found.

    ``first`` is the first distance that is tried; brackets shorter than ``resolution`` are not
    divided.
    """
    low, high, left = _bracket(line, start, first)
    if high is None:
        return low
    stuck = False
    while left > 0 and abs(high.at - low.at) >= resolution:
        least, most = sorted((low.at, high.at))
        at, margin = minimum_of_cubic(low, high, least, most), 0.1 * (most - least)
        near = min(most - at, at - least) < margin
        if near and (stuck or at >= most or at <= least):
            at = most - margin if abs(at - most) < abs(at - least) else least + margin
            near = False
        stuck = near
        point, left = line(at), left - 1
        if not _decreases(point, start) or not point.value < low.value:
            high = point
        elif _is_flat(point, start):
            return point
        else:
            if point.slope * (high.at - low.at) >= 0:
                high = low
            low = point
        if high.value < low.value:
            low, high = high, low
    return low


def _bracket(line: Line, start: Point, first: float) -> tuple[Point, Point | None, int]:
    """Go on until a good point lies between two; return them, or one that is good itself."""
    before, point = start, line(first)
    for left in range(_EVALUATIONS - 1, 0, -1):
        grows = before is not start and point.value >= before.value
        if not _decreases(point, start) or grows:
            return *_sorted(before, point), left
        if _is_flat(point, start):
            return point, None, left
        if point.slope >= 0:
            return *_sorted(before, point), left
        least, most = point.at + 0.01 * (point.at - before.at), 10 * point.at
        at = minimum_of_cubic(before, point, least, most)
        before, point = point, line(at)
    return *_sorted(start, point), 0


def _sorted(one: Point, other: Point) -> tuple[Point, Point]:
    return (one, other) if one.value <= other.value or math.isnan(other.value) else (other, one)


def _decreases(point: Point, start: Point) -> bool:
    return point.value <= start.value + _LESS * point.at * start.slope  # so NaN does not


def _is_flat(point: Point, start: Point) -> bool:
    return abs(point.slope) <= -_FLATTER * start.slope


def minimum_of_cubic(one: Point, other: Point, least: float, most: float) -> float:
    """Return where the cubic through two points has its minimum, within limits; else the middle."""
    left, right = (one, other) if one.at <= other.at else (other, one)
    if left.at == right.at or not math.isfinite(left.value + right.value):
        return 0.5 * (least + most)
    chord = 3 * (left.value - right.value) / (left.at - right.at)
    a = left.slope + right.slope - chord
    square = a * a - left.slope * right.slope
    bottom = right.slope - left.slope + 2 * math.sqrt(square) if square >= 0 else 0.0
    if bottom == 0 or not math.isfinite(bottom):
        return 0.5 * (least + most)
    share = (right.slope + math.sqrt(square) - a) / bottom
    return min(max(right.at - (right.at - left.at) * share, least), most)
