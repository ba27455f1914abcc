"""Convolution layers; the formulas are in ``functional.convolution``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from .. import functional as F
from ..dtypes import DTypeLike, float32
from ..errors import ArgumentError
from ..functional.convolution import Padding, padding_pairs
from ..functional.spatial import PerAxis, per_axis
from ..graph import Tensor
from ..ops.random import Generator
from . import init
from .module import Module
from .parameter import Parameter

__all__ = [
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
]

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")
_DEFAULTS = {"padding": 0, "output_padding": 0, "dilation": 1, "groups": 1, "padding_mode": "zeros"}


class _Weighted(Module):
    """What all convolutions have: channels, a kernel, a weight and a bias."""

    rank: ClassVar[int]
    function: ClassVar[Callable[..., Tensor]]
    in_channels: int
    out_channels: int
    groups: int
    stride: PerAxis
    kernel_size: tuple[int, ...]
    bias: Parameter | None

    def _make_weights(
        self, first: int, second: int, bias: bool, generator: Generator | None, dtype: DTypeLike
    ) -> None:
        """Draw a weight (first, second // groups, *kernel), and a bias."""
        if min(first, second, self.groups) < 1 or first % self.groups or second % self.groups:
            raise ArgumentError(
                type(self).__name__, required="channels divisible by groups, all >= 1",
                received=f"{self.in_channels} and {self.out_channels}, groups {self.groups}",
            )  # fmt: skip
        shape = (first, second // self.groups, *self.kernel_size)
        fan_in, _ = init.fans(shape)
        draw = partial(init.fan_in_uniform, fan_in=fan_in, generator=generator, dtype=dtype)
        self.weight = Parameter(draw(shape))
        self.bias = Parameter(draw((self.out_channels,))) if bias else None

    def extra_repr(self) -> str:
        """Show channels, kernel and stride, and what differs from the defaults."""
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"]
        parts.append(f"stride={self.stride}")
        for name, default in _DEFAULTS.items():
            value = vars(self).get(name, default)
            if value != default:
                parts.append(f"{name}={value!r}")
        return ", ".join(parts if self.bias is not None else [*parts, "bias=False"])


class _Convolution(_Weighted):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: PerAxis,
        stride: PerAxis = 1,
        padding: Padding = 0,
        dilation: PerAxis = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        generator: Generator | None = None,
        dtype: DTypeLike = float32,
    ) -> None:
        if padding_mode not in _PADDING_MODES:
            raise ArgumentError(
                f"padding_mode of {type(self).__name__}",
                required=f"one of {', '.join(_PADDING_MODES)}", received=repr(padding_mode),
            )  # fmt: skip
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = per_axis(kernel_size, self.rank, "kernel_size", least=1)
        self.stride, self.dilation = stride, dilation
        self.padding, self.padding_mode = padding, padding_mode
        self._make_weights(out_channels, in_channels, bias, generator, dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve."""
        padding = self.padding
        if self.padding_mode != "zeros":
            pairs = padding_pairs(padding, self.kernel_size, self.stride, self.dilation)
            x, padding = F.pad(x, pairs, mode=self.padding_mode), 0
        return self.function(
            x, self.weight, self.bias, stride=self.stride, padding=padding,
            dilation=self.dilation, groups=self.groups,
        )  # fmt: skip


class Conv1d(_Convolution):
    """Convolution along one axis: (N, in, L) -> (N, out, floor((L + 2p - d(K - 1) - 1) / s) + 1).

    Weight (out, in // groups, K) and bias start as U(-1/sqrt(fan_in), 1/sqrt(fan_in)). Padding: a
    number, "same" or "valid"; padding_mode "zeros", "reflect", "replicate" or "circular".

    >>> nn.Conv1d(2, 4, 3, padding="same")(ones((1, 2, 8))).shape
    (1, 4, 8)
    """

    rank = 1
    function = staticmethod(F.conv1d)


class Conv2d(_Convolution):
    """Convolution along two axes: (N, in, H, W) -> (N, out, H', W'); see Conv1d.

    >>> nn.Conv2d(1, 20, 5)
    Conv2d(1, 20, kernel_size=(5, 5), stride=1)
    >>> nn.Conv2d(1, 20, 5)(ones((64, 1, 28, 28))).shape
    (64, 20, 24, 24)
    """

    rank = 2
    function = staticmethod(F.conv2d)


class Conv3d(_Convolution):
    """Convolution along three axes: (N, in, D, H, W) -> (N, out, D', H', W'); see Conv1d.

    >>> nn.Conv3d(1, 2, 3, stride=2)(ones((1, 1, 5, 5, 5))).shape
    (1, 2, 2, 2, 2)
    """

    rank = 3
    function = staticmethod(F.conv3d)


class _TransposedConvolution(_Weighted):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: PerAxis,
        stride: PerAxis = 1,
        padding: PerAxis = 0,
        output_padding: PerAxis = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: PerAxis = 1,
        *,
        generator: Generator | None = None,
        dtype: DTypeLike = float32,
    ) -> None:
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = per_axis(kernel_size, self.rank, "kernel_size", least=1)
        self.stride, self.dilation = stride, dilation
        self.padding, self.output_padding = padding, output_padding
        self._make_weights(in_channels, out_channels, bias, generator, dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve, transposed."""
        return self.function(
            x, self.weight, self.bias, stride=self.stride, padding=self.padding,
            output_padding=self.output_padding, groups=self.groups, dilation=self.dilation,
        )  # fmt: skip


class ConvTranspose1d(_TransposedConvolution):
    """Transposed convolution: (N, in, L) -> (N, out, (L - 1) s - 2p + d(K - 1) + extra + 1).

    ``output_padding`` is the extra length at the end. The adjoint of Conv1d with the same
    arguments; weight (in, out // groups, K).

    >>> nn.ConvTranspose1d(2, 4, 3, stride=2)(ones((1, 2, 8))).shape
    (1, 4, 17)
    """

    rank = 1
    function = staticmethod(F.conv_transpose1d)


class ConvTranspose2d(_TransposedConvolution):
    """Transposed convolution along two axes: (N, in, H, W) -> (N, out, H', W').

    >>> nn.ConvTranspose2d(2, 4, 2, stride=2)(ones((1, 2, 3, 5))).shape
    (1, 4, 6, 10)
    """

    rank = 2
    function = staticmethod(F.conv_transpose2d)


class ConvTranspose3d(_TransposedConvolution):
    """Transposed convolution along three axes: (N, in, D, H, W) -> (N, out, D', H', W').

    >>> nn.ConvTranspose3d(1, 2, 2)(ones((1, 1, 2, 2, 2))).shape
    (1, 2, 3, 3, 3)
    """

    rank = 3
    function = staticmethod(F.conv_transpose3d)
