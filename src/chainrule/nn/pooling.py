"""Pooling layers; the formulas are in ``functional.pooling`` and ``adaptive_pooling``."""

from __future__ import annotations

from .. import functional as F
from ..functional.adaptive_pooling import Sizes
from ..functional.spatial import PerAxis
from .function_layer import FunctionLayer

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "GlobalAvgPool",
    "GlobalMaxPool",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
]


class _MaxPool(FunctionLayer):
    kernel_size: PerAxis
    stride: PerAxis | None = None
    padding: PerAxis = 0
    dilation: PerAxis = 1
    return_indices: bool = False
    ceil_mode: bool = False


class MaxPool1d(_MaxPool, function=F.max_pool1d):
    """Maximum over windows: (N, C, L) -> (N, C, floor((L + 2p - d(K - 1) - 1) / s) + 1).

    The stride is the kernel size by default; with ceil_mode the length is rounded up. With
    return_indices the output is a pair, maxima and indices, for MaxUnpool1d.

    >>> nn.MaxPool1d(2)(tensor([[[1.0, 3.0, 2.0, 0.0]]]))
    tensor([[[3., 2.]]])
    """


class MaxPool2d(_MaxPool, function=F.max_pool2d):
    """Maximum over windows of two axes: (N, C, H, W) -> (N, C, H', W'); see MaxPool1d.

    >>> nn.MaxPool2d(3, stride=2, padding=1)(ones((1, 1, 8, 8))).shape
    (1, 1, 4, 4)
    """


class MaxPool3d(_MaxPool, function=F.max_pool3d):
    """Maximum over windows of three axes: (N, C, D, H, W) -> (N, C, D', H', W'); see MaxPool1d.

    >>> nn.MaxPool3d(2)(ones((1, 1, 4, 4, 4))).shape
    (1, 1, 2, 2, 2)
    """


class _AvgPool(FunctionLayer):
    kernel_size: PerAxis
    stride: PerAxis | None = None
    padding: PerAxis = 0
    ceil_mode: bool = False
    count_include_pad: bool = True


class AvgPool1d(_AvgPool, function=F.avg_pool1d):
    """Mean over windows: (N, C, L) -> (N, C, floor((L + 2p - K) / s) + 1).

    Zeros of the padding count, unless count_include_pad is False.

    >>> nn.AvgPool1d(2)(tensor([[[1.0, 3.0, 2.0, 0.0]]]))
    tensor([[[2., 1.]]])
    """


class AvgPool2d(_AvgPool, function=F.avg_pool2d):
    """Mean over windows of two axes: (N, C, H, W) -> (N, C, H', W'); see AvgPool1d.

    >>> nn.AvgPool2d(2)(ones((1, 1, 8, 8))).shape
    (1, 1, 4, 4)
    """


class AvgPool3d(_AvgPool, function=F.avg_pool3d):
    """Mean over windows of three axes: (N, C, D, H, W) -> (N, C, D', H', W'); see AvgPool1d.

    >>> nn.AvgPool3d(2)(ones((1, 1, 4, 4, 4))).shape
    (1, 1, 2, 2, 2)
    """


class _AdaptiveMaxPool(FunctionLayer):
    output_size: Sizes
    return_indices: bool = False


class _AdaptiveAvgPool(FunctionLayer):
    output_size: Sizes


class AdaptiveMaxPool1d(_AdaptiveMaxPool, function=F.adaptive_max_pool1d):
    """Maximum over a given number of windows: (N, C, L) -> (N, C, output_size).

    >>> nn.AdaptiveMaxPool1d(2)(tensor([[[1.0, 5.0, 2.0, 0.0, 3.0]]]))
    tensor([[[5., 3.]]])
    """


class AdaptiveMaxPool2d(_AdaptiveMaxPool, function=F.adaptive_max_pool2d):
    """Maximum over a given grid of windows: (N, C, H, W) -> (N, C, *output_size).

    >>> nn.AdaptiveMaxPool2d((3, None))(ones((1, 1, 8, 8))).shape
    (1, 1, 3, 8)
    """


class AdaptiveMaxPool3d(_AdaptiveMaxPool, function=F.adaptive_max_pool3d):
    """Maximum over a given grid of windows: (N, C, D, H, W) -> (N, C, *output_size).

    >>> nn.AdaptiveMaxPool3d(1)(ones((1, 1, 4, 4, 4))).shape
    (1, 1, 1, 1, 1)
    """


class AdaptiveAvgPool1d(_AdaptiveAvgPool, function=F.adaptive_avg_pool1d):
    """Mean over a given number of windows: (N, C, L) -> (N, C, output_size).

    >>> nn.AdaptiveAvgPool1d(1)(tensor([[[1.0, 5.0, 3.0]]]))
    tensor([[[3.]]])
    """


class AdaptiveAvgPool2d(_AdaptiveAvgPool, function=F.adaptive_avg_pool2d):
    """Mean over a given grid of windows: (N, C, H, W) -> (N, C, *output_size).

    >>> nn.AdaptiveAvgPool2d((1, 3))(ones((1, 1, 8, 8))).shape
    (1, 1, 1, 3)
    """


class AdaptiveAvgPool3d(_AdaptiveAvgPool, function=F.adaptive_avg_pool3d):
    """Mean over a given grid of windows: (N, C, D, H, W) -> (N, C, *output_size).

    >>> nn.AdaptiveAvgPool3d(2)(ones((1, 1, 5, 5, 5))).shape
    (1, 1, 2, 2, 2)
    """


class GlobalMaxPool(FunctionLayer, function=F.global_max_pool):
    """Maximum over all spatial axes: (N, C, *S) -> (N, C).

    >>> nn.GlobalMaxPool()(ones((1, 2, 8, 8))).shape
    (1, 2)
    """


class GlobalAvgPool(FunctionLayer, function=F.global_avg_pool):
    """Mean over all spatial axes: (N, C, *S) -> (N, C).

    >>> nn.GlobalAvgPool()(ones((1, 2, 8, 8))).shape
    (1, 2)
    """
