"""Formulas that differ from region to region of an axis, cut there: no lane computes for nothing.

The gradient of a ``split`` is a sum of its parts' gradients, each with zeros where the others are.
As one formula it would compute all parts at every place; cut, it computes each where it is.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from ..ir.cost import passes
from ..ir.expr import Expr, Guard, const, inside, make, moved, read, walk
from .simplify import simplified
from .value import Value, whole

_LEAST = 16  # indices of a region, below which vectors would be mostly empty
_MOST = 16  # regions


@dataclass(frozen=True)
class Region:
    """A part of a value: its indices from ``first`` on along ``axis``."""

    axis: int
    first: int
    value: Value


def regions(value: Value) -> list[Region]:
    """Cut a value into regions with formulas of their own; none if that saves little."""
    if not value.whole:
        return []
    guards = [g for n in walk([value.expr]) if n.kind == "inside" for g in n.payload]
    axes = {_axis(guard) for guard in guards}
    if len(axes) != 1 or None in axes:
        return []
    (axis,) = axes
    assert axis is not None
    ends = _ends(guards, value.shape[axis])
    parts = list(itertools.pairwise(ends))
    if not 2 <= len(parts) <= _MOST or min(b - a for a, b in parts) < _LEAST:
        return []
    exprs = [_inside(value.expr, axis, a, b) for a, b in parts]
    work = sum((b - a) * passes(e) for (a, b), e in zip(parts, exprs, strict=True))
    if 2 * work > value.shape[axis] * passes(value.expr):
        return []
    return [
        Region(axis, a, _counted_from(value, e, axis, a, b))
        for (a, b), e in zip(parts, exprs, strict=True)
    ]


def _axis(guard: Guard) -> int | None:
    """Return the axis that a guard limits, if it moves with one axis alone, index by index."""
    moving = [k for k, c in enumerate(guard.place.coefs) if c]
    return moving[0] if len(moving) == 1 and guard.place.coefs[moving[0]] == 1 else None


def _ends(guards: Sequence[Guard], length: int) -> list[int]:
    """Return where regions begin and end."""
    starts = {-guard.place.offset for guard in guards}
    stops = {guard.length - guard.place.offset for guard in guards}
    return sorted({0, length, *(at for at in starts | stops if 0 < at < length)})


def _inside(expr: Expr, axis: int, start: int, stop: int) -> Expr:
    """Return the formula for the indices start .. stop - 1: guards on the axis are decided."""
    new: dict[int, Expr] = {}
    for node in walk([expr]):
        if node.kind == "inside":
            left = _undecided(node.payload, axis, start, stop)
            new[id(node)] = inside(left) if left else const(left is not None, node.dtype)
        elif node.kind == "read":
            left = _undecided(node.payload[2], axis, start, stop)
            zero = const(0.0 if node.dtype.is_floating else 0, node.dtype)
            new[id(node)] = zero if left is None else _read(node, left)
        else:
            args = [new[id(a)] for a in node.args]
            again = make(node.kind, node.dtype, tuple(args), node.payload)
            new[id(node)] = simplified(node.kind, args) or again
    return new[id(expr)]


def _read(node: Expr, guards: tuple[Guard, ...]) -> Expr:
    buffer, place, _ = node.payload
    return read(buffer, place, guards)


def _undecided(
    guards: Sequence[Guard], axis: int, start: int, stop: int
) -> tuple[Guard, ...] | None:
    """Return the guards that hold for some of the indices only; None if one never holds."""
    left = []
    for guard in guards:
        low, high = guard.place.offset + start, guard.place.offset + stop
        if _axis(guard) != axis:
            left.append(guard)
        elif high <= 0 or low >= guard.length:
            return None
        elif low < 0 or high > guard.length:
            left.append(guard)
    return tuple(left)


def _counted_from(value: Value, expr: Expr, axis: int, start: int, stop: int) -> Value:
    """Return the formula as a value whose indices along the axis count from ``start``."""
    shape = (*value.shape[:axis], stop - start, *value.shape[axis + 1 :])
    (expr,) = moved([expr], lambda place: place.shifted(start * place.coefs[axis]))
    return whole(shape, expr)
