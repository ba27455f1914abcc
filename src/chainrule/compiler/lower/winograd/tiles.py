"""Tiles of images: their transforms, and the arrays that hold a number for each point of a tile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ....dtypes import DType
from ...ir.expr import Expr, Guard, Place, read
from ...ir.kernels import Array, Map, Store
from ..lowering import Lowering
from .linear import Grid, grid_of, two_sided
from .matrices import Matrix

LINE = 16  # elements of a cache line
BLOCK_BYTES = 12 << 20  # of transformed values between two steps: they stay in the cache
PART_BYTES = 10 << 20  # the same of transformed weights


@dataclass(frozen=True)
class Tiles:
    """How images (N, C, H, W) are cut: tile t begins at element step * t - before of an axis."""

    array: Array
    before: tuple[int, int]
    step: tuple[int, int]
    matrices: tuple[Matrix, Matrix]  # what a tile is multiplied by, from the left and the right
    _targets: dict[int, Array] = field(default_factory=dict)  # by rows of tiles: blocks share one

    def transformed(self, low: Lowering, first: int, rows: int, columns: int) -> Array:
        """Add the kernel that transforms some rows of tiles; return the array of points.

        What lies outside of the image counts as 0. Another block of as many rows is transformed
        into the same array.
        """
        x = self.array
        images, channels = x.shape[:2]
        points = len(self.matrices[0]) * len(self.matrices[1])
        target = self._targets.get(rows)
        if target is None:
            target = self._targets[rows] = points_array(
                low, points, (rows, columns), (images, channels), x.strides[1] == 1, x.buffer.dtype
            )
        lengths = [len(matrix[0]) for matrix in self.matrices]
        grid = grid_of(lengths, lambda i, j: self._element(first, (rows, columns), i, j))
        store_points(low, (rows, columns, images, channels), target,
                     two_sided(*self.matrices, grid))  # fmt: skip
        return target

    def _element(self, first: int, tiles: tuple[int, int], i: int, j: int) -> Expr:
        """Return element (i, j) of the tile that the loops (row, column, image, channel) are at."""
        x, offset, coefs = self.array, self.array.offset, []
        guards = []
        starts = (first * self.step[0] + i - self.before[0], j - self.before[1])
        for axis, (start, step) in enumerate(zip(starts, self.step, strict=True)):
            place = [0, 0, 0, 0]
            place[axis] = step
            last = start + step * (tiles[axis] - 1)
            if start < 0 or last >= x.shape[2 + axis]:
                guards.append(Guard(Place(start, tuple(place)), x.shape[2 + axis]))
            offset += start * x.strides[2 + axis]
            coefs.append(step * x.strides[2 + axis])
        return read(x.buffer, Place(offset, (*coefs, *x.strides[:2])), tuple(guards))


def points_array(
    low: Lowering, points: int, tiles: tuple[int, int], axes: Sequence[int], channels_last: bool,
    dtype: DType,
) -> Array:  # fmt: skip
    """Return a new array (points, rows of tiles, tiles, N, C).

    A point's tiles lie together, so that products walk through memory in order. Points and tiles
    are an odd number of cache lines apart: at a power of two all would meet in one set of the
    cache.
    """
    images, channels = axes
    one = _spaced(images * channels)
    step = _spaced(tiles[0] * tiles[1] * one)
    inner = (channels, 1) if channels_last else (1, images)
    strides = (step, tiles[1] * one, one, *inner)
    buffer = low.buffer("w", dtype, points * step)
    return Array(buffer, (points, *tiles, *axes), strides)


def weights_array(
    low: Lowering, points: int, axes: tuple[int, int], dtype: DType, last: int = 1
) -> Array:
    """Return a new array (points, *axes) for transformed weights; axis ``last`` is contiguous.

    As those of a tile, a weight's points must not meet in one set of the cache.
    """
    step = _spaced(axes[0] * axes[1])
    strides = (axes[1], 1) if last == 1 else (1, axes[0])
    return Array(low.buffer("u", dtype, points * step), (points, *axes), (step, *strides))


def store_points(low: Lowering, loops: Sequence[int], target: Array, grid: Grid) -> None:
    """Add the kernel that writes a grid of formulas over all but the first axis of a target."""
    values = [value for row in grid for value in row]
    stores = [
        Store(target.buffer, Place(k * target.strides[0], target.strides[1:]), value)
        for k, value in enumerate(values)
    ]
    low.program.kernels.append(Map(tuple(loops), stores))


def _spaced(length: int) -> int:
    """Return a step from one array to the next: an odd number of cache lines."""
    return (-(-length // LINE) | 1) * LINE


def blocks(rows: int, bytes_of_row: int) -> list[tuple[int, int]]:
    """Cut rows of tiles into (first, count), so that a block stays in the cache."""
    return _cut(rows, bytes_of_row, BLOCK_BYTES)


def parts(count: int, bytes_of_one: int, again: bool) -> list[tuple[int, int]]:
    """Cut a weight's outputs (or channels) into (first, count), so that a part stays in the cache.

    Not where what is transformed is read ``again``: by other blocks of tiles, or at another call.
    """
    return [(0, count)] if again else _cut(count, bytes_of_one, PART_BYTES)


def _cut(count: int, bytes_of_one: int, most: int) -> list[tuple[int, int]]:
    step = max(1, min(count, most // bytes_of_one))
    step = -(-count // -(-count // step))  # parts as even as they can be
    return [(first, min(step, count - first)) for first in range(0, count, step)]


def along(array: Array, axis: int, first: int, count: int) -> Array:
    """Return a part of an array along an axis."""
    shape = (*array.shape[:axis], count, *array.shape[axis + 1 :])
    return Array(array.buffer, shape, array.strides, array.offset + first * array.strides[axis])
