"""Pooling: maximum and mean over windows, one axis after the other.

A maximum over a rectangle is a maximum of the rows' maxima, and a sum is a sum of the rows' sums,
so that k + k elements are looked at for each output instead of k * k. Going from the last axis to
the first, the first of equal maxima (in row-major order) gets the whole gradient, as in PyTorch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError, ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import argmax, isnan, moveaxis, pad, squeeze, take_along_axis, where, windows
from ..ops.movement import slice_by
from ..ops.rules import promoted_floating
from .spatial import PerAxis, per_axis

__all__ = [
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
]

_FEW = 8  # elements of a window that are compared one after the other


@dataclass(frozen=True)
class Window:
    """The windows along one axis of length ``n``."""

    n: int
    size: int
    stride: int
    padding: int
    dilation: int
    ceil_mode: bool

    @property
    def span(self) -> int:
        """Distance from the first to the last element of a window, both included."""
        return self.dilation * (self.size - 1) + 1

    @property
    def out(self) -> int:
        """Number of windows; in ceil mode the last may overhang, but must start before n + p."""
        room = self.n + 2 * self.padding - self.span
        if not self.ceil_mode:
            return room // self.stride + 1
        out = -(-room // self.stride) + 1
        return out - 1 if (out - 1) * self.stride >= self.n + self.padding else out

    @property
    def pads(self) -> tuple[int, int]:
        """Elements to add before and after, so that the last window is complete."""
        end = (self.out - 1) * self.stride + self.span
        return self.padding, max(0, end - self.n - self.padding)

    def counts(self, include_pad: bool) -> Array:
        """How many elements each window averages over; what overhangs the padding never counts."""
        starts = np.arange(self.out) * self.stride - self.padding
        low, high = (-self.padding, self.n + self.padding) if include_pad else (0, self.n)
        return np.minimum(starts + self.size, high) - np.maximum(starts, low)


def _plan(
    what: str, rank: int, x: Tensor, size: PerAxis, stride: PerAxis | None, padding: PerAxis,
    dilation: PerAxis, ceil_mode: bool,
) -> list[Window]:  # fmt: skip
    """Check the arguments; return the windows of each spatial axis (the last ``rank`` axes)."""
    if x.ndim not in (rank + 1, rank + 2):
        raise ShapeError(
            what, required=f"x (N, C, *S) or (C, *S) with {rank} axes S", received=f"{x.shape}"
        )
    sizes = per_axis(size, rank, f"kernel_size of {what}", least=1)
    strides = per_axis(size if stride is None else stride, rank, f"stride of {what}", least=1)
    pads = per_axis(padding, rank, f"padding of {what}", least=0)
    dilations = per_axis(dilation, rank, f"dilation of {what}", least=1)
    plan = []
    for n, k, s, p, d in zip(x.shape[-rank:], sizes, strides, pads, dilations, strict=True):
        window = Window(n, k, s, p, d, ceil_mode)
        if 2 * p > window.span:
            raise ArgumentError(
                f"padding of {what}", required="at most half of the window",
                received=f"padding {p}, window {window.span}",
            )  # fmt: skip
        if window.span > n + 2 * p:
            raise ShapeError(
                what, required="dilation * (kernel_size - 1) + 1 <= length + 2 * padding",
                received=f"{window.span} > {n} + {2 * p}",
            )  # fmt: skip
        plan.append(window)
    return plan


def _pooled(
    x: Tensor, plan: list[Window], fill: float, reduce: Callable[[Tensor, int, Window], Tensor]
) -> Tensor:
    """Reduce windows along each axis, the last axis first."""
    for axis in range(-1, -1 - len(plan), -1):
        around = [(0, 0)] * x.ndim
        around[axis] = plan[axis].pads
        x = reduce(pad(x, around, value=fill), axis, plan[axis])
    return x


def _views(x: Tensor, axis: int, window: Window) -> Tensor:
    """Return the windows along one axis, which becomes (out, size) at the end."""
    line = moveaxis(x, axis, -1)
    return windows(line, (window.size,), stride=window.stride, dilation=window.dilation)


def _maximum(x: Tensor, axis: int, window: Window) -> Tensor:
    """Compare the first elements of all windows with the second ones, the winners with the third...

    This keeps the memory order of x. Long windows are searched one by one.
    """
    if window.size > _FEW:
        return moveaxis(first_maximum(_views(x, axis, window)), -1, axis)
    place = [slice(None)] * x.ndim
    length = (window.out - 1) * window.stride + 1
    best: Tensor | None = None
    for k in range(0, window.span, window.dilation):
        place[axis] = slice(k, k + length, window.stride)
        taken = slice_by(x, place)
        best = taken if best is None else where((taken > best) | isnan(taken), taken, best)
    assert best is not None
    return best


def first_maximum(views: Tensor) -> Tensor:
    """Maximum along the last axis; the first of equal ones gets the gradient."""
    place = argmax(views, axis=-1, keepdims=True)
    return squeeze(take_along_axis(views, place, axis=-1), -1)


def _sum(x: Tensor, axis: int, window: Window) -> Tensor:
    return moveaxis(_views(x, axis, window).sum(-1), -1, axis)


# --- maximum -------------------------------------------------------------------------------


def max_pool1d(
    x: TensorLike, kernel_size: PerAxis, *, stride: PerAxis | None = None, padding: PerAxis = 0,
    dilation: PerAxis = 1, ceil_mode: bool = False,
) -> Tensor:  # fmt: skip
    """Maximum over windows of one axis: y[..., i] = max over k of x[..., i*s + k*d - p].

    x (N, C, L) or (C, L) gives (..., out), out = floor((L + 2p - d * (K - 1) - 1) / s) + 1, or the
    ceiling with ``ceil_mode``, without windows that start beyond the input. The stride is the
    kernel size by default. Padding counts as minus infinity, at most half of the window. The first
    of equal maxima gets the gradient. Raises ShapeError if the window does not fit.

    >>> F.max_pool1d(tensor([[1.0, 3.0, 2.0, 0.0]]), 2)
    tensor([[3., 2.]])
    """
    return _max_pool("max_pool1d", 1, x, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool2d(
    x: TensorLike, kernel_size: PerAxis, *, stride: PerAxis | None = None, padding: PerAxis = 0,
    dilation: PerAxis = 1, ceil_mode: bool = False,
) -> Tensor:  # fmt: skip
    """Maximum over windows of two axes: x (N, C, H, W) or (C, H, W); see max_pool1d.

    >>> F.max_pool2d(tensor([[[1.0, 2.0], [3.0, 4.0]]]), 2)
    tensor([[[4.]]])
    """
    return _max_pool("max_pool2d", 2, x, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool3d(
    x: TensorLike, kernel_size: PerAxis, *, stride: PerAxis | None = None, padding: PerAxis = 0,
    dilation: PerAxis = 1, ceil_mode: bool = False,
) -> Tensor:  # fmt: skip
    """Maximum over windows of three axes: x (N, C, D, H, W) or (C, D, H, W); see max_pool1d.

    >>> F.max_pool3d(ones((1, 2, 2, 2)), 2)
    tensor([[[[1.]]]])
    """
    return _max_pool("max_pool3d", 3, x, kernel_size, stride, padding, dilation, ceil_mode)


def _max_pool(
    what: str, rank: int, x: TensorLike, size: PerAxis, stride: PerAxis | None, padding: PerAxis,
    dilation: PerAxis, ceil_mode: bool,
) -> Tensor:  # fmt: skip
    (node,) = promoted_floating([x])
    plan = _plan(what, rank, node, size, stride, padding, dilation, ceil_mode)
    return _pooled(node, plan, -math.inf, _maximum)


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
    plan = _plan(what, rank, node, size, stride, padding, 1, ceil_mode)
    counts = np.ones(())
    for window in plan:
        counts = counts[..., None] * window.counts(include_pad)
    scale = 1 / counts
    if scale.size and (scale == scale.flat[0]).all():
        scale = np.asarray(scale.flat[0])
    return _pooled(node, plan, 0.0, _sum) * as_tensor(scale, node.dtype)
