"""Creation: constants of a given shape, and what is cut from or placed among them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import dtypes
from ..dtypes import Array, DType, DTypeLike
from ..errors import ArgumentError, BoundsError, MemoryLimitError, ShapeError
from ..graph import (
    NotDifferentiable,
    Shape,
    Tensor,
    TensorLike,
    TensorType,
    as_tensor,
    constant,
    function,
    primitive,
)
from ..graph.tensor import tensor
from ..settings import DEFAULT_FLOAT
from .choice import astype, where
from .movement import broadcast_to, reshape
from .rules import as_indices, broadcast_shapes

Dims = int | Sequence[int]


def as_shape(shape: Dims, what: str) -> Shape:
    """Return a shape as a tuple; ShapeError unless all lengths are integers >= 0."""
    listed = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
    if any(isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 0 for n in listed):
        raise ShapeError(what, required="lengths that are integers >= 0", received=str(listed))
    return tuple(int(n) for n in listed)


def _made(what: str, count: float, kind: DType, make: Callable[[], Array]) -> Tensor:
    """Wrap what ``make`` returns; if there is no room, say how many bytes it would take."""
    try:
        return as_tensor(make(), kind)
    except (MemoryError, ValueError):
        raise MemoryLimitError(
            what, required=f"{count * kind.itemsize:.3g} bytes of memory",
            received="a machine with less",
        ) from None  # fmt: skip


def _kind(dtype: DTypeLike | None, default: DType = DEFAULT_FLOAT) -> DType:
    return default if dtype is None else dtypes.dtype(dtype)


# --- filled with one value -----------------------------------------------------------------


@function
def zeros(shape: Dims, *, dtype: DTypeLike | None = None) -> Tensor:
    """Return zeros of a shape (float32 by default).

    >>> zeros((2, 3))
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    dims, kind = as_shape(shape, "zeros"), _kind(dtype)
    return _made("zeros", math.prod(dims), kind, lambda: np.zeros(dims, kind.compute))


@function
def ones(shape: Dims, *, dtype: DTypeLike | None = None) -> Tensor:
    """Return ones of a shape (float32 by default).

    >>> ones(3, dtype="int64")
    tensor([1, 1, 1])
    """
    return full(shape, 1, dtype=_kind(dtype))


@function
def full(shape: Dims, fill_value: Any, *, dtype: DTypeLike | None = None) -> Tensor:
    """Return a shape filled with one value; without ``dtype`` the value's type decides.

    >>> full((2,), 7.5)
    tensor([7.5, 7.5])
    """
    dims, value = as_shape(shape, "full"), as_tensor(fill_value)
    if value.shape != ():
        raise ShapeError("full", required="one value", received=f"shape {value.shape}")
    kind = _kind(dtype, value.dtype)
    number = value.value.astype(kind.compute)
    return _made("full", math.prod(dims), kind, lambda: np.full(dims, number))


@function
def empty(shape: Dims, *, dtype: DTypeLike | None = None) -> Tensor:
    """Return a shape of zeros: unlike elsewhere never garbage, so that runs repeat.

    >>> empty(2)
    tensor([0., 0.])
    """
    return zeros(shape, dtype=dtype)


@function
def zeros_like(x: TensorLike, *, dtype: DTypeLike | None = None) -> Tensor:
    """Return zeros of another tensor's shape and (by default) type.

    >>> zeros_like(tensor([1, 2]))
    tensor([0, 0])
    """
    node = as_tensor(x)
    return zeros(node.shape, dtype=_kind(dtype, node.dtype))


@function
def ones_like(x: TensorLike, *, dtype: DTypeLike | None = None) -> Tensor:
    """Return ones of another tensor's shape and (by default) type.

    >>> ones_like(tensor([1, 2]))
    tensor([1, 1])
    """
    return full_like(x, 1, dtype=dtype)


@function
def full_like(x: TensorLike, fill_value: Any, *, dtype: DTypeLike | None = None) -> Tensor:
    """Return one value in another tensor's shape and (by default) type.

    >>> full_like(tensor([1.0, 2.0]), 7)
    tensor([7., 7.])
    """
    node = as_tensor(x)
    return full(node.shape, fill_value, dtype=_kind(dtype, node.dtype))


@function
def empty_like(x: TensorLike, *, dtype: DTypeLike | None = None) -> Tensor:
    """Return zeros of another tensor's shape and (by default) type; see ``empty``.

    >>> empty_like(tensor([1, 2]))
    tensor([0, 0])
    """
    return zeros_like(x, dtype=dtype)


# --- numbers in order ----------------------------------------------------------------------


@function
def arange(
    start: float, stop: float | None = None, step: float = 1, *, dtype: DTypeLike | None = None
) -> Tensor:
    """Return start, start + step, ... up to, without, ``stop``; ``arange(n)`` starts at 0.

    Integers give int64, else float32. Raises ArgumentError for a step of 0.

    >>> arange(3), arange(1.0, 2.0, 0.5)
    (tensor([0, 1, 2]), tensor([1. , 1.5]))
    """
    first, end = (0, start) if stop is None else (start, stop)
    if step == 0 or not all(math.isfinite(n) for n in (first, end, step)):
        raise ArgumentError(
            "arange", required="finite numbers and a step other than 0",
            received=f"start {first}, stop {end}, step {step}",
        )  # fmt: skip
    whole = all(isinstance(n, int | np.integer) for n in (first, end, step))
    kind = _kind(dtype, dtypes.int64 if whole else DEFAULT_FLOAT)
    count = max(0, math.ceil((end - first) / step))

    def make() -> Array:
        steps: Array = np.arange(count, dtype=np.int64 if whole else np.float64)
        return steps * step + first

    return _made("arange", count, kind, make)


@function
def linspace(
    start: float, stop: float, num: int, *, dtype: DTypeLike | None = None, endpoint: bool = True
) -> Tensor:
    """Return ``num`` evenly spaced numbers from start to stop (included unless endpoint=False).

    >>> linspace(0, 1, 5)
    tensor([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    (count,) = as_shape(num, "linspace")
    spaced = lambda: np.linspace(start, stop, count, endpoint=endpoint)  # noqa: E731
    return _made("linspace", count, _kind(dtype), spaced)


# --- matrices ------------------------------------------------------------------------------


@function
def eye(
    n_rows: int, n_cols: int | None = None, *, k: int = 0, dtype: DTypeLike | None = None
) -> Tensor:
    """Return ones on the k-th diagonal (k > 0: above the main one), zeros elsewhere.

    >>> eye(2, 3, k=1)
    tensor([[0., 1., 0.],
            [0., 0., 1.]])
    """
    rows, cols = as_shape((n_rows, n_rows if n_cols is None else n_cols), "eye")
    kind = _kind(dtype)
    return _made("eye", rows * cols, kind, lambda: np.eye(rows, cols, k, kind.compute))


def _triangle(x: TensorLike, k: int, lower: bool, what: str) -> Tensor:
    node = as_tensor(x)
    if node.ndim < 2:
        raise ShapeError(what, required="2 axes or more", received=f"shape {node.shape}")
    rows, columns = node.shape[-2:]
    below = constant(np.tri(rows, columns, k if lower else k - 1, dtype=np.bool_))
    return where(below, node, 0) if lower else where(below, 0, node)


@function
def tril(x: TensorLike, *, k: int = 0) -> Tensor:
    """Keep the elements on and below the k-th diagonal of the last two axes; zeros elsewhere.

    y[..., i, j] = x[..., i, j] if j - i <= k else 0.

    >>> tril(tensor([[1, 2], [3, 4]]))
    tensor([[1, 0],
            [3, 4]])
    """
    return _triangle(x, k, True, "tril")


@function
def triu(x: TensorLike, *, k: int = 0) -> Tensor:
    """Keep the elements on and above the k-th diagonal of the last two axes; zeros elsewhere.

    y[..., i, j] = x[..., i, j] if j - i >= k else 0.

    >>> triu(tensor([[1, 2], [3, 4]]))
    tensor([[1, 2],
            [0, 4]])
    """
    return _triangle(x, k, False, "triu")


@function
def meshgrid(*axes: TensorLike, indexing: str = "xy") -> tuple[Tensor, ...]:
    """Return the coordinates of the grid that one-dimensional axes span, one tensor per axis.

    ``indexing="ij"``: axis k varies along axis k of the results; ``"xy"``: the first two are
    exchanged, as in drawings.

    >>> meshgrid(tensor([1, 2]), tensor([3, 4, 5]), indexing="ij")[0]
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    nodes = [as_tensor(x) for x in axes]
    if indexing not in ("xy", "ij") or any(n.ndim != 1 for n in nodes):
        raise ArgumentError(
            "meshgrid", required="axes of one dimension, and indexing 'xy' or 'ij'",
            received=f"shapes {[n.shape for n in nodes]}, indexing {indexing!r}",
        )  # fmt: skip
    rank = len(nodes)
    places = [1, 0, *range(2, rank)] if indexing == "xy" and rank > 1 else list(range(rank))
    lined = [
        reshape(node, [-1 if k == place else 1 for k in range(rank)])
        for node, place in zip(nodes, places, strict=True)
    ]
    shape = broadcast_shapes(*[n.shape for n in lined], what="meshgrid")
    return tuple(broadcast_to(n, shape) for n in lined)


# --- from what the user has ----------------------------------------------------------------


@function
def asarray(x: TensorLike, *, dtype: DTypeLike | None = None, copy: bool | None = None) -> Tensor:
    """Return numbers, lists or an array as a tensor; a tensor stays itself.

    An array is not copied unless ``copy=True`` (then ``copy`` also detaches a tensor).

    >>> asarray([1, 2], dtype="float32")
    tensor([1., 2.])
    """
    kind = None if dtype is None else dtypes.dtype(dtype)
    if copy:
        return tensor(x, kind)
    node = as_tensor(x, kind)
    return node if kind is None else astype(node, kind)


def _one_hot_notation(indices: TensorType, *, num_classes: int) -> str:
    assert indices.shape is not None
    places = ", ".join(f"i{k}" for k in range(len(indices.shape)))
    last = f"i{len(indices.shape)}"
    return f"out[{places + ', ' if places else ''}{last}] = 1 if indices[{places}] == {last} else 0"


@primitive(
    shape=lambda shape, num_classes: (*shape, num_classes),
    dtype=lambda kind, num_classes: DEFAULT_FLOAT,
    vjp=NotDifferentiable("indices have no derivative"),
    notation=_one_hot_notation,
)
def _one_hot(indices: Array, *, num_classes: int) -> Array:
    """Put a one at each index."""
    wrong = (indices < 0) | (indices >= num_classes)
    if wrong.any():
        raise BoundsError(
            "one_hot", required=f"indices in [0, {num_classes})",
            received=f"index {indices[wrong].flat[0]}",
        )  # fmt: skip
    result = np.zeros((indices.size, num_classes), DEFAULT_FLOAT.compute)
    result[np.arange(indices.size), indices.ravel()] = 1
    return result.reshape(*indices.shape, num_classes)


@function
def one_hot(indices: TensorLike, num_classes: int, *, dtype: DTypeLike | None = None) -> Tensor:
    """Return vectors with a one at each index: y[..., c] = 1 if indices[...] == c else 0.

    (...) -> (..., num_classes). Raises BoundsError for an index outside of [0, num_classes).

    >>> one_hot(tensor([0, 2]), 3)
    tensor([[1., 0., 0.],
            [0., 0., 1.]])
    """
    (classes,) = as_shape(num_classes, "one_hot")
    return astype(_one_hot(as_indices(indices, "one_hot"), num_classes=classes), _kind(dtype))
