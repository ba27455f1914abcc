"""Change the lengths of spatial axes: each output element is a weighted sum of a few inputs.

Axis by axis: which elements count, and how much, is known before there is data. A short axis is
multiplied by a matrix of these weights, which is mostly zeros but fast; a long one is a few gathers
(two for linear, four for cubic interpolation), each times constant weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from typing import TypeVar

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError, ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import add, broadcast_to, matmul, moveaxis, reshape, take
from ..ops.movement import slice_by
from ..ops.rules import promoted_floating
from .adaptive_pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
from .spatial import PerAxis, per_axis

__all__ = ["interpolate"]

T = TypeVar("T", Array, Tensor)
Scale = float | Sequence[float]
RANKS = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
MODES = ("nearest", "nearest-exact", *RANKS, "area")
_SHORT = 128  # up to here an axis is multiplied by a matrix
CUBIC = -0.75  # the slope of Keys's kernel at 1


def interpolate(
    x: TensorLike, *, size: PerAxis | None = None, scale_factor: Scale | None = None,
    mode: str = "nearest", align_corners: bool | None = None,
) -> Tensor:  # fmt: skip
    """Change the lengths of the spatial axes of x (N, C, *S): to ``size``, or floor(n * scale).

    Output element i of an axis is what lies at the place (i + 1/2) / scale - 1/2 of the input; with
    ``align_corners`` at i * (n - 1) / (out - 1), so that first and last elements stay. "linear",
    "bilinear", "trilinear" (for one, two, three axes) draw lines between neighbours, "bicubic"
    cubic curves (Keys 1981, a = -0.75); "nearest" takes the element floor(i / scale),
    "nearest-exact" that of floor((i + 1/2) / scale), "area" the mean of adaptive_avg_pool. scale is
    out / n, or the ``scale_factor`` if that is given. Raises ArgumentError unless one of size and
    scale_factor is given, and for align_corners where it means nothing.

    >>> F.interpolate(tensor([[[1.0, 3.0]]]), scale_factor=2, mode="linear")
    tensor([[[1. , 1.5, 2.5, 3. ]]])
    """
    (node,) = promoted_floating([x])
    rank = node.ndim - 2
    _check(node, mode, align_corners)
    lengths = node.shape[2:]
    out, scales = _sizes(lengths, size, scale_factor)
    if mode == "area":
        return (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)[rank - 1](node, out)
    for axis in range(2, 2 + rank):
        n, m = lengths[axis - 2], out[axis - 2]
        if mode == "nearest":
            node = _nearest(node, axis, m, _floors(n, m, scales[axis - 2], 0))
        elif mode == "nearest-exact":
            node = _nearest(node, axis, m, _floors(n, m, scales[axis - 2], 1))
        elif mode == "bicubic" or n != m:  # lines leave an axis alone whose length stays
            places = _places(n, m, scales[axis - 2], bool(align_corners))
            places = places if mode == "bicubic" else places.clip(0, n - 1)
            node = _weighted(node, axis, places, mode == "bicubic")
    return node


def _check(x: Tensor, mode: str, align_corners: bool | None) -> None:
    if mode not in MODES:
        raise ArgumentError(
            "interpolate", required=f"a mode of {', '.join(MODES)}", received=repr(mode)
        )
    if align_corners is not None and mode not in RANKS:
        raise ArgumentError(
            "interpolate", required=f"align_corners only for {', '.join(RANKS)}",
            received=f"align_corners={align_corners} for mode {mode!r}",
        )  # fmt: skip
    ranks = (RANKS[mode],) if mode in RANKS else (1, 2, 3)
    if x.ndim - 2 not in ranks or 0 in x.shape[2:]:
        raise ShapeError(
            f"interpolate, mode {mode!r}", received=f"shape {x.shape}",
            required=f"x (N, C, *S) with {' or '.join(map(str, ranks))} axes S of length >= 1",
        )  # fmt: skip


def _sizes(
    lengths: Sequence[int], size: PerAxis | None, scale_factor: Scale | None
) -> tuple[tuple[int, ...], list[float | None]]:
    """Return the new lengths, and the scales that were given."""
    if (size is None) == (scale_factor is None):
        raise ArgumentError(
            "interpolate", required="either size or scale_factor",
            received="neither" if size is None else "both",
        )  # fmt: skip
    rank = len(lengths)
    if size is not None:
        return per_axis(size, rank, "size of interpolate", least=1), [None] * rank
    assert scale_factor is not None
    scales = [scale_factor] * rank if isinstance(scale_factor, int | float) else [*scale_factor]
    known = len(scales) == rank and all(isinstance(s, int | float) for s in scales)
    out = tuple(math.floor(n * s) for n, s in zip(lengths, scales, strict=True)) if known else ()
    if not out or min(out) < 1:
        raise ArgumentError(
            "scale_factor of interpolate", required=f"one number or {rank}, which leave a length "
            ">= 1", received=f"{scale_factor} for the lengths {tuple(lengths)}",
        )  # fmt: skip
    return out, [float(s) for s in scales]


def _floors(n: int, out: int, scale: float | None, half: int) -> Array:
    """Return floor((i + half / 2) / scale), at most n - 1, with the exact ratio of integers."""
    i = np.arange(out)
    if scale is None:
        return np.asarray((2 * i + half) * n // (2 * out))
    places = np.floor((i + half / 2) * (1 / scale)).astype(np.int64)
    return np.asarray(np.minimum(places, n - 1))


def _nearest(x: Tensor, axis: int, out: int, sources: Array) -> Tensor:
    """Take the elements at their sources; even repeats and steps need no indices."""
    n = x.shape[axis]
    if out % n == 0 and (sources == np.arange(out) // (out // n)).all():
        longer = (*x.shape[: axis + 1], out // n, *x.shape[axis + 1 :])
        spread = broadcast_to(reshape(x, (*longer[: axis + 1], 1, *longer[axis + 2 :])), longer)
        return reshape(spread, (*x.shape[:axis], out, *x.shape[axis + 1 :]))
    step = n // out
    if step and (sources == np.arange(out) * step + sources[0]).all():
        place = [slice(None)] * x.ndim
        place[axis] = slice(int(sources[0]), int(sources[-1]) + 1, step)
        return slice_by(x, place)
    return take(x, sources, axis=axis)


def _places(n: int, out: int, scale: float | None, align_corners: bool) -> Array:
    """Return where in the input the output elements lie."""
    i = np.arange(out)
    if align_corners:
        return i * ((n - 1) / (out - 1) if out > 1 else 0.0)
    return (i + 0.5) * (n / out if scale is None else 1 / scale) - 0.5


def _weighted(x: Tensor, axis: int, places: Array, cubic: bool) -> Tensor:
    """Add the neighbours of each place up, with weights; elements at the border go on outside."""
    n, out = x.shape[axis], len(places)
    low = np.floor(places)
    part = places - low
    weights = cubic_weights(part) if cubic else [(0, 1 - part), (1, part)]
    taps = [((low.astype(np.int64) + k).clip(0, n - 1), weight) for k, weight in weights]
    if n <= _SHORT:
        matrix = np.zeros((n, out))
        for sources, weight in taps:
            np.add.at(matrix, (sources, np.arange(out)), weight)
        return _product(x, axis, matrix)
    shape = (-1, *[1] * (x.ndim - axis - 1))
    terms = [
        take(x, sources, axis=axis) * as_tensor(weight.reshape(shape), x.dtype)
        for sources, weight in taps
    ]
    return reduce(add, terms)


def _product(x: Tensor, axis: int, matrix: Array) -> Tensor:
    """Multiply an axis by a matrix (n, out)."""
    if axis == x.ndim - 2:
        return matmul(as_tensor(np.ascontiguousarray(matrix.T), x.dtype), x)
    line = matmul(moveaxis(x, axis, -1), as_tensor(matrix, x.dtype))
    return moveaxis(line, -1, axis)


def cubic_weights(t: T) -> list[tuple[int, T]]:
    """Return Keys's weights of the elements -1, 0, 1 and 2 for places t between 0 and 1."""

    def near(d: T) -> T:
        return ((CUBIC + 2) * d - (CUBIC + 3)) * d * d + 1

    def far(d: T) -> T:
        return ((CUBIC * d - 5 * CUBIC) * d + 8 * CUBIC) * d - 4 * CUBIC

    return [(-1, far(1 + t)), (0, near(t)), (1, near(1 - t)), (2, far(2 - t))]
