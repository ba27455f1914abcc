"""Movement: reshape, permute, broadcast, slice, pad. Places change, data stays."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from ...dtypes import DType
from ...graph import Tensor
from ..ir.expr import Expr, Guard, Place, Shape, const, inside, make, moved, read
from ..ir.kernels import Array
from .lowering import Lowering, lowers
from .order import axis_order
from .value import Residues, Value, guard_reads, of_array, strides_of, whole


@lowers("reshape", moves=True)
def reshape(low: Lowering, node: Tensor, x: Value, **_: Any) -> Value:
    """Split and merge axes; where strides do not allow it, the array is stored row by row first."""
    x, shape = low.plain(x), node.shape
    if x.shape == shape:
        return x
    if 0 in shape:
        return whole(shape, moved([x.expr], lambda p: Place(p.offset, (0,) * len(shape)))[0])
    groups = _groups(x.shape, shape)
    try:
        return x.change(shape, lambda p: _regrouped(p, groups, x.shape, shape))
    except _Entangled:
        return _merged(low, x, shape)


def _merged(low: Lowering, x: Value, shape: Shape) -> Value:
    """Return the value with other axes, stored row by row; a batch that is innermost stays so."""
    batch = x.shape[0] == shape[0] and axis_order(x)[-1] == 0
    array = low.array(x.shape, x.dtype, _rows(x.shape, batch)) if batch else low.row_major(x)
    if batch:
        low.store(array, x)
    steps = strides_of(shape, _rows(shape, batch))
    strides = tuple([0 if n == 1 else s for n, s in zip(shape, steps, strict=True)])
    return whole(shape, read(array.buffer, Place(0, strides)))


def _rows(shape: Shape, batch: bool) -> list[int]:
    return [*range(1, len(shape)), 0] if batch else list(range(len(shape)))


class _Entangled(Exception):  # noqa: N818  (not an error: an answer)
    """Merged axes do not lie behind each other."""


def _groups(old: Shape, new: Shape) -> list[tuple[list[int], list[int]]]:
    """Pair runs of old axes with runs of new ones that have as many elements; ones are left out."""
    olds = [k for k, n in enumerate(old) if n != 1]
    news = [k for k, n in enumerate(new) if n != 1]
    groups = []
    while olds or news:
        a, b = [olds.pop(0)], [news.pop(0)]
        left, right = old[a[0]], new[b[0]]
        while left != right:
            if left < right:
                a.append(olds.pop(0))
                left *= old[a[-1]]
            else:
                b.append(news.pop(0))
                right *= new[b[-1]]
        groups.append((a, b))
    return groups


def _regrouped(
    place: Place, groups: list[tuple[list[int], list[int]]], old: Shape, new: Shape
) -> Place:
    coefs = [0] * len(new)
    for merged, split in groups:
        for outer, inner in itertools.pairwise(merged):
            if place.coefs[outer] != place.coefs[inner] * old[inner]:
                raise _Entangled
        step = place.coefs[merged[-1]]
        for axis in reversed(split):
            coefs[axis] = step
            step *= new[axis]
    return Place(place.offset, tuple(coefs))


@lowers("permute_dims", moves=True)
def permute_dims(low: Lowering, node: Tensor, x: Value, *, axes: Sequence[int]) -> Value:
    """Axis k of the result is axis axes[k] of x."""
    pieces = {
        tuple([r[k] for k in axes]): moved([e], lambda p: p.permuted(axes))[0]
        for r, e in x.pieces.items()
    }
    return Value(node.shape, pieces, tuple([x.steps[k] for k in axes]))


@lowers("broadcast_to", moves=True)
def broadcast_to(low: Lowering, node: Tensor, x: Value, **_: Any) -> Value:
    """Axes of length 1 are read again and again."""
    return low.broadcast(x, node.shape)


@lowers("identity", "detach", "stop_gradient", moves=True)
def identity(low: Lowering, node: Tensor, x: Value, **_: Any) -> Value:
    """Nothing happens to the value."""
    return x


@lowers("slice", moves=True)
def slice_(low: Lowering, node: Tensor, x: Value, *, slices: Any) -> Value:
    """Element i of an axis is element start + i * step."""
    if not _independent(x, x.shape, slices):
        x = low.stored(x)
    pieces = {r: moved([e], lambda p: _strided(p, slices))[0] for r, e in x.pieces.items()}
    return Value(node.shape, pieces, x.steps)


def _independent(x: Value, shape: Shape, slices: Any) -> bool:
    """Whether only axes are sliced along which the value is in one piece."""
    return all(
        step == 1 or (start, n, d) == (0, length, 1)
        for step, length, (start, n, d) in zip(x.steps, shape, slices, strict=True)
    )


def _strided(place: Place, slices: Any) -> Place:
    offset = sum(c * start for c, (start, _, _) in zip(place.coefs, slices, strict=True))
    coefs = [c * step if n != 1 else 0 for c, (_, n, step) in zip(place.coefs, slices, strict=True)]
    return Place(place.offset + offset, tuple(coefs))


@lowers("unslice")
def unslice(low: Lowering, node: Tensor, x: Value, *, shape: Shape, slices: Any) -> Value:
    """Put elements where a slice took them from: pieces by remainder, zero but for one of them."""
    if not _independent(x, shape, slices):
        x = low.stored(x)
    turned = [d < 0 for _, _, d in slices]
    forward = [(s, n, d) if d > 0 else (s + (n - 1) * d, n, -d) for s, n, d in slices]
    spread = tuple([d for _, _, d in forward])
    home = tuple([start % d for start, _, d in forward])
    first = [start // d for start, _, d in forward]
    whole_steps = [-(-(n - r) // d) for n, r, d in zip(shape, home, spread, strict=True)]
    guards = _window(first, [n for _, n, _ in forward], whole_steps)
    zero = const(0.0 if x.dtype.is_floating else 0, x.dtype)
    pieces = {}
    for residues in itertools.product(*map(range, x.steps)):
        moved_piece = _from(_flipped(x.pieces[residues], x.shape, turned), first)
        placed = guarded(moved_piece, guards)
        for at in itertools.product(*map(range, spread)):
            own = tuple(map(max, residues, at))  # of each axis one of them is 0
            pieces[own] = placed if at == home else zero
    return Value(shape, pieces, tuple(map(max, x.steps, spread)))


def _flipped(expr: Expr, shape: Shape, turned: list[bool]) -> Expr:
    if not any(turned):
        return expr

    def change(place: Place) -> Place:
        pairs = list(zip(place.coefs, shape, turned, strict=True))
        offset = sum(c * (n - 1) for c, n, flip in pairs if flip)
        return Place(place.offset + offset, tuple([-c if flip else c for c, _, flip in pairs]))

    return moved([expr], change)[0]


def _window(first: Sequence[int], counts: Sequence[int], whole: Sequence[int]) -> tuple[Guard, ...]:
    """Return the conditions under which a place lies in first .. first + count - 1."""
    guards = []
    for axis, (start, count, length) in enumerate(zip(first, counts, whole, strict=True)):
        if start or count != length:
            unit = tuple([int(k == axis) for k in range(len(first))])
            guards.append(Guard(Place(-start, unit), count))
    return tuple(guards)


def _from(expr: Expr, first: Sequence[int]) -> Expr:
    """Return the formula with its axes counted from ``first``."""

    def change(place: Place) -> Place:
        offset = sum(c * s for c, s in zip(place.coefs, first, strict=True))
        return Place(place.offset - offset, place.coefs)

    return moved([expr], change)[0]


def one_piece(shape: Shape, steps: tuple[int, ...], home: Residues, expr: Expr) -> Value:
    """Return the value that is a formula at one remainder of each axis, 0 at all others."""
    zero = const(0.0 if expr.dtype.is_floating else 0, expr.dtype)
    pieces = dict.fromkeys(itertools.product(*map(range, steps)), zero)
    pieces[home] = expr
    return Value(shape, pieces, steps)


def guarded(expr: Expr, guards: tuple[Guard, ...], other: float = 0.0) -> Expr:
    """Return the formula where the guards hold, another number elsewhere."""
    if not guards:
        return expr
    if any(guard.length == 0 for guard in guards):
        return number(other, expr.dtype)
    safe = guard_reads(expr, guards)
    if expr.kind == "read" and other == 0:
        return safe
    return make("where", expr.dtype, (inside(guards), safe, number(other, expr.dtype)))


def number(value: float, dtype: DType) -> Expr:
    """Return a number that floating or other data types can have."""
    return const(float(value) if dtype.is_floating else value, dtype)


@lowers("pad")
def pad(
    low: Lowering, node: Tensor, x: Value, *, padding: Sequence[tuple[int, int]], value: float = 0
) -> Value:
    """One number around; negative amounts crop."""
    x = low.plain(x)
    if 0 in node.shape or x.size == 0:
        return whole(node.shape, number(value, x.dtype))
    before = [lo for lo, _ in padding]
    guards = [
        Guard(Place(-lo, tuple([int(k == axis) for k in range(len(before))])), n)
        for axis, (n, (lo, hi)) in enumerate(zip(x.shape, padding, strict=True))
        if lo > 0 or hi > 0
    ]
    return whole(node.shape, guarded(_from(x.expr, before), tuple(guards), value))


@lowers("concat")
def concat(low: Lowering, node: Tensor, *xs: Value, axis: int) -> Value:
    """Store the parts one behind the other."""
    at = axis % len(node.shape)
    largest = max(xs, key=lambda x: x.size)
    target = low.array(node.shape, node.dtype, axis_order(largest))
    start = 0
    for x in xs:
        offset = start * target.strides[at]
        if x.size:
            low.store(Array(target.buffer, x.shape, target.strides, offset), x)
        start += x.shape[at]
    return of_array(target)
