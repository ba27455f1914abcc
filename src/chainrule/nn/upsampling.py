"""Layers that change the lengths of spatial axes; see ``functional.interpolation``."""

from __future__ import annotations

from typing import ClassVar

from .. import functional as F
from ..functional.interpolation import Scale
from ..functional.spatial import PerAxis
from ..graph import Tensor, TensorLike
from .function_layer import FunctionLayer
from .module import Module

__all__ = ["Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"]


class Upsample(FunctionLayer, function=F.interpolate):
    """Change the lengths of the spatial axes: (N, C, *S) -> (N, C, *size), or floor(n * scale).

    Modes "nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear", "area".

    >>> nn.Upsample(scale_factor=2, mode="bilinear")(ones((1, 2, 3, 4))).shape
    (1, 2, 6, 8)
    """

    size: PerAxis | None = None
    scale_factor: Scale | None = None
    mode: str = "nearest"
    align_corners: bool | None = None


class _Upsampling2d(Module):
    mode: ClassVar[str]
    align_corners: ClassVar[bool | None] = None

    def __init__(self, size: PerAxis | None = None, scale_factor: Scale | None = None) -> None:
        self.size, self.scale_factor = size, scale_factor

    def forward(self, x: TensorLike) -> Tensor:
        """Interpolate."""
        return F.interpolate(
            x, size=self.size, scale_factor=self.scale_factor, mode=self.mode,
            align_corners=self.align_corners,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """Show what was given of size and scale."""
        given = {"size": self.size, "scale_factor": self.scale_factor}
        return ", ".join(f"{name}={value}" for name, value in given.items() if value is not None)


class UpsamplingNearest2d(_Upsampling2d):
    """Repeat elements: (N, C, H, W) -> (N, C, H', W'); Upsample of mode "nearest".

    >>> nn.UpsamplingNearest2d(scale_factor=2)(tensor([[[[1.0, 2.0]]]])).tolist()
    [[[[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]]]
    """

    mode = "nearest"


class UpsamplingBilinear2d(_Upsampling2d):
    """Draw lines between elements, corners stay: (N, C, H, W) -> (N, C, H', W').

    Upsample of mode "bilinear" with align_corners.

    >>> nn.UpsamplingBilinear2d(size=(1, 3))(tensor([[[[1.0, 3.0]]]]))
    tensor([[[[1., 2., 3.]]]])
    """

    mode = "bilinear"
    align_corners = True
