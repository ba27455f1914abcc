"""The gradient of a convolution's weight, tile by tile.

It is a correlation as well, of the input with the gradient of the output: few outputs (the taps),
and filters as large as images. Tiles of 6 x 6 of the input and 4 x 4 of the gradient give 3 x 3
sums each, by F(3, 4); all tiles' products are summed before the one transform back.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...ir.expr import Expr, Place, acc, make, read
from ...ir.kernels import Array, Contract, Store
from ..lowering import Lowering
from ..value import Value, of_array
from .linear import grid_of, pieces_of, two_sided
from .matrices import Minimal
from .tiles import Tiles, along, blocks, parts, weights_array

Sizes = tuple[Minimal, Minimal]


def weight_gradient(
    low: Lowering, x: Array, before: tuple[int, int], gradient: Array, sizes: Sizes
) -> Value:
    """Return the value (C, O, R, S): x (G N, C, H, W) correlated with a gradient (N, O, P, Q).

    Element (c, o, r, s) is the sum over n, p, q of x[n, c, p + r - before, q + s - before] times
    gradient[n, o, p, q]; ``sizes`` have R and S outputs. The images of G groups follow each other
    in x, each for its part of the O.
    """
    f, g = sizes
    steps = (f.taps, g.taps)
    inputs = Tiles(x, before, steps, (f.input, g.input))
    outputs = Tiles(gradient, (0, 0), steps, (f.filter, g.filter))
    images, channels, others = *x.shape[:2], gradient.shape[1]
    points, item = f.points * g.points, x.buffer.dtype.itemsize
    rows, columns = (-(-n // s.taps) for n, s in zip(gradient.shape[2:], sizes, strict=True))
    cut = blocks(rows, points * columns * images * (channels + others) * item)
    groups = images // gradient.shape[0]
    split = parts(channels, points * others * item, len(cut) > 1 or groups > 1)
    if len(split) > 1:
        left, right = (tiles.transformed(low, 0, rows, columns) for tiles in (inputs, outputs))
        return _by_parts(low, left, right, split, sizes)
    sums = weights_array(low, points, (channels, others), x.buffer.dtype)
    for first, count in cut:
        left, right = (tiles.transformed(low, first, count, columns) for tiles in (inputs, outputs))
        _add(low, left, right, sums, first == 0, groups)
    return _back(sums, sizes)


def _by_parts(
    low: Lowering, left: Array, right: Array, split: Sequence[tuple[int, int]], sizes: Sizes
) -> Value:
    """Return the value, computed some channels after the other: their sums stay in the cache."""
    f, g = sizes
    points, others, dtype = left.shape[0], right.shape[4], left.buffer.dtype
    out = low.array((left.shape[4], others, f.outputs, g.outputs), dtype, [2, 3, 0, 1])
    for part in split:
        sums = weights_array(low, points, (part[1], others), dtype)
        _add(low, along(left, 4, *part), right, sums, first=True)
        low.store(along(out, 0, *part), _back(sums, sizes))
    return of_array(out)


def _add(
    low: Lowering, left: Array, right: Array, sums: Array, first: bool, groups: int = 1
) -> None:
    """Add the contraction over a block of tiles and all images, for each point."""
    points, rows, columns, images, channels = left.shape
    images, others = images // groups, right.shape[4] // groups
    loops = (points, groups, channels, others, rows, columns, images)
    s, t, u = left.strides, right.strides, sums.strides
    a = read(left.buffer, Place(left.offset, (s[0], images * s[3], s[4], 0, *s[1:4])))
    b = read(right.buffer, Place(right.offset, (t[0], others * t[4], 0, t[4], *t[1:4])))
    place = Place(0, (u[0], others * u[2], *u[1:], 0, 0, 0))
    total = acc(0, a.dtype)
    if not first:
        total = make("add", a.dtype, (read(sums.buffer, place), total))
    low.program.kernels.append(Contract(loops, "bbmnkkk", a, b, [Store(sums.buffer, place, total)]))


def _back(sums: Array, sizes: Sizes) -> Value:
    """Return A^T m A: a formula for each tap."""
    f, g = sizes
    point, channels, others = sums.strides

    def element(i: int, j: int) -> Expr:
        return read(sums.buffer, Place((i * g.points + j) * point, (channels, others, 0, 0)))

    grid = two_sided(f.output, g.output, grid_of((f.points, g.points), element))
    shape = (*sums.shape[1:], f.outputs, g.outputs)
    return Value(shape, pieces_of(grid), (1, 1, f.outputs, g.outputs))
