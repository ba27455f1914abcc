"""Convolution tile by tile: transform the input, multiply for every point, transform back.

``y = A^T [(G g G^T) * (B^T d B)] A`` for each tile d of the input and taps g; the product, summed
over channels, is a contraction for each point. Blocks of rows of tiles follow each other, so that
what lies between the three steps stays in the cache.
"""

from __future__ import annotations

from functools import cache

from ...ir.expr import Expr, Place, acc, read
from ...ir.kernels import Array, Contract, Store
from ..lowering import Lowering
from ..value import Value, of_array
from .linear import grid_of, pieces_of, two_sided
from .matrices import Minimal
from .tiles import Tiles, along, blocks, parts, points_array, store_points, weights_array

Sizes = tuple[Minimal, Minimal]
Pieces = dict[tuple[int, ...], Expr]


def convolve(
    low: Lowering, x: Array, before: tuple[int, int], weight: Array, out: Array, sizes: Sizes
) -> Value:
    """Return x (N, C, H, W) correlated with a weight (O, C / G, R, S): (N, O, P, Q).

    ``before`` says how many zeros there are before the rows and columns of x; ``out`` is where the
    result lies. Of a single block it is not stored, but a formula for each place of a tile, so that
    what is done with it is done in the transform back.
    """
    f, g = sizes
    points, item = f.points * g.points, out.buffer.dtype.itemsize
    tiles = Tiles(x, before, (f.outputs, g.outputs), (f.input, g.input))
    channels_last = out.strides[1] == 1
    rows, columns = (-(-n // s.outputs) for n, s in zip(out.shape[2:], sizes, strict=True))
    cut = blocks(rows, points * columns * x.shape[0] * (x.shape[1] + out.shape[1]) * item)
    groups = x.shape[1] // weight.shape[1]
    once = len(cut) > 1 or groups > 1 or low.fixed(weight.buffer)

    @cache
    def taps(first: int, count: int) -> Array:
        part = along(weight, 0, first, count)
        return _transformed_taps(low, part, sizes, 1 if channels_last else 0)

    @cache
    def product_of(count: int) -> tuple[Array, Pieces]:
        product = points_array(
            low, points, (count, columns), out.shape[:2], channels_last, out.buffer.dtype
        )
        return product, _back(product, sizes)

    for start, count in cut:
        source = tiles.transformed(low, start, count, columns)
        product, pieces = product_of(count)
        for part in parts(out.shape[1], points * weight.shape[1] * item, once):
            _multiply(low, source, taps(*part), along(product, 4, *part), groups)
        first = start * f.outputs
        some = along(out, 2, first, min(count * f.outputs, out.shape[2] - first))
        result = Value(some.shape, pieces, (1, 1, f.outputs, g.outputs))
        if len(cut) == 1:
            return result
        low.store(some, result)
    return of_array(out)


def _transformed_taps(low: Lowering, weight: Array, sizes: Sizes, last: int) -> Array:
    """Add the kernel for G g G^T; return the array (points, C, O).

    ``last`` is contiguous: outputs (1) where they are lanes, else channels (0), which are summed
    over, so that the rows of a product are read along memory.
    """
    outputs, inner = weight.shape[:2]
    points = sizes[0].points * sizes[1].points
    target = weights_array(low, points, (inner, outputs), weight.buffer.dtype, last)

    def tap(i: int, j: int) -> Expr:
        at = weight.offset + i * weight.strides[2] + j * weight.strides[3]
        return read(weight.buffer, Place(at, (weight.strides[1], weight.strides[0])))

    grid = grid_of(weight.shape[2:], tap)
    store_points(low, (inner, outputs), target, two_sided(sizes[0].filter, sizes[1].filter, grid))
    return target


def _multiply(low: Lowering, source: Array, taps: Array, product: Array, groups: int) -> None:
    """Add the contraction: for each point, tiles times channels by channels times outputs."""
    points, rows, columns, images, _ = source.shape
    channels, outputs = taps.shape[1], taps.shape[2] // groups
    loops = (points, groups, rows, columns, images, outputs, channels)
    s, t, p = source.strides, taps.strides, product.strides
    a = read(source.buffer, Place(0, (s[0], channels * s[4], *s[1:4], 0, s[4])))
    b = read(taps.buffer, Place(0, (t[0], outputs * t[2], 0, 0, 0, t[2], t[1])))
    place = Place(product.offset, (p[0], outputs * p[4], *p[1:], 0))
    store = Store(product.buffer, place, acc(0, a.dtype))
    low.program.kernels.append(Contract(loops, "bbmmmnk", a, b, [store]))


def _back(product: Array, sizes: Sizes) -> Pieces:
    """Return A^T m A for each tile: a formula for each place in it."""
    f, g = sizes
    point, rows, columns, images, outputs = product.strides

    def element(i: int, j: int) -> Expr:
        offset = (i * g.points + j) * point
        return read(product.buffer, Place(offset, (images, outputs, rows, columns)))

    return pieces_of(two_sided(f.output, g.output, grid_of((f.points, g.points), element)))
