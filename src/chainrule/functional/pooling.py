"""Pooling: maximum and mean over windows, one axis after the other (see pooling_windows)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import Tensor, TensorLike, as_tensor
from ..ops import moveaxis
from ..ops.rules import promoted_floating
from .pooling_windows import Window, max_pooled, plan_windows, reduced, views
from .spatial import PerAxis

__all__ = [
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
]

# --- maximum -------------------------------------------------------------------------------


def max_pool1d(
    x: TensorLike, kernel_size: PerAxis, *, stride: PerAxis | None = None, padding: PerAxis = 0,
    dilation: PerAxis = 1, return_indices: bool = False, ceil_mode: bool = False,
) -> Any:  # fmt: skip
    """Maximum over windows of one axis: y[..., i] = max over k of x[..., i*s + k*d - p].

    x (N, C, L) or (C, L) gives (..., out), out = floor((L + 2p - d * (K - 1) - 1) / s) + 1, or the
    ceiling with ``ceil_mode``, without windows that start beyond the input. The stride is the
    kernel size by default. Padding counts as minus infinity, at most half of the window. The first
    of equal maxima gets the gradient. With ``return_indices`` the result is a pair: the maxima, and
    their places in the flattened spatial axes, which max_unpool1d takes. Raises ShapeError if the
    window does not fit.

    >>> F.max_pool1d(tensor([[1.0, 3.0, 2.0, 0.0]]), 2, return_indices=True)
    (tensor([[3., 2.]]), tensor([[1, 2]]))
    """
    return _max_pool(
        "max_pool1d", 1, x, kernel_size, stride, padding, dilation, ceil_mode, return_indices
    )


def max_pool2d(
    x: TensorLike, kernel_size: PerAxis, *, stride: PerAxis | None = None, padding: PerAxis = 0,
    dilation: PerAxis = 1, return_indices: bool = False, ceil_mode: bool = False,
) -> Any:  # fmt: skip
    """Maximum over windows of two axes: x (N, C, H, W) or (C, H, W); see max_pool1d.

    >>> F.max_pool2d(tensor([[[1.0, 2.0], [3.0, 4.0]]]), 2)
    tensor([[[4.]]])
    """
    return _max_pool(
        "max_pool2d", 2, x, kernel_size, stride, padding, dilation, ceil_mode, return_indices
    )


def max_pool3d(
    x: TensorLike, kernel_size: PerAxis, *, stride: PerAxis | None = None, padding: PerAxis = 0,
    dilation: PerAxis = 1, return_indices: bool = False, ceil_mode: bool = False,
) -> Any:  # fmt: skip
    """Maximum over windows of three axes: x (N, C, D, H, W) or (C, D, H, W); see max_pool1d.

    >>> F.max_pool3d(ones((1, 2, 2, 2)), 2)
    tensor([[[[1.]]]])
    """
    return _max_pool(
        "max_pool3d", 3, x, kernel_size, stride, padding, dilation, ceil_mode, return_indices
    )


def _max_pool(
    what: str, rank: int, x: TensorLike, size: PerAxis, stride: PerAxis | None, padding: PerAxis,
    dilation: PerAxis, ceil_mode: bool, return_indices: bool,
) -> Tensor | tuple[Tensor, Tensor]:  # fmt: skip
    (node,) = promoted_floating([x])
    plan = plan_windows(what, rank, node, size, stride, padding, dilation, ceil_mode)
    return max_pooled(node, plan, return_indices)


# --- mean ----------------------------------------------------------------------------------


def avg_pool1d(
    x: TensorLike, kernel_size: PerAxis, *, stride: PerAxis | None = None, padding: PerAxis = 0,
    ceil_mode: bool = False, count_include_pad: bool = True,
) -> Tensor:  # fmt: skip
    """Mean over windows of one axis: y[..., i] = 1/n * sum over k of x[..., i*s + k - p].

    Shapes as in max_pool1d. n counts the zeros of the padding too, unless ``count_include_pad`` is
    False; what overhangs the padding in ``ceil_mode`` never counts.

    >>> F.avg_pool1d(tensor([[1.0, 3.0, 2.0, 0.0]]), 2)
    tensor([[2., 1.]])
    """
    return _avg_pool("avg_pool1d", 1, x, kernel_size, stride, padding, ceil_mode, count_include_pad)


def avg_pool2d(
    x: TensorLike, kernel_size: PerAxis, *, stride: PerAxis | None = None, padding: PerAxis = 0,
    ceil_mode: bool = False, count_include_pad: bool = True,
) -> Tensor:  # fmt: skip
    """Mean over windows of two axes: x (N, C, H, W) or (C, H, W); see avg_pool1d.

    >>> F.avg_pool2d(tensor([[[1.0, 2.0], [3.0, 4.0]]]), 2)
    tensor([[[2.5]]])
    """
    return _avg_pool("avg_pool2d", 2, x, kernel_size, stride, padding, ceil_mode, count_include_pad)


def avg_pool3d(
    x: TensorLike, kernel_size: PerAxis, *, stride: PerAxis | None = None, padding: PerAxis = 0,
    ceil_mode: bool = False, count_include_pad: bool = True,
) -> Tensor:  # fmt: skip
    """Mean over windows of three axes: x (N, C, D, H, W) or (C, D, H, W); see avg_pool1d.

    >>> F.avg_pool3d(ones((1, 2, 2, 2)), 2)
    tensor([[[[1.]]]])
    """
    return _avg_pool("avg_pool3d", 3, x, kernel_size, stride, padding, ceil_mode, count_include_pad)


def _avg_pool(
    what: str, rank: int, x: TensorLike, size: PerAxis, stride: PerAxis | None, padding: PerAxis,
    ceil_mode: bool, include_pad: bool,
) -> Tensor:  # fmt: skip
    (node,) = promoted_floating([x])
    plan = plan_windows(what, rank, node, size, stride, padding, 1, ceil_mode)
    return avg_pooled(node, plan, include_pad)


def avg_pooled(x: Tensor, plan: Sequence[Window], include_pad: bool) -> Tensor:
    """Return the mean over windows (see avg_pool1d)."""
    counts = np.ones(())
    for window in plan:
        counts = counts[..., None] * window.counts(include_pad)
    scale = 1 / counts
    if scale.size and (scale == scale.flat[0]).all():
        scale = np.asarray(scale.flat[0])
    return reduced(x, plan, 0.0, _sum) * as_tensor(scale, x.dtype)


def _sum(x: Tensor, axis: int, window: Window) -> Tensor:
    return moveaxis(views(x, axis, window).sum(-1), -1, axis)
