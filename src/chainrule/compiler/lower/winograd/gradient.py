"""The gradient of a convolution's weight, tile by tile.

It is a correlation as well, of the input with the gradient of the output: few outputs (the taps),
and filters as large as images. Tiles of 6 x 6 of the input and 4 x 4 of the gradient give 3 x 3
sums each, by F(3, 4); all tiles' products are summed before the one transform back.
"""

from __future__ import annotations

from ...ir.expr import Expr, Place, acc, make, read
from ...ir.kernels import Array, Contract, Store
from ..lowering import Lowering
from ..value import Value
from .linear import grid_of, pieces_of, two_sided
from .matrices import Minimal
from .tiles import Tiles, blocks

Sizes = tuple[Minimal, Minimal]


def weight_gradient(
    low: Lowering, x: Array, before: tuple[int, int], gradient: Array, sizes: Sizes
) -> Value:
    """Return the value (C, O, R, S): x (N, C, H, W) correlated with a gradient (N, O, P, Q).

    Element (c, o, r, s) is the sum over n, p, q of x[n, c, p + r - before, q + s - before] times
    gradient[n, o, p, q]; ``sizes`` have R and S outputs.
    """
    f, g = sizes
    steps = (f.taps, g.taps)
    inputs = Tiles(x, before, steps, (f.input, g.input))
    outputs = Tiles(gradient, (0, 0), steps, (f.filter, g.filter))
    images, channels, others = *x.shape[:2], gradient.shape[1]
    points = f.points * g.points
    rows, columns = (-(-n // s.taps) for n, s in zip(gradient.shape[2:], sizes, strict=True))
    strides = (channels * others, others, 1)
    buffer = low.buffer("u", x.buffer.dtype, points * strides[0])
    sums = Array(buffer, (points, channels, others), strides)
    numbers = points * columns * images * (channels + others)
    for first, count in blocks(rows, numbers * x.buffer.dtype.itemsize):
        left = inputs.transformed(low, first, count, columns)
        right = outputs.transformed(low, first, count, columns)
        _add(low, left, right, sums, first == 0)
    return _back(sums, sizes)


def _add(low: Lowering, left: Array, right: Array, sums: Array, first: bool) -> None:
    """Add the contraction over a block of tiles and all images, for each point."""
    points, rows, columns, images, channels = left.shape
    loops = (points, channels, right.shape[4], rows, columns, images)
    a = read(left.buffer, Place(0, (left.strides[0], left.strides[4], 0, *left.strides[1:4])))
    b = read(right.buffer, Place(0, (right.strides[0], 0, right.strides[4], *right.strides[1:4])))
    place = Place(0, (*sums.strides, 0, 0, 0))
    total = acc(0, a.dtype)
    if not first:
        total = make("add", a.dtype, (read(sums.buffer, place), total))
    low.program.kernels.append(Contract(loops, "bmnkkk", a, b, [Store(sums.buffer, place, total)]))


def _back(sums: Array, sizes: Sizes) -> Value:
    """Return A^T m A: a formula for each tap."""
    f, g = sizes
    point, channels, others = sums.strides

    def element(i: int, j: int) -> Expr:
        return read(sums.buffer, Place((i * g.points + j) * point, (channels, others, 0, 0)))

    grid = two_sided(f.output, g.output, grid_of((f.points, g.points), element))
    shape = (*sums.shape[1:], f.outputs, g.outputs)
    return Value(shape, pieces_of(grid), (1, 1, f.outputs, g.outputs))
