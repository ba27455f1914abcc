"""Indexing by arrays of positions: gather (take) and its adjoint, scatter-add."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import Array, DType
from ..errors import ShapeError
from ..graph import (
    NotDifferentiable,
    Shape,
    Tensor,
    TensorLike,
    TensorType,
    as_tensor,
    function,
    primitive,
)
from .movement import broadcast_to
from .rules import (
    as_indices,
    broadcast_reads,
    broadcast_shapes,
    index_names,
    normalize_axis,
    promoted_numeric,
    to_index,
)
from .scatter_kernel import add_flat, add_rows, bounds_error, flat_places, in_bounds


def _first_dtype(kind: DType, *_: DType, **__: Any) -> DType:
    return kind


def _loops(names: Sequence[str], shape: Shape) -> str:
    return ", ".join(f"{name} < {n}" for name, n in zip(names, shape, strict=True))


# --- whole slices along one axis: take and scatter_add ---------------------------------------


def _take_shape(shape: Shape, indices: Shape, *, axis: int) -> Shape:
    at = normalize_axis(axis, len(shape), "take")
    return (*shape[:at], *indices, *shape[at + 1 :])


def _gathered(out: list[str], at: int, rank: int, length: int, indices: str) -> list[str]:
    """Return the place in x of element ``out`` of take's result; % makes negatives count back."""
    picked = f"{indices}[{', '.join(out[at : at + rank])}] % {max(1, length)}"
    return [*out[:at], picked, *out[at + rank :]]


def _take_notation(x: TensorType, indices: TensorType, *, axis: int) -> str:
    assert x.shape is not None
    assert indices.shape is not None
    at, rank = axis % len(x.shape), len(indices.shape)
    out = index_names(len(x.shape) - 1 + rank)
    source = _gathered(out, at, rank, x.shape[at], "indices")
    return f"out[{', '.join(out)}] = x[{', '.join(source)}]"


@primitive(
    shape=_take_shape,
    dtype=_first_dtype,
    vjp=(lambda g, y, x, i, axis: _scatter(g, i, length=x.shape[axis], axis=axis), None),
    notation=_take_notation,
)
def _take(x: Array, indices: Array, *, axis: int) -> Array:
    """Pick slices along an axis by their positions."""
    places = indices.astype(np.intp, copy=False)
    try:
        if x.flags.c_contiguous:
            return np.asarray(x.take(places, axis))
        return np.asarray(x[(slice(None),) * (axis % x.ndim) + (places,)])
    except IndexError:
        raise bounds_error(places, x.shape[axis], "take") from None


def _scatter_shape(updates: Shape, indices: Shape, *, length: int, axis: int) -> Shape:
    rank = len(updates) - len(indices) + 1
    at = normalize_axis(axis, rank, "scatter_add")
    if updates[at : at + len(indices)] != indices:
        raise ShapeError(
            "scatter_add", required=f"updates with the shape of the indices, {indices}, at {at}",
            received=f"shape {updates}",
        )  # fmt: skip
    return (*updates[:at], length, *updates[at + len(indices) :])


def _scatter_notation(updates: TensorType, indices: TensorType, *, length: int, axis: int) -> str:
    assert updates.shape is not None
    assert indices.shape is not None
    rank = len(indices.shape)
    at, names = axis % (len(updates.shape) - rank + 1), index_names(len(updates.shape))
    place = ", ".join(_gathered(names, at, rank, length, "indices"))
    return f"for {_loops(names, updates.shape)}: out[{place}] += updates[{', '.join(names)}]"


@primitive(
    shape=_scatter_shape,
    dtype=_first_dtype,
    vjp=(lambda g, y, u, i, length, axis: _take(g, i, axis=axis), None),
    notation=_scatter_notation,
)
def _scatter(updates: Array, indices: Array, *, length: int, axis: int) -> Array:
    """Add slices up at their positions along an axis of zeros: the adjoint of take."""
    at = axis % (updates.ndim - indices.ndim + 1)
    before, after = updates.shape[:at], updates.shape[at + indices.ndim :]
    places = in_bounds(indices.ravel(), length, "scatter_add")
    rows = np.moveaxis(updates.reshape(*before, places.size, *after), at, 0)
    width = int(np.prod(before + after, dtype=np.int64))
    total = add_rows(rows.reshape(places.size, width), places, length)
    return np.moveaxis(total.reshape(length, *before, *after), 0, at)


@function
def take(x: TensorLike, indices: TensorLike, *, axis: int | None = None) -> Tensor:
    """Pick slices along an axis by their positions: y[..., i, ...] = x[..., indices[i], ...].

    (A..., n, B...) and (I...) -> (A..., I..., B...). Negative indices count from the end. ``axis``
    may be left out for one axis. Raises BoundsError for an index outside of [-n, n).

    >>> take(tensor([10.0, 20.0, 30.0]), tensor([2, 0, -1]))
    tensor([30., 10., 30.])
    """
    node, places = as_tensor(x), as_indices(indices, "take")
    if axis is None and node.ndim != 1:
        raise ShapeError(
            "take", required="axis=..., unless x has one axis", received=f"shape {node.shape}"
        )
    return _take(node, places, axis=axis or 0)


@function
def scatter_add(
    x: TensorLike, indices: TensorLike, updates: TensorLike, *, axis: int = 0
) -> Tensor:
    """Add slices at positions along an axis: y = x, then y[indices[i]] += updates[i] for all i.

    Updates of one position add up. x is (A..., n, B...), indices are (I...); ``updates`` broadcasts
    to (A..., I..., B...). Raises BoundsError for an index outside of [-n, n).

    >>> scatter_add(tensor([1.0, 1.0, 1.0]), tensor([0, 2, 2]), tensor([10.0, 20.0, 30.0]))
    tensor([11.,  1., 51.])
    """
    base, added = promoted_numeric([x, updates])
    places = as_indices(indices, "scatter_add")
    at = normalize_axis(axis, base.ndim, "scatter_add")
    spread = broadcast_to(added, _take_shape(base.shape, places.shape, axis=at))
    return base + _scatter(spread, places, length=base.shape[at], axis=at)


# --- one element at each position: take_along_axis and add_along_axis ------------------------


def _along_shape(shape: Shape, indices: Shape, *, axis: int) -> Shape:
    at = normalize_axis(axis, len(shape), "take_along_axis")
    _check_alike(shape, indices, at, "take_along_axis")
    return indices


def _check_alike(shape: Shape, indices: Shape, at: int, what: str) -> None:
    if len(shape) != len(indices) or any(
        n != m for k, (n, m) in enumerate(zip(shape, indices, strict=True)) if k != at
    ):
        raise ShapeError(
            what, required=f"indices of x's shape, except along axis {at}",
            received=f"shape {indices} for x of shape {shape}",
        )  # fmt: skip


def _picked(names: list[str], at: int, length: int) -> str:
    place = f"indices[{', '.join(names)}] % {max(1, length)}"
    return ", ".join([*names[:at], place, *names[at + 1 :]])


def _along_notation(x: TensorType, indices: TensorType, *, axis: int) -> str:
    assert x.shape is not None
    at, out = axis % len(x.shape), index_names(len(x.shape))
    return f"out[{', '.join(out)}] = x[{_picked(out, at, x.shape[at])}]"


@primitive(
    shape=_along_shape,
    dtype=_first_dtype,
    vjp=(lambda g, y, x, i, axis: _put_along_axis(g, i, length=x.shape[axis], axis=axis), None),
    notation=_along_notation,
)
def _take_along_axis(x: Array, indices: Array, *, axis: int) -> Array:
    """Pick one element along an axis for each position."""
    at = axis % x.ndim
    places = in_bounds(indices, x.shape[at], "take_along_axis")
    return x.ravel().take(flat_places(places, at, x.shape[at])).reshape(indices.shape)


def _put_shape(updates: Shape, indices: Shape, *, length: int, axis: int) -> Shape:
    at = normalize_axis(axis, len(indices), "add_along_axis")
    if updates != indices:
        raise ShapeError(
            "add_along_axis", required=f"updates of the indices' shape {indices}",
            received=f"shape {updates}",
        )  # fmt: skip
    return (*indices[:at], length, *indices[at + 1 :])


def _put_notation(updates: TensorType, indices: TensorType, *, length: int, axis: int) -> str:
    assert updates.shape is not None
    names = index_names(len(updates.shape))
    place = _picked(names, axis % len(names), length)
    return f"for {_loops(names, updates.shape)}: out[{place}] += updates[{', '.join(names)}]"


@primitive(
    shape=_put_shape,
    dtype=_first_dtype,
    vjp=(lambda g, y, u, i, length, axis: _take_along_axis(g, i, axis=axis), None),
    notation=_put_notation,
)
def _put_along_axis(updates: Array, indices: Array, *, length: int, axis: int) -> Array:
    """Add elements up at their positions along an axis of zeros: take_along_axis's adjoint."""
    at = axis % updates.ndim
    shape = (*updates.shape[:at], length, *updates.shape[at + 1 :])
    size = int(np.prod(shape, dtype=np.int64))
    places = flat_places(in_bounds(indices, length, "add_along_axis"), at, length).ravel()
    if updates.shape[at] != 1:
        return add_flat(updates.ravel(), places, size).reshape(shape)
    result = np.zeros(size, updates.dtype)
    result[places] = updates.ravel()  # one update for each line along the axis: none meet
    return result.reshape(shape)


@function
def take_along_axis(x: TensorLike, indices: TensorLike, *, axis: int = -1) -> Tensor:
    """Pick elements along an axis, at positions of their own for each line along it.

    y[a, i, b] = x[a, indices[a, i, b], b] with i on the axis; the other axes broadcast. Raises
    BoundsError for an index outside of [-n, n).

    >>> take_along_axis(tensor([[1.0, 2.0], [3.0, 4.0]]), tensor([[1], [0]]), axis=1)
    tensor([[2.],
            [3.]])
    """
    node, places = as_tensor(x), as_indices(indices, "take_along_axis")
    if node._shape is not None and places._shape is not None:
        node, places = _aligned(node, places, axis, "take_along_axis")
    return _take_along_axis(node, places, axis=axis)


def _aligned(x: Tensor, indices: Tensor, axis: int, what: str) -> tuple[Tensor, Tensor]:
    """Broadcast the axes other than ``axis`` against each other."""
    at = normalize_axis(axis, x.ndim, what)
    if indices.ndim != x.ndim:
        _check_alike(x.shape, indices.shape, at, what)
    rest = broadcast_shapes(
        *[(*s[:at], 1, *s[at + 1 :]) for s in (x.shape, indices.shape)], what=what
    )
    shapes = [(*rest[:at], node.shape[at], *rest[at + 1 :]) for node in (x, indices)]
    return broadcast_to(x, shapes[0]), broadcast_to(indices, shapes[1])


@function
def add_along_axis(
    x: TensorLike, indices: TensorLike, updates: TensorLike, *, axis: int = -1
) -> Tensor:
    """Add elements at positions along an axis, positions of their own for each line along it.

    y = x, then y[a, indices[a, i, b], b] += updates[a, i, b] for all a, i, b with i on the axis.
    Updates of one position add up; ``updates`` broadcasts to the indices' shape, which is x's
    except along the axis. Raises BoundsError for an index outside of [-n, n).

    >>> add_along_axis(tensor([[1.0, 2.0], [3.0, 4.0]]), tensor([[1], [0]]), 10.0, axis=1)
    tensor([[ 1., 12.],
            [13.,  4.]])
    """
    base, added = promoted_numeric([x, updates])
    places = as_indices(indices, "add_along_axis")
    at = normalize_axis(axis, base.ndim, "add_along_axis")
    _check_alike(base.shape, places.shape, at, "add_along_axis")
    spread = broadcast_to(added, places.shape)
    return base + _put_along_axis(spread, places, length=base.shape[at], axis=at)


# --- several positions as one ----------------------------------------------------------------


def _flat_notation(*types: TensorType, lengths: tuple[int, ...]) -> str:
    shapes = [t.shape for t in types if t.shape is not None]
    out = index_names(len(broadcast_shapes(*shapes)))
    text = "0"
    for k, (shape, n) in enumerate(zip(shapes, lengths, strict=True)):
        read = f"x{k}[{', '.join(broadcast_reads(out, shape))}] % {max(1, n)}"
        text = read if k == 0 else f"({text}) * {n} + {read}"
    return f"out[{', '.join(out)}] = {text}"


@primitive(
    shape=lambda *shapes, lengths: broadcast_shapes(*shapes, what="indices"),
    dtype=to_index,
    vjp=NotDifferentiable("indices have no derivative"),
    notation=_flat_notation,
)
def flat_index(*indices: Array, lengths: tuple[int, ...]) -> Array:
    """Merge one index per axis into the index of the flattened axes: (i * n1 + j) * n2 + k ..."""
    result: Any = 0
    for places, length in zip(indices, lengths, strict=True):
        result = result * length + in_bounds(places, length, "indexing")
    return np.asarray(result, np.int64)
