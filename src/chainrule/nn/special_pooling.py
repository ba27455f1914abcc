"""Pooling with random windows, random elements, pyramids, the k largest, learned sums."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

from .. import functional as F
from ..dtypes import DTypeLike, float32
from ..functional.spatial import PerAxis, per_axis
from ..graph import Tensor, TensorLike
from ..ops import reshape
from ..ops.random import Generator
from . import init
from .function_layer import FunctionLayer
from .module import Module
from .parameter import Parameter

__all__ = [
    "FractionalMaxPool2d",
    "FractionalMaxPool3d",
    "KMaxPool1d",
    "SpatialPyramidPool",
    "StochasticPool2d",
    "SubSampling1d",
    "SubSampling2d",
]


class _FractionalMaxPool(FunctionLayer):
    kernel_size: PerAxis
    output_size: PerAxis | None = None
    output_ratio: float | Sequence[float] | None = None
    return_indices: bool = False
    random_samples: TensorLike | None = None
    generator: Generator | None = None

    def extra_repr(self) -> str:
        """Show the sizes."""
        names = ("kernel_size", "output_size", "output_ratio")
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in names)


class FractionalMaxPool2d(_FractionalMaxPool, function=F.fractional_max_pool2d):
    """Maximum over windows at random distances: (N, C, H, W) -> (N, C, *output_size).

    Or floor(n * output_ratio) for each axis; in evaluation too, windows are drawn at each call,
    unless random_samples are given (Graham 2014).

    >>> nn.FractionalMaxPool2d(2, output_ratio=0.7)(ones((1, 1, 10, 20))).shape
    (1, 1, 7, 14)
    """


class FractionalMaxPool3d(_FractionalMaxPool, function=F.fractional_max_pool3d):
    """Maximum over windows at random distances: (N, C, D, H, W) -> (N, C, *output_size).

    >>> nn.FractionalMaxPool3d(2, (3, 4, 3))(ones((1, 1, 5, 6, 7))).shape
    (1, 1, 3, 4, 3)
    """


class StochasticPool2d(FunctionLayer, function=F.stochastic_pool2d):
    """Draw an element of each window with p = x / sum x: (N, C, H, W) -> (N, C, H', W').

    In evaluation the expected value, sum x * p. Wants x >= 0 (Zeiler and Fergus 2013).

    >>> nn.StochasticPool2d((1, 2)).eval()(tensor([[[[1.0, 3.0]]]]))
    tensor([[[[2.5]]]])
    """

    kernel_size: PerAxis
    stride: PerAxis | None = None
    ceil_mode: bool = False
    generator: Generator | None = None

    def options(self) -> dict[str, Any]:
        """Add the mode of the module."""
        return {**super().options(), "training": self.training}

    def extra_repr(self) -> str:
        """Show the windows."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, ceil_mode={self.ceil_mode}"


class SpatialPyramidPool(FunctionLayer, function=F.spatial_pyramid_pool):
    """Pool grids of 1, 4, 16... windows: (N, C, H, W) of any size -> (N, C * (1 + 4 + 16...)).

    Caffe's SPP layer; mode "max" or "avg" (He et al. 2014).

    >>> nn.SpatialPyramidPool(3)(ones((1, 2, 13, 9))).shape
    (1, 42)
    """

    levels: int
    mode: str = "max"


class KMaxPool1d(FunctionLayer, function=F.k_max_pool1d):
    """Keep the k largest elements in the order of time: (N, C, L) -> (N, C, max(k, factor * L)).

    In Torch7: TemporalDynamicKMaxPooling (Kalchbrenner et al. 2014).

    >>> nn.KMaxPool1d(2)(tensor([[[5.0, 1.0, 7.0, 6.0]]]))
    tensor([[[7., 6.]]])
    """

    k: int
    factor: float = 0.0


class _SubSampling(Module):
    rank: ClassVar[int]

    def __init__(
        self, channels: int, kernel_size: PerAxis, stride: PerAxis | None = None, *,
        generator: Generator | None = None, dtype: DTypeLike = float32,
    ) -> None:  # fmt: skip
        name = f"kernel_size of {type(self).__name__}"
        self.kernel_size = per_axis(kernel_size, self.rank, name, least=1)
        self.channels, self.stride = channels, stride
        fan_in = math.prod(self.kernel_size)
        for name in ("weight", "bias"):
            drawn = init.fan_in_uniform((channels,), fan_in, generator=generator, dtype=dtype)
            setattr(self, name, Parameter(drawn))

    weight: Parameter
    bias: Parameter

    def forward(self, x: Tensor) -> Tensor:
        """Scale and shift the sum over each window."""
        pool = (F.avg_pool1d, F.avg_pool2d)[self.rank - 1]
        mean = pool(x, self.kernel_size, stride=self.stride)
        shape = (-1, *[1] * self.rank)
        total = mean * math.prod(self.kernel_size)
        return total * reshape(self.weight, shape) + reshape(self.bias, shape)

    def extra_repr(self) -> str:
        """Show channels and windows."""
        return f"{self.channels}, kernel_size={self.kernel_size}, stride={self.stride}"


class SubSampling1d(_SubSampling):
    """Scaled and shifted sum over windows: y[n, c, i] = weight[c] * sum of x[n, c, i*s + k] + bias.

    weight and bias (channels) start as U(-1/sqrt(K), 1/sqrt(K)). (N, C, L) -> (N, C, (L - K) // s +
    1); the stride is the kernel size by default. In Torch7: TemporalSubSampling.

    >>> nn.SubSampling1d(6, 2)(ones((1, 6, 8))).shape
    (1, 6, 4)
    """

    rank = 1


class SubSampling2d(_SubSampling):
    """Scaled and shifted sum over windows of two axes, as in LeNet-5 (LeCun et al. 1998).

    (N, C, H, W) -> (N, C, H', W'); see SubSampling1d. In Torch7: SpatialSubSampling.

    >>> nn.SubSampling2d(6, 2)(ones((1, 6, 28, 28))).shape
    (1, 6, 14, 14)
    """

    rank = 2
