"""Convolutions that share fewer weights (one set a place), or connect fewer channels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

import numpy as np

from .. import functional as F
from ..dtypes import Array, DTypeLike, float32
from ..errors import ArgumentError
from ..functional.spatial import PerAxis, per_axis
from ..graph import Tensor, constant
from ..ops import reshape, scatter_add, zeros
from ..ops.random import Generator
from . import init
from .module import Module
from .parameter import Parameter

__all__ = ["LocallyConnected2d", "MappedConv2d", "MappedConvTranspose2d"]


class LocallyConnected2d(Module):
    """Convolution with weights of its own at each place: (N, in, H, W) -> (N, out, H', W').

    weight (H', W', out, in, K1, K2) and bias (out, H', W') start as U(-1/sqrt(fan_in),
    1/sqrt(fan_in)); the ``input_size`` (H, W) decides how many there are. In Torch7:
    SpatialConvolutionLocal. Raises ArgumentError if the kernel does not fit.

    >>> nn.LocallyConnected2d(1, 2, (5, 5), 3)(ones((4, 1, 5, 5))).shape
    (4, 2, 3, 3)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        input_size: PerAxis,
        kernel_size: PerAxis,
        stride: PerAxis = 1,
        padding: PerAxis = 0,
        bias: bool = True,
        *,
        generator: Generator | None = None,
        dtype: DTypeLike = float32,
    ) -> None:
        name = type(self).__name__
        self.in_channels, self.out_channels = in_channels, out_channels
        self.input_size = per_axis(input_size, 2, f"input_size of {name}", least=1)
        self.kernel_size = per_axis(kernel_size, 2, f"kernel_size of {name}", least=1)
        self.stride = per_axis(stride, 2, f"stride of {name}", least=1)
        self.padding = per_axis(padding, 2, f"padding of {name}", least=0)
        out = tuple(
            (n + 2 * p - k) // s + 1
            for n, k, s, p in zip(
                self.input_size, self.kernel_size, self.stride, self.padding, strict=True
            )
        )
        if min(out) < 1:
            raise ArgumentError(
                name, required="kernel_size <= input_size + 2 * padding",
                received=f"{self.kernel_size} and {self.input_size}, padding {self.padding}",
            )  # fmt: skip
        fan_in = in_channels * math.prod(self.kernel_size)
        draw = partial(init.fan_in_uniform, fan_in=fan_in, generator=generator, dtype=dtype)
        self.weight = Parameter(draw((*out, out_channels, in_channels, *self.kernel_size)))
        self.bias = Parameter(draw((out_channels, *out))) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Convolve."""
        return F.locally_connected2d(
            x, self.weight, self.bias, stride=self.stride, padding=self.padding
        )

    def extra_repr(self) -> str:
        """Show channels, sizes and stride."""
        return (
            f"{self.in_channels}, {self.out_channels}, input_size={self.input_size}, "
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"
        )


class _Mapped(Module):
    """A convolution with a small kernel for each connection; all others are zero."""

    function: ClassVar[Any]
    output_first: ClassVar[bool]

    def __init__(
        self,
        table: Sequence[Sequence[int]] | Array,
        kernel_size: PerAxis,
        stride: PerAxis = 1,
        padding: PerAxis = 0,
        bias: bool = True,
        *,
        generator: Generator | None = None,
        dtype: DTypeLike = float32,
    ) -> None:
        name = type(self).__name__
        self.table = _checked_table(name, table)
        self.kernel_size = per_axis(kernel_size, 2, f"kernel_size of {name}", least=1)
        self.stride, self.padding = stride, padding
        self.in_channels, self.out_channels = (int(n) for n in self.table.max(axis=0) + 1)
        fan_in = math.ceil(len(self.table) / self.out_channels) * math.prod(self.kernel_size)
        draw = partial(init.fan_in_uniform, fan_in=fan_in, generator=generator, dtype=dtype)
        self.weight = Parameter(draw((len(self.table), *self.kernel_size)))
        self.bias = Parameter(draw((self.out_channels,))) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Convolve with the kernels of the table, and zeros."""
        rows, columns = (1, 0) if self.output_first else (0, 1)
        shape = [self.in_channels, self.out_channels]
        places = self.table[:, rows] * shape[columns] + self.table[:, columns]
        empty = zeros((shape[0] * shape[1], *self.kernel_size), dtype=self.weight.dtype)
        spread = scatter_add(empty, constant(places), self.weight)
        kernel = reshape(spread, (shape[rows], shape[columns], *self.kernel_size))
        result: Tensor = self.function(
            x, kernel, self.bias, stride=self.stride, padding=self.padding
        )
        return result

    def extra_repr(self) -> str:
        """Show channels, connections, kernel and stride."""
        return (
            f"{self.in_channels}, {self.out_channels}, connections={len(self.table)}, "
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"
        )


def _checked_table(what: str, table: Sequence[Sequence[int]] | Array) -> Array:
    pairs = np.asarray(table)
    good = pairs.ndim == 2 and pairs.shape[1] == 2 and len(pairs) and pairs.dtype.kind in "iu"
    if not good or pairs.min() < 0 or len(np.unique(pairs, axis=0)) != len(pairs):
        raise ArgumentError(
            f"table of {what}", required="different pairs (input channel, output channel) >= 0",
            received=f"an array of shape {pairs.shape}", hint="nn.connections makes tables",
        )  # fmt: skip
    return pairs.astype(np.int64)


class MappedConv2d(_Mapped):
    """Convolution between connected channels only: (N, in, H, W) -> (N, out, H', W').

    ``table`` lists pairs (input, output), as ``nn.connections`` makes them; weight (connections,
    K1, K2) has a kernel for each. As in LeNet-5 (LeCun et al. 1998); in Torch7:
    SpatialConvolutionMap. One to one it is a Conv2d with groups = channels, which is faster.

    >>> nn.MappedConv2d(nn.connections.one_to_one(3), 5)(ones((1, 3, 8, 8))).shape
    (1, 3, 4, 4)
    """

    function = staticmethod(F.conv2d)
    output_first = True


class MappedConvTranspose2d(_Mapped):
    """Transposed convolution between connected channels only: (N, in, H, W) -> (N, out, H', W').

    In Torch7: SpatialFullConvolutionMap; see MappedConv2d.

    >>> nn.MappedConvTranspose2d(nn.connections.full(2, 3), 2, stride=2)(ones((1, 2, 4, 4))).shape
    (1, 3, 8, 8)
    """

    function = staticmethod(F.conv_transpose2d)
    output_first = False
