"""Movement: the same elements at other places. A compiler melts these into their readers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError, ShapeError
from ..graph import Shape, Tensor, TensorType, as_tensor, function, primitive
from .rules import (
    as_integers,
    broadcast_reads,
    broadcast_shapes,
    index_names,
    normalize_axes,
    normalize_axis,
    unbroadcast,
)

Axis = int | tuple[int, ...] | None


def _read(out: Sequence[str], source: Sequence[str]) -> str:
    return f"out[{', '.join(out)}] = x[{', '.join(source)}]"


# --- reshape -------------------------------------------------------------------------------


def _reshape_shape(old: Shape, *, shape: Shape) -> Shape:
    unknown = [k for k, n in enumerate(shape) if n == -1]
    size, known = math.prod(old), math.prod(n for n in shape if n != -1)
    if len(unknown) == 1 and known and size % known == 0:
        return tuple(size // known if n == -1 else n for n in shape)
    if unknown or known != size or any(n < 0 for n in shape):
        raise ShapeError(
            "reshape", required=f"as many elements as before, {size}, and at most one -1",
            received=f"{old} to {shape}",
        )  # fmt: skip
    return shape


def _reshape_notation(x: TensorType, *, shape: Shape) -> str:
    assert x.shape is not None
    out = _reshape_shape(x.shape, shape=shape)
    flat = " + ".join(f"i{k} * {math.prod(out[k + 1 :])}" for k in range(len(out))) or "0"
    source = [
        f"({flat}) // {max(1, math.prod(x.shape[k + 1 :]))} % {max(1, n)}"
        for k, n in enumerate(x.shape)
    ]
    return _read(index_names(len(out)), source)


@primitive(
    shape=_reshape_shape,
    vjp=(lambda g, y, x, shape: reshape(g, x.shape),),
    notation=_reshape_notation,
)
def _reshape(x: Array, *, shape: Shape) -> Array:
    """Give the same elements, in row-major order, another shape."""
    return x.reshape(shape)


@function
def reshape(x: Any, shape: int | Sequence[int]) -> Tensor:
    """Same elements in row-major order, another shape; one length may be -1.

    Raises ShapeError if the number of elements differs.

    >>> reshape(tensor([1, 2, 3, 4]), (2, -1))
    tensor([[1, 2],
            [3, 4]])
    """
    return _reshape(as_tensor(x), shape=as_integers(shape, "reshape, shape"))


@function
def flatten(x: Any, start_axis: int = 0, end_axis: int = -1) -> Tensor:
    """Merge the axes from ``start_axis`` to ``end_axis`` (included) into one.

    >>> flatten(tensor([[1, 2], [3, 4]]))
    tensor([1, 2, 3, 4])
    """
    node = as_tensor(x)
    if node.ndim == 0:
        return reshape(node, (1,))
    first = normalize_axis(start_axis, node.ndim, "flatten")
    last = normalize_axis(end_axis, node.ndim, "flatten")
    if first > last:
        raise ArgumentError(
            "flatten", required="start_axis <= end_axis", received=f"{start_axis} and {end_axis}"
        )
    shape = node.shape
    merged = math.prod(shape[first : last + 1])
    return reshape(node, (*shape[:first], merged, *shape[last + 1 :]))


@function
def squeeze(x: Any, axis: int | tuple[int, ...]) -> Tensor:
    """Remove axes of length 1; ShapeError for an axis of another length.

    >>> squeeze(tensor([[1], [2]]), axis=1)
    tensor([1, 2])
    """
    node = as_tensor(x)
    axes = normalize_axes(axis, node.ndim, "squeeze")
    if any(node.shape[k] != 1 for k in axes):
        raise ShapeError(
            "squeeze", required="axes of length 1", received=f"axes {axes} of shape {node.shape}"
        )
    return reshape(node, [n for k, n in enumerate(node.shape) if k not in axes])


@function
def expand_dims(x: Any, *, axis: int = 0) -> Tensor:
    """Insert an axis of length 1 at position ``axis`` of the result.

    >>> expand_dims(tensor([1, 2]), axis=1)
    tensor([[1],
            [2]])
    """
    node = as_tensor(x)
    at = normalize_axis(axis, node.ndim + 1, "expand_dims")
    return reshape(node, (*node.shape[:at], 1, *node.shape[at:]))


# --- permute -------------------------------------------------------------------------------


def _permuted_shape(shape: Shape, *, axes: tuple[int, ...]) -> Shape:
    rank = len(shape)
    if sorted(normalize_axis(a, rank, "permute_dims") for a in axes) != list(range(rank)):
        raise ShapeError(
            "permute_dims", required=f"each of the {rank} axes once", received=str(axes)
        )
    return tuple(shape[a] for a in axes)


def _permute_notation(x: TensorType, *, axes: tuple[int, ...]) -> str:
    out = index_names(len(axes))
    source = [""] * len(axes)
    for k, a in enumerate(axes):
        source[a % len(axes)] = out[k]
    return _read(out, source)


@primitive(
    shape=_permuted_shape,
    vjp=(
        lambda g, y, x, axes: permute_dims(
            g, tuple(int(a) for a in np.argsort([a % len(axes) for a in axes]))
        ),
    ),
    notation=_permute_notation,
)
def _permute_dims(x: Array, *, axes: tuple[int, ...]) -> Array:
    """Reorder the axes."""
    return x.transpose(axes)


@function
def permute_dims(x: Any, axes: Sequence[int]) -> Tensor:
    """Reorder the axes: axis k of the result is axis ``axes[k]`` of x.

    >>> permute_dims(tensor([[1, 2], [3, 4]]), (1, 0))
    tensor([[1, 3],
            [2, 4]])
    """
    return _permute_dims(as_tensor(x), axes=as_integers(axes, "permute_dims, axes"))


@function
def swapaxes(x: Any, axis1: int, axis2: int) -> Tensor:
    """Exchange two axes.

    >>> swapaxes(tensor([[1, 2], [3, 4]]), 0, 1)
    tensor([[1, 3],
            [2, 4]])
    """
    node = as_tensor(x)
    axes = list(range(node.ndim))
    i, j = (normalize_axis(a, node.ndim, "swapaxes") for a in (axis1, axis2))
    axes[i], axes[j] = axes[j], axes[i]
    return permute_dims(node, axes)


@function
def moveaxis(x: Any, source: int, destination: int) -> Tensor:
    """Move one axis to another place; the others keep their order.

    >>> moveaxis(tensor([[[1, 2]]]), 2, 0).shape
    (2, 1, 1)
    """
    node = as_tensor(x)
    axes = list(range(node.ndim))
    axis = axes.pop(normalize_axis(source, node.ndim, "moveaxis"))
    axes.insert(normalize_axis(destination, node.ndim, "moveaxis"), axis)
    return permute_dims(node, axes)


@function
def matrix_transpose(x: Any) -> Tensor:
    """Exchange the last two axes.

    >>> matrix_transpose(tensor([[1, 2], [3, 4]]))
    tensor([[1, 3],
            [2, 4]])
    """
    node = as_tensor(x)
    if node.ndim < 2:
        raise ShapeError("matrix_transpose", required="2 axes or more", received=str(node.shape))
    return swapaxes(node, -1, -2)


@function
def transpose(x: Any) -> Tensor:
    """Transpose a matrix; ShapeError unless there are just two axes.

    >>> transpose(tensor([[1, 2], [3, 4]]))
    tensor([[1, 3],
            [2, 4]])
    """
    node = as_tensor(x)
    if node.ndim != 2:
        raise ShapeError(
            ".T", required="2 axes", received=str(node.shape), hint="use .mT or permute_dims"
        )
    return permute_dims(node, (1, 0))


# --- broadcast -----------------------------------------------------------------------------


def _broadcast_to_shape(old: Shape, *, shape: Shape) -> Shape:
    if min(shape, default=0) < 0 or broadcast_shapes(old, shape, what="broadcast_to") != shape:
        raise ShapeError("broadcast_to", required=f"a shape that {old} fits", received=str(shape))
    return shape


def _broadcast_notation(x: TensorType, *, shape: Shape) -> str:
    assert x.shape is not None
    out = index_names(len(shape))
    return _read(out, broadcast_reads(out, x.shape))


@primitive(
    shape=_broadcast_to_shape,
    vjp=(lambda g, y, x, shape: unbroadcast(g, x),),
    notation=_broadcast_notation,
)
def _broadcast_to(x: Array, *, shape: Shape) -> Array:
    """Repeat along axes of length 1."""
    return np.broadcast_to(x, shape)


@function
def broadcast_to(x: Any, shape: Sequence[int]) -> Tensor:
    """Repeat along axes of length 1 (and new axes in front) until the shape fits.

    >>> broadcast_to(tensor([1, 2]), (2, 2))
    tensor([[1, 2],
            [1, 2]])
    """
    node, dims = as_tensor(x), as_integers(shape, "broadcast_to, shape")
    return node if node._shape == dims else _broadcast_to(node, shape=dims)


@function
def broadcast_arrays(*xs: Any) -> tuple[Tensor, ...]:
    """Broadcast several tensors to their common shape.

    >>> [t.shape for t in broadcast_arrays([[1], [2]], [3, 4, 5])]
    [(2, 3), (2, 3)]
    """
    nodes = [as_tensor(x) for x in xs]
    shape = broadcast_shapes(*[n.shape for n in nodes])
    return tuple(broadcast_to(n, shape) for n in nodes)


# --- slices --------------------------------------------------------------------------------

Slice = tuple[int, int, int]  # start, number of elements, step (may be negative)


def _slice_shape(shape: Shape, *, slices: tuple[Slice, ...]) -> Shape:
    return tuple(n for _, n, _ in slices)


def _slice_notation(x: TensorType, *, slices: tuple[Slice, ...]) -> str:
    out = index_names(len(slices))
    return _read(out, [f"{a} + {i} * {d}" for i, (a, _, d) in zip(out, slices, strict=True)])


def _python_slices(slices: tuple[Slice, ...]) -> tuple[slice, ...]:
    result = []
    for start, n, step in slices:
        stop = start + n * step
        result.append(slice(start, stop if stop >= 0 else None, step) if n else slice(0, 0))
    return tuple(result)


@primitive(
    shape=_slice_shape,
    vjp=(lambda g, y, x, slices: _unslice(g, shape=x.shape, slices=slices),),
    notation=_slice_notation,
)
def _slice(x: Array, *, slices: tuple[Slice, ...]) -> Array:
    """Take every step-th element of each axis, from a start."""
    return x[_python_slices(slices)]


def _unslice_shape(_: Shape, *, shape: Shape, slices: tuple[Slice, ...]) -> Shape:
    return shape


def _unslice_notation(g: TensorType, *, shape: Shape, slices: tuple[Slice, ...]) -> str:
    out = index_names(len(shape))
    places = [f"({i} - {a}) // {d}" for i, (a, _, d) in zip(out, slices, strict=True)]
    tests = [
        f"({i} - {a}) % {d} == 0 and 0 <= {p} and {p} < {n}"
        for i, p, (a, n, d) in zip(out, places, slices, strict=True)
    ]
    condition = " and ".join(tests) or "0 == 0"
    return f"out[{', '.join(out)}] = x[{', '.join(places)}] if {condition} else 0"


@primitive(
    shape=_unslice_shape,
    vjp=(lambda g, y, x, shape, slices: _slice(g, slices=slices),),
    notation=_unslice_notation,
)
def _unslice(x: Array, *, shape: Shape, slices: tuple[Slice, ...]) -> Array:
    """Put elements back to where a slice took them from, zeros elsewhere: the slice's adjoint."""
    result = np.zeros_like(x, shape=shape)  # in the memory order of x
    result[_python_slices(slices)] = x
    return result


def slice_by(x: Tensor, slices: Sequence[slice]) -> Tensor:
    """Slice each axis with a Python slice (as many slices as axes)."""
    triples = []
    for part, length in zip(slices, x.shape, strict=True):
        start, stop, step = part.indices(length)
        triples.append((start, len(range(start, stop, step)), step))
    if all(t == (0, n, 1) for t, n in zip(triples, x.shape, strict=True)):
        return x
    return _slice(x, slices=tuple(triples))


@function
def flip(x: Any, *, axis: Axis = None) -> Tensor:
    """Reverse the order along axes (all by default).

    >>> flip(tensor([1, 2, 3]))
    tensor([3, 2, 1])
    """
    node = as_tensor(x)
    axes = normalize_axes(axis, node.ndim, "flip")
    turned = [slice(None, None, -1 if k in axes else 1) for k in range(node.ndim)]
    return slice_by(node, turned)
