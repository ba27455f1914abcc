"""Read an image at places that a grid names: the sampler of spatial transformer networks.

The places are tensors, so that gradients reach them too (Jaderberg et al. 2015).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError, ShapeError
from ..graph import Shape, Tensor, TensorLike, as_tensor
from ..ops import abs as absolute
from ..ops import (
    astype,
    clip,
    expand_dims,
    floor,
    matmul,
    matrix_transpose,
    remainder,
    reshape,
    take_along_axis,
    where,
)
from ..ops import round as nearest_even
from ..ops.rules import promoted_floating
from .interpolation import cubic_weights

__all__ = ["affine_grid", "grid_sample"]

PADDING_MODES = ("zeros", "border", "reflection")


def affine_grid(theta: TensorLike, size: Sequence[int], *, align_corners: bool = False) -> Tensor:
    """Return the places that affine maps give the elements of an image: theta @ (x, y, 1).

    theta (N, 2, 3) and size (N, C, H, W) give (N, H, W, 2); (N, 3, 4) and (N, C, D, H, W) give
    (N, D, H, W, 3). Coordinates go from -1 to 1, x (along W) first: at the centres of the border
    elements with ``align_corners``, else at their outer edges.

    >>> F.affine_grid(tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]), (1, 1, 1, 2)).tolist()
    [[[[-0.5, 0.0], [0.5, 0.0]]]]
    """
    (maps,) = promoted_floating([theta])
    shape = tuple(int(n) for n in size)
    rank = len(shape) - 2
    if rank not in (2, 3) or maps.shape != (shape[0], rank, rank + 1):
        raise ShapeError(
            "affine_grid", required="theta (N, 2, 3) for a size (N, C, H, W), (N, 3, 4) for (N, C, "
            "D, H, W)", received=f"theta of shape {maps.shape}, size {shape}",
        )  # fmt: skip
    lines = [_coordinates(n, align_corners) for n in shape[2:]]
    axes = np.meshgrid(*lines, indexing="ij")[::-1]  # x, the last axis, comes first
    points = np.stack([*axes, np.ones(shape[2:])], axis=-1).reshape(-1, rank + 1)
    grid = matmul(as_tensor(points, maps.dtype), matrix_transpose(maps))
    return reshape(grid, (shape[0], *shape[2:], rank))


def _coordinates(n: int, align_corners: bool) -> Array:
    if align_corners:
        return np.linspace(-1, 1, n) if n > 1 else np.zeros(n)
    return (2 * np.arange(n) + 1) / n - 1


def grid_sample(
    x: TensorLike, grid: TensorLike, *, mode: str = "bilinear", padding_mode: str = "zeros",
    align_corners: bool = False,
) -> Tensor:  # fmt: skip
    """Read an image at the places of a grid, between its elements by interpolation.

    x (N, C, H, W) and grid (N, H', W', 2) give (N, C, H', W'); x (N, C, D, H, W) and grid (N, D',
    H', W', 3) give (N, C, D', H', W'). Coordinates as in affine_grid. Mode "bilinear", "nearest" or
    (of two axes) "bicubic"; outside of the image there are "zeros", the "border" elements, or its
    "reflection". Raises ArgumentError for other modes.

    >>> F.grid_sample(tensor([[[[1.0, 3.0]]]]), tensor([[[[0.0, 0.0], [0.5, 0.0]]]]))
    tensor([[[[2., 3.]]]])
    """
    node, places = promoted_floating([x, grid])
    rank = node.ndim - 2
    _check_grid(node, places, mode, padding_mode)
    lengths = node.shape[2:]
    where_to = [
        _unnormalised(places[..., rank - 1 - k], n, align_corners) for k, n in enumerate(lengths)
    ]
    inside = [partial(_inside, n=n, mode=padding_mode, align=align_corners) for n in lengths]
    if mode != "bicubic":  # of which each tap is moved inside on its own
        where_to = [move(p) for move, p in zip(inside, where_to, strict=True)]
    taps = [_taps(p, mode, move) for move, p in zip(inside, where_to, strict=True)]
    flat = reshape(node, (*node.shape[:2], math.prod(lengths)))
    total: Tensor | None = None
    for corner in itertools.product(*taps):
        weight: Tensor | None = None
        for _, w in corner:
            if w is not None:
                weight = w if weight is None else weight * w
        term = _read(flat, [at for at, _ in corner], lengths, padding_mode)
        term = term if weight is None else term * expand_dims(weight, axis=1)
        total = term if total is None else total + term
    assert total is not None
    return total


def _check_grid(x: Tensor, grid: Tensor, mode: str, padding_mode: str) -> None:
    rank = x.ndim - 2
    modes = ("bilinear", "nearest", "bicubic") if rank == 2 else ("bilinear", "nearest")
    if mode not in modes or padding_mode not in PADDING_MODES:
        raise ArgumentError(
            "grid_sample", required=f"a mode of {', '.join(modes)}, and a padding_mode of "
            f"{', '.join(PADDING_MODES)}", received=f"{mode!r} and {padding_mode!r}",
        )  # fmt: skip
    if (
        rank not in (2, 3) or grid.ndim != x.ndim or grid.shape[0] != x.shape[0]
        or grid.shape[-1] != rank or 0 in x.shape[2:]
    ):  # fmt: skip
        raise ShapeError(
            "grid_sample", required="x (N, C, H, W) with a grid (N, H', W', 2), or x (N, C, D, H, "
            "W) with a grid (N, D', H', W', 3)", received=f"{x.shape} and {grid.shape}",
        )  # fmt: skip


def _unnormalised(p: Tensor, n: int, align_corners: bool) -> Tensor:
    """Turn coordinates from -1 to 1 into places from 0 to n - 1 (or their outer edges)."""
    return (p + 1) * ((n - 1) / 2) if align_corners else ((p + 1) * n - 1) * 0.5


def _inside(p: Tensor, n: int, mode: str, align: bool) -> Tensor:
    if mode == "reflection":
        p = _reflected(p, n, align)
    return p if mode == "zeros" else clip(p, 0, n - 1)


def _reflected(p: Tensor, n: int, align_corners: bool) -> Tensor:
    """Mirror places at the border elements, or at their outer edges."""
    low, span = (0.0, n - 1) if align_corners else (-0.5, n)
    if span == 0:
        return p * 0.0
    distance = absolute(p - low)
    turns = floor(distance * (1 / span)).detach()
    rest = distance - turns * span
    return where(remainder(turns, 2) == 0, rest, span - rest) + low


def _taps(
    p: Tensor, mode: str, inside: Callable[[Tensor], Tensor]
) -> list[tuple[Tensor, Tensor | None]]:
    """Return the elements to read along one axis, with their weights (None is 1)."""
    if mode == "nearest":
        return [(nearest_even(p).detach(), None)]
    low = floor(p).detach()
    part = p - low
    if mode == "bilinear":
        return [(low, 1 - part), (low + 1, part)]
    return [(inside(low + offset), weight) for offset, weight in cubic_weights(part)]


def _read(flat: Tensor, places: list[Tensor], lengths: Shape, padding_mode: str) -> Tensor:
    """Read elements of the flattened image; zeros outside."""
    index: Tensor | None = None
    seen: Tensor | None = None
    for place, n in zip(places, lengths, strict=True):
        good = (place >= 0) & (place <= n - 1)
        seen = good if seen is None else seen & good
        at = astype(where(good, place, 0.0), "int64")
        index = at if index is None else index * n + at
    assert index is not None
    assert seen is not None
    batch, *grid = index.shape
    found = take_along_axis(flat, reshape(index, (batch, 1, math.prod(grid))), axis=-1)
    found = reshape(found, (*flat.shape[:2], *grid))
    return where(expand_dims(seen, axis=1), found, 0.0) if padding_mode == "zeros" else found
