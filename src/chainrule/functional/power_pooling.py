"""Power-mean pooling: (sum of x**p over a window)**(1/p), between sum (p = 1) and maximum."""

from __future__ import annotations

import math
from collections.abc import Callable

from ..errors import ArgumentError, ShapeError
from ..graph import Tensor, TensorLike
from ..ops import moveaxis, where, windows
from ..ops.rules import promoted_floating
from .pooling import avg_pool1d, avg_pool2d, avg_pool3d
from .spatial import PerAxis, per_axis

__all__ = ["feature_lp_pool", "lp_pool1d", "lp_pool2d", "lp_pool3d"]


def lp_pool1d(
    x: TensorLike, norm_type: float, kernel_size: PerAxis, *, stride: PerAxis | None = None,
    ceil_mode: bool = False,
) -> Tensor:  # fmt: skip
    """Power of windows of one axis: y[..., i] = (sum over k of x[..., i*s + k]**p)**(1/p).

    p is the ``norm_type``; it is x**p, not abs(x)**p, so that an odd p wants positive x. x (N, C,
    L) or (C, L) gives shapes as max_pool1d does; in ``ceil_mode`` the sum over an incomplete window
    is scaled up to a whole one. The derivative where y = 0 is 0. Raises ArgumentError for p = 0.

    >>> F.lp_pool1d(tensor([[3.0, 4.0, 0.0, 0.0]]), 2, 2)
    tensor([[5., 0.]])
    """
    return _lp_pool(avg_pool1d, 1, x, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(
    x: TensorLike, norm_type: float, kernel_size: PerAxis, *, stride: PerAxis | None = None,
    ceil_mode: bool = False,
) -> Tensor:  # fmt: skip
    """Power of windows of two axes: x (N, C, H, W) or (C, H, W); see lp_pool1d.

    >>> F.lp_pool2d(tensor([[[1.0, 5.0], [1.0, 3.0]]]), 2, 2)
    tensor([[[6.]]])
    """
    return _lp_pool(avg_pool2d, 2, x, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(
    x: TensorLike, norm_type: float, kernel_size: PerAxis, *, stride: PerAxis | None = None,
    ceil_mode: bool = False,
) -> Tensor:  # fmt: skip
    """Power of windows of three axes: x (N, C, D, H, W) or (C, D, H, W); see lp_pool1d.

    >>> F.lp_pool3d(ones((1, 2, 2, 1)), 2, (2, 2, 1))
    tensor([[[[2.]]]])
    """
    return _lp_pool(avg_pool3d, 3, x, norm_type, kernel_size, stride, ceil_mode)


def feature_lp_pool(x: TensorLike, width: int, stride: int, *, power: float = 2.0) -> Tensor:
    """Power of windows of neighbouring features: y[n, i] = (sum of x[n, i*s + k]**p)**(1/p).

    x (N, C, ...) gives (N, (C - width) // stride + 1, ...). In Torch7: FeatureLPPooling. Raises
    ShapeError if the window does not fit.

    >>> F.feature_lp_pool(tensor([[3.0, 4.0, 0.0]]), 2, 1)
    tensor([[5., 4.]])
    """
    (node,) = promoted_floating([x])
    _check_power("feature_lp_pool", power)
    if node.ndim < 2:
        raise ShapeError("feature_lp_pool", required="x (N, C, ...)", received=f"{node.shape}")
    views = windows(moveaxis(node**power, 1, -1), (width,), stride=stride)
    return _root(moveaxis(views.sum(-1), -1, 1), power)


def _lp_pool(
    pool: Callable[..., Tensor], rank: int, x: TensorLike, power: float, kernel_size: PerAxis,
    stride: PerAxis | None, ceil_mode: bool,
) -> Tensor:  # fmt: skip
    (node,) = promoted_floating([x])
    _check_power(pool.__name__.replace("avg", "lp"), power)
    size = math.prod(per_axis(kernel_size, rank, "kernel_size", least=1))
    return _root(pool(node**power, kernel_size, stride=stride, ceil_mode=ceil_mode) * size, power)


def _root(x: Tensor, power: float) -> Tensor:
    """Return x**(1/p), with the derivative 0 instead of infinity at 0."""
    return where(x == 0, 0.0, where(x == 0, 1.0, x) ** (1 / power))


def _check_power(what: str, power: float) -> None:
    if power == 0:
        raise ArgumentError(what, required="a power other than 0", received=str(power))
