"""Unpooling: put the maxima of pooling back to where they were."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..errors import ArgumentError, ShapeError
from ..graph import Shape, Tensor, TensorLike
from ..ops import add_along_axis, ones_like, reshape, take_along_axis, zeros
from ..ops.rules import as_indices, promoted_floating
from .pooling_windows import check_axes
from .spatial import PerAxis, per_axis

__all__ = ["max_unpool1d", "max_unpool2d", "max_unpool3d"]


def max_unpool1d(
    x: TensorLike, indices: TensorLike, kernel_size: PerAxis, *, stride: PerAxis | None = None,
    padding: PerAxis = 0, output_size: Sequence[int] | None = None,
) -> Tensor:  # fmt: skip
    """Put elements to their places in zeros: the inverse of max_pool1d with ``return_indices``.

    y[..., indices[..., i]] = x[..., i]. x and indices (N, C, L) or (C, L) give (..., out) with out
    = (L - 1) * s - 2p + K, or ``output_size`` (the shape of y, or of its spatial axes), which may
    be up to a stride away. An element that several windows took gets the mean of what they
    hold. Raises BoundsError for an index outside of the output (Zeiler et al. 2011).

    >>> F.max_unpool1d(tensor([[3.0, 2.0]]), tensor([[1, 2]]), 2)
    tensor([[0., 3., 2., 0.]])
    """
    return _unpool("max_unpool1d", 1, x, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(
    x: TensorLike, indices: TensorLike, kernel_size: PerAxis, *, stride: PerAxis | None = None,
    padding: PerAxis = 0, output_size: Sequence[int] | None = None,
) -> Tensor:  # fmt: skip
    """Put elements to their places in zeros: x, indices (N, C, H, W) or (C, H, W).

    The indices count through the flattened H and W of the output; see max_unpool1d.

    >>> F.max_unpool2d(tensor([[[4.0]]]), tensor([[[3]]]), 2)
    tensor([[[0., 0.],
             [0., 4.]]])
    """
    return _unpool("max_unpool2d", 2, x, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    x: TensorLike, indices: TensorLike, kernel_size: PerAxis, *, stride: PerAxis | None = None,
    padding: PerAxis = 0, output_size: Sequence[int] | None = None,
) -> Tensor:  # fmt: skip
    """Put elements to their places in zeros: x, indices (N, C, D, H, W) or (C, D, H, W).

    See max_unpool1d.

    >>> F.max_unpool3d(ones((1, 1, 1, 1)), tensor([[[[7]]]]), 2).shape
    (1, 2, 2, 2)
    """
    return _unpool("max_unpool3d", 3, x, indices, kernel_size, stride, padding, output_size)


def _unpool(
    what: str, rank: int, x: TensorLike, indices: TensorLike, kernel_size: PerAxis,
    stride: PerAxis | None, padding: PerAxis, output_size: Sequence[int] | None,
) -> Tensor:  # fmt: skip
    (node,) = promoted_floating([x])
    places = as_indices(indices, what)
    check_axes(what, rank, node)
    if places.shape != node.shape:
        raise ShapeError(
            what, required=f"indices of x's shape {node.shape}", received=f"shape {places.shape}"
        )
    sizes = per_axis(kernel_size, rank, f"kernel_size of {what}", least=1)
    given = kernel_size if stride is None else stride
    strides = per_axis(given, rank, f"stride of {what}", least=1)
    pads = per_axis(padding, rank, f"padding of {what}", least=0)
    usual = tuple(
        (n - 1) * s - 2 * p + k
        for n, k, s, p in zip(node.shape[-rank:], sizes, strides, pads, strict=True)
    )
    space = usual if output_size is None else _wanted(what, output_size, usual, strides)
    front = node.shape[:-rank]
    flat = (*front, math.prod(node.shape[-rank:]))
    empty = zeros((*front, math.prod(space)), dtype=node.dtype)
    picks, values = reshape(places, flat), reshape(node, flat)
    counts = add_along_axis(empty, picks, ones_like(values))
    values = values / take_along_axis(counts, picks)
    return reshape(add_along_axis(empty, picks, values), (*front, *space))


def _wanted(what: str, output_size: Sequence[int], usual: Shape, strides: Shape) -> Shape:
    """Return the last axes of the wanted size; ArgumentError if no pooling leads there."""
    rank = len(usual)
    given = tuple(int(n) for n in output_size)
    space = given[len(given) - rank :]
    if len(given) not in (rank, rank + 1, rank + 2) or not all(
        abs(n - m) < s for n, m, s in zip(space, usual, strides, strict=True)
    ):
        raise ArgumentError(
            f"output_size of {what}", required=f"less than a stride away from {usual}",
            received=f"{given} with stride {strides}",
        )  # fmt: skip
    return space
