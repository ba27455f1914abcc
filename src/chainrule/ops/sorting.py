"""Order: sorting and searching. Positions have no derivative; values follow them by gathering."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..dtypes import Array
from ..errors import ArgumentError, GraphError, ShapeError
from ..graph import (
    NotDifferentiable,
    Opaque,
    Shape,
    Tensor,
    TensorLike,
    as_tensor,
    constant,
    function,
    primitive,
)
from .indexing import take_along_axis
from .movement import flatten, reshape
from .reduction import reduced_shape
from .rules import normalize_axis, promoted, to_index

_POSITIONS = NotDifferentiable("positions have no derivative")
_SORTS = Opaque("sorting compares every element with others that depend on the values")


# --- sort ------------------------------------------------------------------------------------


def _checked_axis(shape: Shape, *, axis: int, **_: Any) -> Shape:
    normalize_axis(axis, len(shape), "sort")
    return shape


def _order(x: Array, axis: int, descending: bool) -> Array:
    """Return a stable order; a descending one keeps equal elements in place too."""
    if not descending:
        return np.argsort(x, axis=axis, kind="stable")
    turned = np.argsort(np.flip(x, axis), axis=axis, kind="stable")
    places: Array = x.shape[axis] - 1 - np.flip(turned, axis)
    return places


@primitive(shape=_checked_axis, dtype=to_index, vjp=_POSITIONS, notation=_SORTS)
def _argsort(x: Array, *, axis: int, descending: bool) -> Array:
    """Return the positions that sort x."""
    return _order(x, axis, descending)


@function
def argsort(
    x: TensorLike, *, axis: int = -1, descending: bool = False, stable: bool = True
) -> Tensor:
    """Return the positions that sort x along an axis; equal elements keep their order.

    NaN counts as the largest. The order is always stable, whether or not ``stable`` asks for it.

    >>> argsort(tensor([3.0, 1.0, 2.0]))
    tensor([1, 2, 0])
    """
    return _argsort(as_tensor(x), axis=axis, descending=descending)


@function
def sort(x: TensorLike, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """Sort along an axis; each element's gradient goes back to where the element came from.

    NaN counts as the largest. The order is always stable, whether or not ``stable`` asks for it.

    >>> sort(tensor([3.0, 1.0, 2.0]), descending=True)
    tensor([3., 2., 1.])
    """
    node = as_tensor(x)
    return take_along_axis(node, argsort(node, axis=axis, descending=descending), axis=axis)


def _top_shape(shape: Shape, *, k: int, axis: int, largest: bool) -> Shape:
    at = normalize_axis(axis, len(shape), "top_k")
    if not 0 <= k <= shape[at]:
        raise ShapeError(
            "top_k",
            required=f"0 <= k <= {shape[at]}, the length of axis {axis}",
            received=f"k = {k}",
        )
    return (*shape[:at], k, *shape[at + 1 :])


@primitive(shape=_top_shape, dtype=to_index, vjp=_POSITIONS, notation=_SORTS)
def _top_k(x: Array, *, k: int, axis: int, largest: bool) -> Array:
    """Return the positions of the k largest or smallest elements, in order."""
    ordered = np.moveaxis(_order(x, axis, largest), axis, -1)
    return np.moveaxis(ordered[..., :k], -1, axis)


@function
def top_k(x: TensorLike, k: int, *, axis: int = -1, largest: bool = True) -> tuple[Tensor, Tensor]:
    """Return the k largest (or smallest) elements along an axis, in order, and their positions.

    (..., n, ...) -> two of (..., k, ...). Of equal elements the first comes first. Gradients flow
    through the values. Raises ShapeError unless 0 <= k <= n.

    >>> top_k(tensor([3.0, 1.0, 2.0]), 2)
    (tensor([3., 2.]), tensor([0, 2]))
    """
    node = as_tensor(x)
    places = _top_k(node, k=int(k), axis=axis, largest=largest)
    return take_along_axis(node, places, axis=axis), places


# --- argmax ----------------------------------------------------------------------------------

_SHORT = 32  # up to here, a sweep over whole slices beats NumPy's search of one line at a time
_LARGE = 16384  # elements from which that pays
_BLOCK = 8192  # lines that are searched at once, so that they stay in the cache


def _first_extreme(x: Array, axis: int, greater: Any, extreme: Any, search: Any) -> Array:
    length = x.shape[axis]
    if not 1 < length <= _SHORT or x.size < _LARGE:
        return np.asarray(search(x, axis))
    rest = (*x.shape[:axis], *x.shape[axis + 1 :])
    if axis == x.ndim - 1:
        lines = x.reshape(-1, length).T
    else:
        lines = np.moveaxis(x, axis, 0).reshape(length, -1)
    result = np.empty(lines.shape[1], np.int64)
    for start in range(0, lines.shape[1], _BLOCK):
        block = np.ascontiguousarray(lines[:, start : start + _BLOCK])
        result[start : start + _BLOCK] = _sweep(block, greater, extreme, search)
    return result.reshape(rest)


def _sweep(lines: Array, greater: Any, extreme: Any, search: Any) -> Array:
    """Return the first extreme along axis 0, keeping the best so far of all lines at once."""
    best, place = lines[0].copy(), np.zeros(lines.shape[1], np.uint8)
    for k in range(1, len(lines)):
        better = greater(lines[k], best).view(np.uint8)
        np.multiply(better, np.uint8(k), out=better)
        np.maximum(place, better, out=place)  # k grows: the latest improvement has the largest
        extreme(best, lines[k], out=best)
    if best.dtype.kind == "f" and np.isnan(best).any():
        return np.asarray(search(lines, 0))  # the first NaN wins, and it compares with nothing
    return place


def _nonempty(shape: Shape, *, axis: int, keepdims: bool) -> Shape:
    at = normalize_axis(axis, len(shape), "argmax or argmin")
    if shape[at] == 0:
        raise ShapeError(
            "argmax or argmin", required="at least one element along the axis",
            received=f"shape {shape}, axis {axis}",
        )  # fmt: skip
    return reduced_shape(shape, axis=axis, keepdims=keepdims)


_SEARCHES = Opaque("a search that carries a value and its position")


@primitive(shape=_nonempty, dtype=to_index, vjp=_POSITIONS, notation=_SEARCHES)
def _argmax(x: Array, *, axis: int, keepdims: bool) -> Array:
    """Return the position of the first maximum along an axis."""
    place = _first_extreme(x, axis % x.ndim, np.greater, np.maximum, np.argmax)
    return np.expand_dims(place, axis % x.ndim) if keepdims else place


@primitive(shape=_nonempty, dtype=to_index, vjp=_POSITIONS, notation=_SEARCHES)
def _argmin(x: Array, *, axis: int, keepdims: bool) -> Array:
    """Return the position of the first minimum along an axis."""
    place = _first_extreme(x, axis % x.ndim, np.less, np.minimum, np.argmin)
    return np.expand_dims(place, axis % x.ndim) if keepdims else place


def _along(op: Callable[..., Tensor], x: TensorLike, axis: int | None, keepdims: bool) -> Tensor:
    """Search along one axis, or in the flattened tensor if there is none."""
    node = as_tensor(x)
    if axis is not None:
        return op(node, axis=axis, keepdims=keepdims)
    place = op(flatten(node), axis=0, keepdims=False)
    return reshape(place, (1,) * node.ndim) if keepdims else place


@function
def argmax(x: TensorLike, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Return the position of the first maximum along an axis, or in the flattened tensor.

    NaN counts as the largest. Raises ShapeError if there is nothing to compare.

    >>> argmax(tensor([[1.0, 5.0], [7.0, 7.0]]), axis=1)
    tensor([1, 0])
    """
    return _along(_argmax, x, axis, keepdims)


@function
def argmin(x: TensorLike, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Return the position of the first minimum along an axis, or in the flattened tensor.

    The first NaN wins, if there is one. Raises ShapeError if there is nothing to compare.

    >>> argmin(tensor([[1.0, 5.0], [7.0, 7.0]]), axis=1)
    tensor([0, 0])
    """
    return _along(_argmin, x, axis, keepdims)


# --- search ----------------------------------------------------------------------------------


def _search_shape(ordered: Shape, values: Shape, *, side: str) -> Shape:
    if len(ordered) != 1:
        raise ShapeError(
            "searchsorted", required="a sorted sequence of one axis", received=f"shape {ordered}"
        )
    return values


@primitive(
    shape=_search_shape,
    dtype=to_index,
    prepare=promoted,
    vjp=_POSITIONS,
    notation=Opaque("a binary search"),
)
def _searchsorted(ordered: Array, values: Array, *, side: str) -> Array:
    """Find by bisection where values belong in a sorted sequence."""
    return np.asarray(np.searchsorted(ordered, values, "left" if side == "left" else "right"))


@function
def searchsorted(x1: TensorLike, x2: TensorLike, *, side: str = "left") -> Tensor:
    """Return where each element of x2 belongs in the ascending sequence x1.

    The position i satisfies x1[i - 1] < v <= x1[i] for ``side="left"``, x1[i - 1] <= v < x1[i] for
    ``"right"``.

    >>> searchsorted(tensor([1.0, 2.0, 3.0]), tensor([2.0, 9.0]))
    tensor([1, 3])
    """
    if side not in ("left", "right"):
        raise ArgumentError("searchsorted", required="side 'left' or 'right'", received=repr(side))
    return _searchsorted(x1, x2, side=side)


@function
def unique_values(x: TensorLike) -> Tensor:
    """Return the distinct elements in ascending order, each NaN on its own.

    Their number depends on the values: GraphError for a symbolic tensor.

    >>> unique_values(tensor([3, 1, 3]))
    tensor([1, 3])
    """
    node = as_tensor(x)
    if node.symbolic:
        raise GraphError(
            "unique_values", required="known values: they decide the result's shape",
            received=f"the symbolic node {node.label!r}", where=node.where,
        )  # fmt: skip
    distinct = np.unique(node.value, equal_nan=False)
    return constant(dtypes.encode(distinct, node.dtype), node.dtype)
