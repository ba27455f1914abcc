"""Windows that slide over the last axes, and their adjoint: what pooling is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..dtypes import Array
from ..errors import ShapeError
from ..graph import Shape, Tensor, TensorType, as_tensor, function, primitive
from .rules import index_names, positive_numbers

Ints = tuple[int, ...]
Index = tuple[Any, ...]
_FORMULA = "out = floor((n - dilation * (k - 1) - 1) / stride) + 1"


def _positions(lengths: Ints, size: Ints, stride: Ints, dilation: Ints) -> Ints:
    """Return how many windows fit along each axis."""
    return tuple(
        (n - d * (k - 1) - 1) // s + 1
        for n, k, s, d in zip(lengths, size, stride, dilation, strict=True)
    )


def _windows_shape(shape: Shape, *, size: Ints, stride: Ints, dilation: Ints) -> Shape:
    rank = len(size)
    if len(shape) < rank:
        raise ShapeError("windows", required=f"at least {rank} axes", received=f"shape {shape}")
    lengths = shape[len(shape) - rank :]
    out = _positions(lengths, size, stride, dilation)
    if min(out) < 1:
        raise ShapeError(
            "windows",
            required=f"windows that fit: {_FORMULA} >= 1",
            received=f"out = {out} of n = {lengths}, k = {size}, dilation = {dilation}",
            hint="pad the input, or take smaller windows",
        )  # fmt: skip
    return (*shape[: len(shape) - rank], *out, *size)


def _windows_notation(x: TensorType, *, size: Ints, stride: Ints, dilation: Ints) -> str:
    assert x.shape is not None
    rank, front = len(size), len(x.shape) - len(size)
    out = index_names(front + 2 * rank)
    places = [
        f"{out[front + a]} * {stride[a]} + {out[front + rank + a]} * {dilation[a]}"
        for a in range(rank)
    ]
    return f"out[{', '.join(out)}] = x[{', '.join(out[:front] + places)}]"


@primitive(
    shape=_windows_shape,
    vjp=(
        lambda g, y, x, size, stride, dilation: _fold_windows(
            g, lengths=x.shape[x.ndim - len(size) :], stride=stride, dilation=dilation
        ),
    ),
    notation=_windows_notation,
)
def _windows(x: Array, *, size: Ints, stride: Ints, dilation: Ints) -> Array:
    """View windows over the last axes, without copying."""
    front = x.ndim - len(size)
    steps = x.strides[front:]
    moves = [n * s for n, s in zip(steps, stride, strict=True)]
    inside = [n * d for n, d in zip(steps, dilation, strict=True)]
    shape = _windows_shape(x.shape, size=size, stride=stride, dilation=dilation)
    return as_strided(x, shape, (*x.strides[:front], *moves, *inside), writeable=False)


def _fold_shape(shape: Shape, *, lengths: Ints, stride: Ints, dilation: Ints) -> Shape:
    rank = len(lengths)
    front = len(shape) - 2 * rank
    out, size = shape[front : front + rank], shape[front + rank :]
    if front < 0 or min(size) < 1 or out != _positions(lengths, size, stride, dilation):
        raise ShapeError(
            "fold_windows",
            required=f"shape (..., *out, *k), {_FORMULA}",
            received=f"shape {shape} for n = {lengths}, stride = {stride}, dilation = {dilation}",
        )  # fmt: skip
    return (*shape[:front], *lengths)


def _fold_notation(x: TensorType, *, lengths: Ints, stride: Ints, dilation: Ints) -> str:
    assert x.shape is not None
    rank, front = len(lengths), len(x.shape) - 2 * len(lengths)
    out = index_names(front + rank)
    taps, places, tests = [f"k{a}" for a in range(rank)], [], []
    for a, tap in enumerate(taps):
        place = f"({out[front + a]} - {tap} * {dilation[a]})"
        places.append(f"{place} // {stride[a]}")
        inside = f"0 <= {places[-1]} and {places[-1]} < {x.shape[front + a]}"
        tests.append(f"{place} % {stride[a]} == 0 and {inside}")
    loops = ", ".join(f"{tap} < {n}" for tap, n in zip(taps, x.shape[front + rank :], strict=True))
    body = f"x[{', '.join(out[:front] + places + taps)}] if {' and '.join(tests)} else 0"
    return f"out[{', '.join(out)}] = sum({loops})({body})"


@primitive(
    shape=_fold_shape,
    vjp=(
        lambda g, y, x, lengths, stride, dilation: _windows(
            g, size=x.shape[x.ndim - len(lengths) :], stride=stride, dilation=dilation
        ),
    ),
    notation=_fold_notation,
)
def _fold_windows(x: Array, *, lengths: Ints, stride: Ints, dilation: Ints) -> Array:
    """Add windows up where they overlap."""
    front = x.ndim - 2 * len(lengths)
    out, size = x.shape[front : front + len(lengths)], x.shape[front + len(lengths) :]
    at_start: Index = (..., *[0] * len(size))
    result: Array = np.zeros_like(x[at_start], shape=(*x.shape[:front], *lengths))
    apart = all(s > d * (k - 1) for s, d, k in zip(stride, dilation, size, strict=True))
    for source, target in _taps(out, size, stride, dilation):
        if apart:
            result[target] = x[source]
        else:
            result[target] += x[source]
    return result


def _taps(out: Ints, size: Ints, stride: Ints, dilation: Ints) -> Iterator[tuple[Index, Index]]:
    """Pair each place in a window with the elements that all windows have there."""
    for tap in np.ndindex(*size):
        starts = [k * d for k, d in zip(tap, dilation, strict=True)]
        runs = [
            slice(a, a + (n - 1) * s + 1, s) for a, n, s in zip(starts, out, stride, strict=True)
        ]
        yield (..., *tap), (..., *runs)


@function
def windows(
    x: Any,
    size: int | Sequence[int],
    *,
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
) -> Tensor:
    """View windows that slide over the last axes: y[i, k] = x[i * stride + k * dilation].

    Shape (..., *n) gives (..., *out, *size), out = floor((n - dilation * (size - 1) - 1) / stride)
    + 1; nothing is copied. Raises ShapeError if no window fits.

    >>> windows(tensor([1, 2, 3, 4]), 2, stride=2)
    tensor([[1, 2],
            [3, 4]])
    """
    sizes = positive_numbers(size, None, "windows, size")
    return _windows(
        as_tensor(x),
        size=sizes,
        stride=positive_numbers(stride, len(sizes), "windows, stride"),
        dilation=positive_numbers(dilation, len(sizes), "windows, dilation"),
    )


@function
def fold_windows(
    x: Any,
    lengths: int | Sequence[int],
    *,
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
) -> Tensor:
    """Add windows up to an array of the given lengths (overlap-add): the adjoint of ``windows``.

    Shape (..., *out, *size) gives (..., *lengths). Raises ShapeError unless ``windows`` would cut
    an array of these lengths into windows of this shape.

    >>> fold_windows(tensor([[1, 2], [3, 4]]), 3)
    tensor([1, 5, 4])
    """
    dims = positive_numbers(lengths, None, "fold_windows, lengths")
    return _fold_windows(
        as_tensor(x),
        lengths=dims,
        stride=positive_numbers(stride, len(dims), "fold_windows, stride"),
        dilation=positive_numbers(dilation, len(dims), "fold_windows, dilation"),
    )
