"""Movement: the same elements at other places. A compiler melts these into their readers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import Array
from ..errors import ShapeError
from ..graph import Each, Shape, Tensor, TensorType, as_tensor, constant, function, primitive
from .rules import (
    broadcast_shapes,
    normalize_axes,
    normalize_axis,
    promoted,
    unbroadcast,
)

Axis = int | tuple[int, ...] | None
Padding = tuple[tuple[int, int], ...]


def _indices(rank: int, letter: str = "i") -> list[str]:
    return [f"{letter}{k}" for k in range(rank)]


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
    return _read(_indices(len(out)), source)


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
    dims = (shape,) if isinstance(shape, int) else tuple(int(n) for n in shape)
    return _reshape(as_tensor(x), shape=dims)


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
    out = _indices(len(axes))
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
    return _permute_dims(as_tensor(x), axes=tuple(int(a) for a in axes))


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
    if broadcast_shapes(old, shape, what="broadcast_to") != shape:
        raise ShapeError("broadcast_to", required=f"a shape that fits {shape}", received=str(old))
    return shape


def _broadcast_notation(x: TensorType, *, shape: Shape) -> str:
    assert x.shape is not None
    out = _indices(len(shape))
    extra = len(shape) - len(x.shape)
    return _read(out, [out[extra + k] if n != 1 else "0" for k, n in enumerate(x.shape)])


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
    node, dims = as_tensor(x), tuple(int(n) for n in shape)
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
    out = _indices(len(slices))
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
    out = _indices(len(shape))
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
    result = np.zeros(shape, x.dtype)
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


# --- pad, concat, stack, roll, tile --------------------------------------------------------


def _padded_shape(shape: Shape, *, padding: Padding) -> Shape:
    dims = tuple(n + a + b for n, (a, b) in zip(shape, padding, strict=True))
    if any(n < 0 for n in dims):
        raise ShapeError(
            "pad", required="lengths that stay at 0 or above",
            received=f"shape {shape}, padding {padding}",
        )  # fmt: skip
    return dims


def _pad_notation(x: TensorType, *, padding: Padding) -> str:
    assert x.shape is not None
    out = _indices(len(x.shape))
    source = [f"{i} - {a}" if a else i for i, (a, _) in zip(out, padding, strict=True)]
    tests = [
        f"0 <= {s} and {s} < {n}"
        for s, n, (a, b) in zip(source, x.shape, padding, strict=True)
        if a > 0 or b > 0
    ]
    condition = " and ".join(tests) or "0 == 0"
    return f"out[{', '.join(out)}] = x[{', '.join(source)}] if {condition} else 0"


def crop_and_pad(x: Array, padding: Padding) -> Array:
    """Pad with zeros; negative padding crops."""
    kept = tuple(
        slice(max(0, -a), n - max(0, -b)) for n, (a, b) in zip(x.shape, padding, strict=True)
    )
    x = x[kept]
    grown = [(max(0, a), max(0, b)) for a, b in padding]
    if not any(a or b for a, b in grown):
        return x
    shape = tuple(n + a + b for n, (a, b) in zip(x.shape, grown, strict=True))
    result = np.zeros(shape, x.dtype)
    result[tuple(slice(a, a + n) for n, (a, _) in zip(x.shape, grown, strict=True))] = x
    return result


@primitive(
    shape=_padded_shape,
    vjp=(lambda g, y, x, padding: _pad(g, padding=tuple((-a, -b) for a, b in padding)),),
    notation=_pad_notation,
)
def _pad(x: Array, *, padding: Padding) -> Array:
    """Add zeros before and after along each axis; negative amounts crop."""
    return crop_and_pad(x, padding)


@function
def pad(x: Any, padding: Sequence[Sequence[int]], *, value: float = 0.0) -> Tensor:
    """Add elements of one value: ``padding`` has a pair (before, after) for each axis.

    Negative amounts crop. Raises ShapeError if the pairs do not fit the axes.

    >>> pad(tensor([1, 2]), [(1, 2)])
    tensor([0, 1, 2, 0, 0])
    """
    node = as_tensor(x)
    pairs = tuple((int(a), int(b)) for a, b in padding)
    if len(pairs) != node.ndim:
        raise ShapeError(
            "pad", required=f"{node.ndim} pairs (before, after), one for each axis",
            received=str(pairs),
        )  # fmt: skip
    if not any(a or b for a, b in pairs):
        return node
    padded = _pad(node, padding=pairs)
    if value == 0:
        return padded
    inside = _pad(constant(np.ones(node.shape, np.bool_)), padding=pairs)
    filled: Tensor = as_tensor(np.asarray(value, node.dtype.compute), node.dtype)
    from .choice import where

    return where(inside, padded, filled)


def _concat_shape(*shapes: Shape, axis: int) -> Shape:
    first = shapes[0]
    at = normalize_axis(axis, len(first), "concat")
    for other in shapes[1:]:
        if len(other) != len(first) or any(
            a != b for k, (a, b) in enumerate(zip(first, other, strict=True)) if k != at
        ):
            raise ShapeError(
                "concat", required=f"equal shapes except along axis {axis}",
                received=" and ".join(map(str, shapes)),
            )  # fmt: skip
    return (*first[:at], sum(s[at] for s in shapes), *first[at + 1 :])


def _concat_notation(*types: TensorType, axis: int) -> str:
    shapes = [t.shape for t in types if t.shape is not None]
    rank = len(shapes[0])
    at, out = axis % rank, _indices(rank)
    ends = np.cumsum([s[at] for s in shapes]).tolist()
    text = ""
    for k, (s, end) in enumerate(zip(shapes, ends, strict=True)):
        source = [f"{i} - {end - s[at]}" if j == at else i for j, i in enumerate(out)]
        read = f"x{k}[{', '.join(source)}]"
        text += read if k == len(shapes) - 1 else f"{read} if {out[at]} < {end} else "
    return f"out[{', '.join(out)}] = {text}"


def _concat_part(i: int, g: Tensor, y: Tensor, *xs: Tensor, axis: int) -> Tensor:
    at = normalize_axis(axis, g.ndim, "concat")
    start = sum(x.shape[at] for x in xs[:i])
    parts = [slice(None)] * g.ndim
    parts[at] = slice(start, start + xs[i].shape[at])
    return slice_by(g, parts)


@primitive(shape=_concat_shape, prepare=promoted, vjp=Each(_concat_part), notation=_concat_notation)
def _concat(*xs: Array, axis: int) -> Array:
    """Join along an axis."""
    return np.concatenate(xs, axis=axis)


@function
def concat(xs: Sequence[Any], *, axis: int | None = 0) -> Tensor:
    """Join tensors along an axis (``axis=None`` flattens them first).

    >>> concat([[1, 2], [3]])
    tensor([1, 2, 3])
    """
    if not xs:
        raise ShapeError("concat", required="at least one tensor", received="none")
    if axis is None:
        return _concat(*[flatten(x) for x in xs], axis=0)
    return _concat(*xs, axis=axis)


@function
def stack(xs: Sequence[Any], *, axis: int = 0) -> Tensor:
    """Join tensors of one shape along a new axis.

    >>> stack([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    """
    return concat([expand_dims(x, axis=axis) for x in xs], axis=axis)


@function
def split(x: Any, sizes: int | Sequence[int], *, axis: int = 0) -> tuple[Tensor, ...]:
    """Cut along an axis into pieces of the given sizes (the last may be shorter for one size).

    >>> split(tensor([1, 2, 3]), 2)
    (tensor([1, 2]), tensor([3]))
    """
    node = as_tensor(x)
    at = normalize_axis(axis, node.ndim, "split")
    length = node.shape[at]
    if isinstance(sizes, int):
        sizes = [min(sizes, length - k) for k in range(0, length, sizes)]
    if sum(sizes) != length:
        raise ShapeError("split", required=f"sizes that add up to {length}", received=str(sizes))
    ends = np.cumsum(sizes).tolist()
    everything = [slice(None)] * node.ndim
    return tuple(
        slice_by(node, [*everything[:at], slice(e - n, e), *everything[at + 1 :]])
        for e, n in zip(ends, sizes, strict=True)
    )


@function
def unstack(x: Any, *, axis: int = 0) -> tuple[Tensor, ...]:
    """Cut into the tensors along an axis, which disappears.

    >>> unstack(tensor([[1, 2], [3, 4]]))
    (tensor([1, 2]), tensor([3, 4]))
    """
    return tuple(squeeze(part, axis) for part in split(x, 1, axis=axis))


@function
def roll(x: Any, shift: int | Sequence[int], *, axis: Axis = None) -> Tensor:
    """Move elements along axes; what leaves at the end comes in at the start.

    >>> roll(tensor([1, 2, 3]), 1)
    tensor([3, 1, 2])
    """
    node = as_tensor(x)
    if axis is None:
        shift = shift if isinstance(shift, int) else sum(shift)
        return reshape(roll(flatten(node), shift, axis=0), node.shape)
    axes = (axis,) if isinstance(axis, int) else axis
    shifts = [shift] * len(axes) if isinstance(shift, int) else list(shift)
    for a, amount in zip(axes, shifts, strict=True):
        length = node.shape[a]
        if length and amount % length:
            node = concat(split(node, [length - amount % length, amount % length], axis=a)[::-1],
                          axis=a)  # fmt: skip
    return node


@function
def tile(x: Any, repetitions: Sequence[int]) -> Tensor:
    """Repeat the whole tensor along each axis.

    >>> tile(tensor([1, 2]), (2,))
    tensor([1, 2, 1, 2])
    """
    node, times = as_tensor(x), tuple(repetitions)
    rank = max(node.ndim, len(times))
    times = (1,) * (rank - len(times)) + times
    shape = (1,) * (rank - node.ndim) + node.shape
    paired = reshape(node, [m for n in shape for m in (1, n)])
    spread = broadcast_to(paired, [m for t, n in zip(times, shape, strict=True) for m in (t, n)])
    return reshape(spread, [t * n for t, n in zip(times, shape, strict=True)])


@function
def repeat(x: Any, repetitions: int, *, axis: int | None = None) -> Tensor:
    """Repeat each element along an axis (``axis=None`` flattens first).

    >>> repeat(tensor([1, 2]), 2)
    tensor([1, 1, 2, 2])
    """
    node = flatten(x) if axis is None else as_tensor(x)
    at = normalize_axis(axis or 0, node.ndim, "repeat")
    longer = expand_dims(node, axis=at + 1)
    shape = [*node.shape[: at + 1], repetitions, *node.shape[at + 1 :]]
    merged = [n * repetitions if k == at else n for k, n in enumerate(node.shape)]
    return reshape(broadcast_to(longer, shape), merged)
