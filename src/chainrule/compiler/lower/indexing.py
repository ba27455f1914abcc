"""Indexing by arrays: reads at computed places, comparisons with a place, and scatters."""

from __future__ import annotations

from ... import dtypes
from ...graph import Tensor
from ..ir.expr import (
    Expr,
    Place,
    Shape,
    cast,
    const,
    gather,
    index,
    make,
    moved,
    rebuild,
    walk,
)
from ..ir.kernels import Array, Fill, Scatter
from .elements import Element, function
from .lowering import Lowering, filled, lowers
from .value import Value, of_array, whole


def position(low: Lowering, node: Tensor, indices: Value, length: int) -> Value:
    """Return indices as positions 0 .. length - 1: negative ones count from the end.

    A run in which one is out of range raises an error; the position is kept inside nevertheless.
    """
    given = Element(cast(low.plain(indices).expr, dtypes.int64))
    if indices.size:
        wrong = function("or", given < -length, given >= length)
        low.check(wrong.expr, indices.shape, f"indices from {-length} to {length - 1}", node.where)
    wrapped = function("where", given < 0, given + length, given)
    kept = function("minimum", function("maximum", wrapped, 0), max(0, length - 1))
    return whole(indices.shape, kept.expr)


def _at(value: Value, axis: int, shape: Shape, where: Value, spread: list[int | None]) -> Value:
    """Return the value's formula with one index computed: ``where`` instead of the axis's own.

    ``spread`` says for each axis of the result which axis of the value it is (None: of ``where``).
    """
    own = {a: k for k, a in enumerate(spread) if a is not None}

    def change(place: Place) -> Place:
        coefs = [0] * len(shape)
        for a, k in own.items():
            coefs[k] = place.coefs[a]
        return Place(place.offset, tuple(coefs))

    def replace(node: Expr) -> Expr | None:
        if node.kind == "index":
            fixed = make("index", node.dtype, (), change(node.payload))
            step = const(node.payload.coefs[axis], dtypes.int64)
            return make("add", node.dtype, (fixed, make("mul", node.dtype, (where.expr, step))))
        if node.kind != "read":
            return None
        buffer, place, _ = node.payload
        return gather(buffer, change(place), [where.expr], [place.coefs[axis]])

    return whole(shape, rebuild([value.expr], replace)[0])


def _indexable(low: Lowering, value: Value) -> Value:
    """Return a value whose formula only reads at places without conditions."""
    value = low.plain(value)
    for node in walk([value.expr]):
        if node.kind in ("gather", "inside") or (node.kind == "read" and node.payload[2]):
            return low.stored(value)
    return value


@lowers("take")
def take(low: Lowering, node: Tensor, x: Value, indices: Value, *, axis: int) -> Value:
    """Slices at positions along an axis."""
    if 0 in node.shape:
        return filled(node.shape, 0, node.dtype)
    at, rank = axis % len(x.shape), len(indices.shape)
    where = position(low, node, indices, x.shape[at])
    behind = len(x.shape) - at - 1
    spread = _around(where, at, behind, node.shape)
    axes: list[int | None] = [*range(at), *[None] * rank, *range(at + 1, len(x.shape))]
    return _at(_indexable(low, x), at, node.shape, spread, axes)


def _around(value: Value, before: int, behind: int, shape: Shape) -> Value:
    """Return a value over more axes, on which it does not depend."""
    return value.change(shape, lambda p: Place(p.offset, (0,) * before + p.coefs + (0,) * behind))


@lowers("take_along_axis")
def take_along_axis(low: Lowering, node: Tensor, x: Value, indices: Value, *, axis: int) -> Value:
    """One element along an axis for each position."""
    if 0 in node.shape:
        return filled(node.shape, 0, node.dtype)
    at = axis % len(x.shape)
    where = position(low, node, indices, x.shape[at])
    axes: list[int | None] = [None if k == at else k for k in range(len(x.shape))]
    return _at(_indexable(low, x), at, node.shape, where, axes)


@lowers("put_along_axis")
def put_along_axis(
    low: Lowering, node: Tensor, updates: Value, indices: Value, *, length: int, axis: int
) -> Value:
    """Zeros with updates added at positions: a comparison where each line has just one."""
    at = axis % len(updates.shape)
    where = position(low, node, indices, length)
    if updates.shape[at] == 1:
        here = index(Place(0, tuple([int(k == at) for k in range(len(node.shape))])))
        spread, values = low.broadcast(where, node.shape), low.broadcast(updates, node.shape)
        hit = make("eq", dtypes.bool, (here, spread.expr))
        return whole(node.shape, function("where", Element(hit), Element(values.expr), 0).expr)
    order = [*[k for k in range(len(updates.shape)) if k != at], at]
    return _scattered(low, node, updates, where, order, at, len(order) - 1)


@lowers("scatter")
def scatter(
    low: Lowering, node: Tensor, updates: Value, indices: Value, *, length: int, axis: int
) -> Value:
    """Zeros with slices added at positions along an axis: the gradient of an embedding."""
    rank = len(indices.shape)
    at = axis % (len(updates.shape) - rank + 1)
    behind = len(updates.shape) - at - rank
    where = position(low, node, indices, length)
    spread = _around(where, at, behind, updates.shape)
    axes = list(range(len(updates.shape)))
    order = [*axes[:at], *axes[at + rank :], *axes[at : at + rank]]
    return _scattered(low, node, updates, spread, order, at, len(order) - rank)


def _scattered(
    low: Lowering, node: Tensor, updates: Value, where: Value, order: list[int], at: int,
    parallel: int,
) -> Value:  # fmt: skip
    """Add updates to zeros, loops in the given order; the first ``parallel`` ones never meet."""
    if 0 in node.shape or updates.size == 0:
        return filled(node.shape, 0, node.dtype)
    target = low.array(node.shape, node.dtype)
    box = (node.shape, target.buffer, Place(0, target.strides))
    low.program.kernels.append(Fill([box], 0.0))
    coefs = _target_coefs(target, at, len(updates.shape))
    value, places = (
        moved([v.expr], lambda p: p.permuted(order))[0] for v in (low.plain(updates), where)
    )
    loops = tuple([updates.shape[k] for k in order])
    low.program.kernels.append(
        Scatter(
            loops, parallel, target.buffer, Place(0, coefs).permuted(order), [places],
            (target.strides[at],), value,
        )
    )  # fmt: skip
    return of_array(target)


def _target_coefs(target: Array, at: int, rank: int) -> tuple[int, ...]:
    """Return the target's strides for the updates' axes; those of the index have none."""
    inner = rank - (len(target.shape) - 1)
    return (*target.strides[:at], *(0,) * inner, *target.strides[at + 1 :])


@lowers("flat_index")
def flat_index(low: Lowering, node: Tensor, *indices: Value, lengths: tuple[int, ...]) -> Value:
    """Several positions as one, row by row."""
    total: Element | None = None
    for given, length in zip(indices, lengths, strict=True):
        place = low.broadcast(position(low, node, given, length), node.shape)
        total = Element(place.expr) if total is None else total * length + Element(place.expr)
    if total is None:
        return filled(node.shape, 0, node.dtype)
    return whole(node.shape, cast(total.expr, node.dtype))


@lowers("one_hot")
def one_hot(low: Lowering, node: Tensor, indices: Value, **attributes: object) -> Value:
    """1 where the last index is the class, 0 elsewhere."""
    rank = len(node.shape)
    here = index(Place(0, (0,) * (rank - 1) + (1,)))
    given = low.plain(indices).change(node.shape, lambda p: Place(p.offset, (*p.coefs, 0)))
    hit = make("eq", dtypes.bool, (here, cast(given.expr, dtypes.int64)))
    return whole(node.shape, cast(hit, node.dtype))
