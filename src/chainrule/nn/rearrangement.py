"""Layers that move elements: between channels and space, and between windows and columns."""

from __future__ import annotations

from .. import functional as F
from ..functional.spatial import PerAxis
from .function_layer import FunctionLayer

__all__ = ["ChannelShuffle", "Fold", "PixelShuffle", "PixelUnshuffle", "Unfold"]


class PixelShuffle(FunctionLayer, function=F.pixel_shuffle):
    """Make r*r channels into r x r pixels: (N, C * r * r, H, W) -> (N, C, H * r, W * r).

    >>> nn.PixelShuffle(2)(ones((1, 8, 3, 5))).shape
    (1, 2, 6, 10)
    """

    upscale_factor: int


class PixelUnshuffle(FunctionLayer, function=F.pixel_unshuffle):
    """Make r x r pixels into r*r channels: (N, C, H * r, W * r) -> (N, C * r * r, H, W).

    >>> nn.PixelUnshuffle(2)(ones((1, 2, 6, 10))).shape
    (1, 8, 3, 5)
    """

    downscale_factor: int


class ChannelShuffle(FunctionLayer, function=F.channel_shuffle):
    """Deal the channels of each group out to all groups: (N, C, ...) -> the same.

    >>> nn.ChannelShuffle(2)(tensor([[1.0, 2.0, 3.0, 4.0]]))
    tensor([[1., 3., 2., 4.]])
    """

    groups: int


class Unfold(FunctionLayer, function=F.unfold):
    """Make each window a column (im2col): (N, C, H, W) -> (N, C * K1 * K2, L) for L windows.

    >>> nn.Unfold((2, 3))(ones((2, 5, 3, 4))).shape
    (2, 30, 4)
    """

    kernel_size: PerAxis
    dilation: PerAxis = 1
    padding: PerAxis = 0
    stride: PerAxis = 1


class Fold(FunctionLayer, function=F.fold):
    """Add columns up where their windows are: (N, C * K1 * K2, L) -> (N, C, *output_size).

    >>> nn.Fold((3, 4), (2, 3))(ones((2, 30, 4))).shape
    (2, 5, 3, 4)
    """

    output_size: PerAxis
    kernel_size: PerAxis
    dilation: PerAxis = 1
    padding: PerAxis = 0
    stride: PerAxis = 1
