"""Movement between tensors: pad, concat, stack, split, roll, tile, repeat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError, ShapeError
from ..graph import Each, Shape, Tensor, TensorType, as_tensor, function, primitive
from .movement import broadcast_to, expand_dims, flatten, reshape, slice_by, squeeze
from .notation import literal
from .rules import (
    as_integer,
    as_integers,
    index_names,
    normalize_axis,
    number_pairs,
    promoted,
)

Axis = int | tuple[int, ...] | None
Padding = tuple[tuple[int, int], ...]


def _padded_shape(shape: Shape, *, padding: Padding, value: float = 0.0) -> Shape:
    del value
    dims = tuple(n + a + b for n, (a, b) in zip(shape, padding, strict=True))
    if any(n < 0 for n in dims):
        raise ShapeError(
            "pad", required="lengths that stay at 0 or above",
            received=f"shape {shape}, padding {padding}",
        )  # fmt: skip
    return dims


def _pad_notation(x: TensorType, *, padding: Padding, value: float = 0.0) -> str:
    assert x.shape is not None
    out = index_names(len(x.shape))
    source = [f"{i} - {a}" if a else i for i, (a, _) in zip(out, padding, strict=True)]
    tests = [
        f"0 <= {s} and {s} < {n}"
        for s, n, (a, b) in zip(source, x.shape, padding, strict=True)
        if a > 0 or b > 0
    ]
    condition = " and ".join(tests) or "0 == 0"
    return f"out[{', '.join(out)}] = x[{', '.join(source)}] if {condition} else {literal(value)}"


def crop_and_pad(x: Array, padding: Padding, value: float = 0.0) -> Array:
    """Pad with a value; negative padding crops."""
    shape = tuple(n + a + b for n, (a, b) in zip(x.shape, padding, strict=True))
    # What is kept of x, and where it goes; nothing may be left if one side crops more than x has.
    ends = [max(0, min(n, n + b)) for n, (_, b) in zip(x.shape, padding, strict=True)]
    starts = [min(end, max(0, -a)) for end, (a, _) in zip(ends, padding, strict=True)]
    kept = x[tuple(slice(i, j) for i, j in zip(starts, ends, strict=True))]
    if kept.shape == shape:
        return kept
    result = np.full(shape, value, x.dtype)
    places = [max(0, i + a) for i, (a, _) in zip(starts, padding, strict=True)]
    result[tuple(slice(p, p + n) for p, n in zip(places, kept.shape, strict=True))] = kept
    return result


@primitive(
    shape=_padded_shape,
    vjp=(lambda g, y, x, padding, value=0.0: _pad(g, padding=tuple((-a, -b) for a, b in padding)),),
    notation=_pad_notation,
)
def _pad(x: Array, *, padding: Padding, value: float = 0.0) -> Array:
    """Add elements of a value before and after along each axis; negative amounts crop."""
    return crop_and_pad(x, padding, value)


@function
def pad(x: Any, padding: int | Sequence[int | Sequence[int]], *, value: float = 0.0) -> Tensor:
    """Add elements of one value: ``padding`` has a pair (before, after) for each axis.

    A number stands for twice itself. Negative amounts crop. Raises ArgumentError unless there are
    as many pairs as axes, ShapeError if more is cropped than there is.

    >>> pad(tensor([1, 2]), [(1, 2)])
    tensor([0, 1, 2, 0, 0])
    """
    node = as_tensor(x)
    pairs = number_pairs(padding, node.ndim, "pad, padding")
    if not any(a or b for a, b in pairs):
        return node
    number = np.asarray(value, node.dtype.compute).item()
    return _pad(node, padding=pairs) if number == 0 else _pad(node, padding=pairs, value=number)


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
    at, out = axis % rank, index_names(rank)
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
    parts = list(xs)
    if not parts:
        raise ArgumentError("concat", required="at least one tensor", received="none")
    if axis is None:
        return _concat(*[flatten(x) for x in parts], axis=0)
    return _concat(*parts, axis=as_integer(axis, "concat, axis"))


@function
def stack(xs: Sequence[Any], *, axis: int = 0) -> Tensor:
    """Join tensors of one shape along a new axis.

    >>> stack([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    """
    nodes = [as_tensor(x) for x in xs]
    if not nodes or any(node.shape != nodes[0].shape for node in nodes):
        raise ShapeError(
            "stack", required="at least one tensor, and all of one shape",
            received=" and ".join(str(node.shape) for node in nodes) or "none",
        )  # fmt: skip
    return concat([expand_dims(node, axis=axis) for node in nodes], axis=axis)


@function
def split(x: Any, sizes: int | Sequence[int], *, axis: int = 0) -> tuple[Tensor, ...]:
    """Cut along an axis into pieces of the given sizes (the last may be shorter for one size).

    >>> split(tensor([1, 2, 3]), 2)
    (tensor([1, 2]), tensor([3]))
    """
    node = as_tensor(x)
    at = normalize_axis(axis, node.ndim, "split")
    length = node.shape[at]
    listed = as_integers(sizes, "split, sizes")
    if not isinstance(sizes, Iterable) and listed[0] > 0:
        listed = tuple(min(sizes, length - k) for k in range(0, length, sizes))
    if sum(listed) != length or min(listed, default=0) < 0:
        raise ShapeError(
            "split", required=f"sizes that add up to {length}, or one above 0", received=str(sizes)
        )
    ends = np.cumsum(listed).tolist()
    everything = [slice(None)] * node.ndim
    return tuple(
        slice_by(node, [*everything[:at], slice(e - n, e), *everything[at + 1 :]])
        for e, n in zip(ends, listed, strict=True)
    )


@function
def unstack(x: Any, *, axis: int = 0) -> tuple[Tensor, ...]:
    """Cut into the tensors along an axis, which disappears.

    >>> unstack(tensor([[1, 2], [3, 4]]))
    (tensor([1, 2]), tensor([3, 4]))
    """
    node = as_tensor(x)
    at = normalize_axis(axis, node.ndim, "unstack")
    return tuple(squeeze(part, at) for part in split(node, 1, axis=at))


@function
def roll(x: Any, shift: int | Sequence[int], *, axis: Axis = None) -> Tensor:
    """Move elements along axes; what leaves at the end comes in at the start.

    >>> roll(tensor([1, 2, 3]), 1)
    tensor([3, 1, 2])
    """
    node, shifts = as_tensor(x), as_integers(shift, "roll, shift")
    if axis is None:
        return reshape(roll(flatten(node), sum(shifts), axis=0), node.shape)
    axes = [normalize_axis(a, node.ndim, "roll") for a in as_integers(axis, "roll, axis")]
    shifts = shifts * len(axes) if len(shifts) == 1 else shifts
    if len(shifts) != len(axes):
        raise ArgumentError(
            "roll", required=f"one shift, or one for each of {len(axes)} axes", received=str(shift)
        )
    for a, amount in zip(axes, shifts, strict=True):
        length = node.shape[a]
        if length and amount % length:
            node = concat(split(node, [length - amount % length, amount % length], axis=a)[::-1],
                          axis=a)  # fmt: skip
    return node


@function
def tile(x: Any, repetitions: int | Sequence[int]) -> Tensor:
    """Repeat the whole tensor along each axis (one number: along the last).

    >>> tile(tensor([1, 2]), (2,))
    tensor([1, 2, 1, 2])
    """
    node, times = as_tensor(x), as_integers(repetitions, "tile, repetitions")
    _check_counts(times, "tile")
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
    at = normalize_axis(0 if axis is None else axis, node.ndim, "repeat")
    _check_counts([as_integer(repetitions, "repeat, repetitions")], "repeat")
    longer = expand_dims(node, axis=at + 1)
    shape = [*node.shape[: at + 1], repetitions, *node.shape[at + 1 :]]
    merged = [n * repetitions if k == at else n for k, n in enumerate(node.shape)]
    return reshape(broadcast_to(longer, shape), merged)


def _check_counts(counts: Sequence[int], what: str) -> None:
    if any(n < 0 for n in counts):
        raise ArgumentError(what, required="repetitions >= 0", received=str(counts))
