"""NumPy kernels of convolution: everything ends in matrix products, which BLAS runs on all cores.

Two algorithms compute the same. *Gather* copies the window under each output element into a matrix
(im2col) and multiplies it by the weight. *Scatter* multiplies the input by the weight of every tap
and adds the products where they belong (col2im). Moving memory costs as much as the arithmetic
here: mostly gather is quicker, and scatter for gradients of inputs.

Copies are quick along long stretches of memory. Hence the batch, or else the channels, are
innermost while a kernel works, and the result is a view of such an array: elementwise operations
and pooling keep that order, and the next convolution finds it ready.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..dtypes import Array

Ints = tuple[int, ...]
BLOCK = 1 << 22  # elements of a window matrix at a time, so that its size stays bounded


@dataclass(frozen=True)
class Geometry:
    """The numbers of a convolution, one of each for every spatial axis."""

    lengths: Ints
    taps: Ints
    stride: Ints
    padding: tuple[tuple[int, int], ...]
    dilation: Ints
    input_dilation: Ints
    groups: int

    @cached_property
    def rank(self) -> int:
        """Number of spatial axes."""
        return len(self.stride)

    @cached_property
    def padded(self) -> Ints:
        """Lengths of the input with its zeros between and around."""
        return tuple(
            span(n, e) + low + high
            for n, e, (low, high) in zip(
                self.lengths, self.input_dilation, self.padding, strict=True
            )
        )

    @cached_property
    def out(self) -> Ints:
        """Lengths of the result; below 1 if the kernel does not fit."""
        return tuple(
            (n - span(k, d)) // s + 1
            for n, k, d, s in zip(self.padded, self.taps, self.dilation, self.stride, strict=True)
        )


def span(n: int, step: int) -> int:
    """Return the length of n elements that lie ``step`` apart."""
    return (n - 1) * step + 1 if n else 0


def convolve_arrays(x: Array, weight: Array, geometry: Geometry) -> Array:
    """Cross-correlate x (N, C, ...) with weight (O, C // groups, ...)."""
    groups, (outputs, inner) = geometry.groups, weight.shape[:2]
    shape = (len(x), outputs, *geometry.out)
    if 0 in (x.size, weight.size, math.prod(shape)):
        return np.zeros(shape, x.dtype)
    x = x.reshape(len(x), groups, inner, *geometry.lengths)
    weight = weight.reshape(groups, outputs // groups, inner, *geometry.taps)
    return _algorithm(x, weight, geometry).reshape(shape)


def _algorithm(x: Array, weight: Array, geometry: Geometry) -> Array:
    """Run the algorithm that is estimated to be the quickest."""
    batch, inner, outputs = len(x), x.shape[2], weight.shape[1]
    turns = [
        0 if x.transpose(order).flags.c_contiguous else x.size
        for order in (_batch_last(geometry.rank), _channels_last(geometry.rank))
    ]
    products = weight.size * batch * math.prod(geometry.out)
    moved = products // outputs
    wide = batch * (geometry.out[-1] if geometry.stride[-1] == 1 else 1)
    deep = inner * (geometry.taps[-1] if geometry.dilation[-1] == 1 else 1)
    costs = {
        _gather_batch_last: _cost(products, moved, wide, turns[0]),
        _gather_channels_last: _cost(products, moved, deep, turns[1]),
    }
    if set(geometry.stride) == {1}:
        products = weight.size * batch * math.prod(geometry.lengths)
        moved = 3 * products // inner  # written once, then read and added
        wide = batch * (geometry.lengths[-1] if geometry.input_dilation[-1] == 1 else 1)
        costs[_scatter_batch_last] = _cost(products, moved, wide, turns[0])
        costs[_scatter_channels_last] = _cost(products, moved, outputs, turns[1])
    return min(costs, key=lambda algorithm: costs[algorithm])(x, weight, geometry)


def _cost(products: int, moved: int, run: int, turned: int) -> float:
    """Estimate nanoseconds: arithmetic, elements moved in runs, elements put into another order."""
    return 0.02 * products + 0.15 * moved * (1 + 50 / run) + 2.0 * turned


def _batch_last(rank: int) -> Ints:
    """Order (N, G, C, ...) as (G, C, ..., N)."""
    return (1, 2, *range(3, 3 + rank), 0)


def _channels_last(rank: int) -> Ints:
    """Order (N, G, C, ...) as (G, N, ..., C)."""
    return (1, 0, *range(3, 3 + rank), 2)


def _back(array: Array, order: Ints) -> Array:
    return array.transpose(np.argsort(order))


# --- gather ----------------------------------------------------------------------------------


def _gather_batch_last(x: Array, weight: Array, geometry: Geometry) -> Array:
    """Multiply (O, C * taps) by (C * taps, positions * N)."""
    (groups, outputs), batch, rank = weight.shape[:2], len(x), geometry.rank
    placed = _placed(x.transpose(_batch_last(rank)), geometry)
    windows = _windows(placed, geometry, taps_first=True)  # G, C, taps..., positions..., N
    result = np.empty((groups, outputs, *geometry.out, batch), x.dtype)
    for rows, part in _blocks(geometry, windows.size):
        matrix = _matrix(weight[:, :, :, part])
        columns = windows[:, :, part, *[slice(None)] * (rank - 1), rows]
        columns = columns.reshape(groups, matrix.shape[2], -1)
        target = result[:, :, rows].reshape(groups, outputs, -1)
        if part.start == 0:
            np.matmul(matrix, columns, out=target)
        else:
            target += np.matmul(matrix, columns)
    return _back(result, _batch_last(rank))


def _gather_channels_last(x: Array, weight: Array, geometry: Geometry) -> Array:
    """Multiply (N * positions, taps * C) by (taps * C, O)."""
    (groups, outputs), batch, rank = weight.shape[:2], len(x), geometry.rank
    placed = _placed(x.transpose(_channels_last(rank)), geometry)
    windows = _windows(placed, geometry, taps_first=False)  # G, N, positions..., taps..., C
    kernel = np.moveaxis(weight, 2, -1)
    if geometry.taps[0] > geometry.out[0]:
        # The gradient of a weight: few positions, a sum over very many taps.
        total = np.zeros((groups, outputs, batch * math.prod(geometry.out)), x.dtype)
        for _, part in _blocks(geometry, windows.size):
            rows = windows[:, :, *[slice(None)] * rank, part].reshape(groups, total.shape[2], -1)
            total += np.matmul(_matrix(kernel[:, :, part]), rows.mT)
        whole = total.reshape(groups, outputs, batch, *geometry.out)
        return whole.transpose(2, 0, 1, *range(3, 3 + rank))
    result = np.empty((groups, batch, *geometry.out, outputs), x.dtype)
    matrix = _matrix(kernel).mT
    for positions, _ in _blocks(geometry, windows.size):
        target = result[:, :, positions]
        rows = windows[:, :, positions].reshape(groups, -1, matrix.shape[1])
        target[...] = np.matmul(rows, matrix).reshape(target.shape)
    return _back(result, _channels_last(rank))


def _placed(x: Array, geometry: Geometry) -> Array:
    """Put an array (., ., spatial..., .) into contiguous memory, spread and padded with zeros."""
    if set(geometry.padding) == {(0, 0)} and set(geometry.input_dilation) == {1}:
        return np.ascontiguousarray(x)
    places = [
        _overlap(n, padded, step, low)
        for n, padded, step, (low, _) in zip(
            geometry.lengths, geometry.padded, geometry.input_dilation, geometry.padding,
            strict=True,
        )
    ]  # fmt: skip
    result = np.zeros((*x.shape[:2], *geometry.padded, x.shape[-1]), x.dtype)
    result[:, :, *[to for _, to in places]] = x[:, :, *[of for of, _ in places]]
    return result


def _overlap(n: int, out: int, step: int, shift: int) -> tuple[slice, slice]:
    """Return which j in [0, n) has its place j * step + shift in [0, out), and those places."""
    first = max(0, -(shift // step))
    end = max(first, min(n, (out - 1 - shift) // step + 1))
    start = first * step + shift
    return slice(first, end), slice(start, start + (end - first) * step, step)


def _matrix(weight: Array) -> Array:
    """Merge all axes but the first two; outputs that are innermost in memory stay there."""
    groups, outputs = weight.shape[:2]
    if weight.strides[1] == weight.itemsize:
        return np.moveaxis(weight, 1, -1).reshape(groups, -1, outputs).mT
    return weight.reshape(groups, outputs, -1)


def _windows(x: Array, geometry: Geometry, *, taps_first: bool) -> Array:
    """View an array (., ., spatial..., .) with the spatial axes split into positions and taps."""
    rank = geometry.rank
    front, strides, back = x.strides[:2], x.strides[2 : 2 + rank], x.strides[-1:]
    steps = [
        geometry.out, tuple(s * d for s, d in zip(strides, geometry.stride, strict=True)),
        geometry.taps, tuple(s * d for s, d in zip(strides, geometry.dilation, strict=True)),
    ]  # fmt: skip
    if taps_first:
        steps = steps[2:] + steps[:2]
    shape = (*x.shape[:2], *steps[0], *steps[2], x.shape[-1])
    return as_strided(x, shape, (*front, *steps[1], *steps[3], *back), writeable=False)


def _blocks(geometry: Geometry, size: int) -> Iterator[tuple[slice, slice]]:
    """Cut a window matrix along its first output axis, or its first kernel axis if it is longer."""
    out, taps = geometry.out[0], geometry.taps[0]
    longer = max(out, taps)
    step = max(1, longer * BLOCK // size)
    for start in range(0, longer, step):
        piece = slice(start, min(longer, start + step))
        yield (piece, slice(0, taps)) if out >= taps else (slice(0, out), piece)


# --- scatter ---------------------------------------------------------------------------------


def _scatter_batch_last(x: Array, weight: Array, geometry: Geometry) -> Array:
    """Multiply (O * taps, C) by (C, positions of x * N), and add each tap's part in its place."""
    (groups, outputs, inner), batch, rank = weight.shape[:3], len(x), geometry.rank
    columns = x.transpose(_batch_last(rank)).reshape(groups, inner, -1)
    kernel = weight.reshape(groups, outputs, inner, -1).swapaxes(2, 3)
    result = np.zeros((groups, outputs, *geometry.out, batch), x.dtype)
    for part in _tap_blocks(geometry, groups * outputs * columns.shape[2]):
        spread = np.matmul(kernel[:, :, part].reshape(groups, -1, inner), columns)
        spread = spread.reshape(groups, outputs, -1, *geometry.lengths, batch)
        for k, (source, target) in enumerate(_tap_places(geometry)[part]):
            result[:, :, *target] += spread[:, :, k, *source]
    return _back(result, _batch_last(rank))


def _scatter_channels_last(x: Array, weight: Array, geometry: Geometry) -> Array:
    """Multiply (N * positions of x, C) by (C, taps * O), and add each tap's part in its place."""
    (groups, outputs, inner), batch, rank = weight.shape[:3], len(x), geometry.rank
    rows = x.transpose(_channels_last(rank)).reshape(groups, -1, inner)
    kernel = weight.reshape(groups, outputs, inner, -1).transpose(0, 2, 3, 1)
    result = np.zeros((groups, batch, *geometry.out, outputs), x.dtype)
    for part in _tap_blocks(geometry, groups * outputs * rows.shape[1]):
        spread = np.matmul(rows, kernel[:, :, part].reshape(groups, inner, -1))
        spread = spread.reshape(groups, batch, *geometry.lengths, -1, outputs)
        for k, (source, target) in enumerate(_tap_places(geometry)[part]):
            result[:, :, *target] += spread[:, :, *source, k]
    return _back(result, _channels_last(rank))


def _tap_blocks(geometry: Geometry, size: int) -> Iterator[slice]:
    """Cut the list of taps, each of which makes ``size`` products."""
    taps, step = math.prod(geometry.taps), max(1, BLOCK // size)
    for start in range(0, taps, step):
        yield slice(start, min(taps, start + step))


def _tap_places(geometry: Geometry) -> list[tuple[list[slice], list[slice]]]:
    """Return, for each tap, the input elements that it uses, and where they go (stride 1)."""
    places = []
    for tap in np.ndindex(*geometry.taps):
        along = [
            _overlap(n, out, step, low - k * d)
            for k, n, out, step, (low, _), d in zip(
                tap, geometry.lengths, geometry.out, geometry.input_dilation, geometry.padding,
                geometry.dilation, strict=True,
            )
        ]  # fmt: skip
        places.append(([of for of, _ in along], [to for _, to in along]))
    return places
