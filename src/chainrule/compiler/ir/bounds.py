"""Where places can lie: intervals of affine functions over loops, and under guards."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from .expr import Guard, Place, Shape

MOST_POINTS = 1 << 14  # indices that are looked at one by one
Ranges = list[tuple[int, int]]  # of each loop's index: first and last


def reach(place: Place, loops: Shape) -> tuple[int, int]:
    """Return the least and the greatest value of a place over loops that are not empty.

    >>> reach(Place(3, (-1, 10)), (4, 2))
    (0, 13)
    """
    return _interval(place, [(0, extent - 1) for extent in loops])


def touched_elements(place: Place, loops: Sequence[int]) -> int:
    """Return about how many elements a place meets: loops with equal steps meet common ones.

    >>> touched_elements(Place(0, (1, 10, 10)), (4, 3, 5))  # windows of 3 over 7 rows of 4
    28
    """
    lengths: dict[int, int] = {}
    for coef, extent in zip(place.coefs, loops, strict=True):
        if coef:
            lengths[abs(coef)] = lengths.get(abs(coef), 1) + max(extent, 1) - 1
    span = 1 + sum(step * (length - 1) for step, length in lengths.items())
    return min(span, math.prod(lengths.values()))


def outside(place: Place, size: int, loops: Shape, guards: Sequence[Guard] = ()) -> int | None:
    """Return a place at which a buffer ends to exist though all guards hold; None where none is.

    A guard on one loop cuts its range. Guards on several loops are tried at all indices if these
    are few; if they are many, the guards are believed.

    >>> x = Place(-1, (1,))
    >>> outside(x, 5, (7,)), outside(x, 5, (7,), (Guard(x, 5),))
    (-1, None)
    """
    if 0 in loops:
        return None
    ranges = _cut([(0, extent - 1) for extent in loops], guards)
    if ranges is None:
        return None
    bounds = _interval(place, ranges)
    wrong = next((bound for bound in bounds if not 0 <= bound < size), None)
    several = [g for g in guards if sum(map(bool, g.place.coefs)) > 1]
    if wrong is None or not several:
        return wrong
    return _tried(place, size, ranges, several)


def _interval(place: Place, ranges: Ranges) -> tuple[int, int]:
    ends = [
        sorted((coef * first, coef * last))
        for coef, (first, last) in zip(place.coefs, ranges, strict=True)
    ]
    return place.offset + sum(e[0] for e in ends), place.offset + sum(e[1] for e in ends)


def _cut(ranges: Ranges, guards: Sequence[Guard]) -> Ranges | None:
    """Return the ranges in which guards on at most one loop hold; None where they hold nowhere."""
    ranges = list(ranges)
    for guard in guards:
        loops = [k for k, coef in enumerate(guard.place.coefs) if coef]
        if not loops and not 0 <= guard.place.offset < guard.length:
            return None
        if len(loops) == 1:
            first, last = _solved(guard, guard.place.coefs[loops[0]])
            old = ranges[loops[0]]
            ranges[loops[0]] = max(old[0], first), min(old[1], last)
    return None if any([first > last for first, last in ranges]) else ranges


def _solved(guard: Guard, coef: int) -> tuple[int, int]:
    """Return the first and the last i with 0 <= offset + coef * i < length."""
    low, high = -guard.place.offset, guard.length - 1 - guard.place.offset
    if coef < 0:
        low, high, coef = -high, -low, -coef
    return -(-low // coef), high // coef


def _tried(place: Place, size: int, ranges: Ranges, guards: Sequence[Guard]) -> int | None:
    """Look at all indices of the loops that matter."""
    used = [k for k, _ in enumerate(ranges) if any(_coefs(k, place, guards))]
    if math.prod(ranges[k][1] - ranges[k][0] + 1 for k in used) > MOST_POINTS:
        return None
    axes = [np.arange(ranges[k][0], ranges[k][1] + 1) for k in used]
    grid = np.meshgrid(*axes, indexing="ij", sparse=True)
    total = sum((place.coefs[k] * i for k, i in zip(used, grid, strict=True)), np.int64(0))
    values = place.offset + total
    wrong = (values < 0) | (values >= size)
    for guard in guards:
        parts = [guard.place.coefs[k] * i for k, i in zip(used, grid, strict=True)]
        value = guard.place.offset + sum(parts, np.int64(0))
        wrong = wrong & (value >= 0) & (value < guard.length)
    found = np.broadcast_to(values, np.shape(wrong))[wrong]
    return int(found[0]) if found.size else None


def _coefs(loop: int, place: Place, guards: Sequence[Guard]) -> Iterator[int]:
    yield place.coefs[loop]
    yield from (g.place.coefs[loop] for g in guards)
