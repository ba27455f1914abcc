"""Power-mean pooling layers; the formulas are in ``functional.power_pooling``."""

from __future__ import annotations

from .. import functional as F
from ..functional.spatial import PerAxis
from .function_layer import FunctionLayer

__all__ = ["FeatureLPPool", "LPPool1d", "LPPool2d", "LPPool3d"]


class _LPPool(FunctionLayer):
    norm_type: float
    kernel_size: PerAxis
    stride: PerAxis | None = None
    ceil_mode: bool = False


class LPPool1d(_LPPool, function=F.lp_pool1d):
    """(Sum of x**p over a window)**(1/p), p = norm_type: (N, C, L) -> (N, C, (L - K) // s + 1).

    >>> nn.LPPool1d(2, 2)(tensor([[[3.0, 4.0, 0.0, 0.0]]]))
    tensor([[[5., 0.]]])
    """


class LPPool2d(_LPPool, function=F.lp_pool2d):
    """(Sum of x**p over a window)**(1/p): (N, C, H, W) -> (N, C, H', W'); see LPPool1d.

    >>> nn.LPPool2d(1, 2)(ones((1, 1, 2, 2)))
    tensor([[[[4.]]]])
    """


class LPPool3d(_LPPool, function=F.lp_pool3d):
    """(Sum of x**p over a window)**(1/p): (N, C, D, H, W) -> (N, C, D', H', W'); see LPPool1d.

    >>> nn.LPPool3d(3, 2)(ones((1, 1, 2, 2, 2)))
    tensor([[[[[2.]]]]])
    """


class FeatureLPPool(FunctionLayer, function=F.feature_lp_pool):
    """(Sum of x**p over neighbouring features)**(1/p): (N, C, ...) -> (N, (C - width)//s + 1, ...).

    In Torch7: FeatureLPPooling.

    >>> nn.FeatureLPPool(width=2, stride=1)(tensor([[3.0, 4.0, 0.0]]))
    tensor([[5., 4.]])
    """

    width: int
    stride: int
    power: float = 2.0
