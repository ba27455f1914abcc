"""Learned scales and shifts of some axes of the input."""

from __future__ import annotations

from .. import functional as F
from ..dtypes import DTypeLike, float32
from ..graph import Shape, Tensor
from . import init
from .module import Module
from .parameter import Parameter

__all__ = ["Bias", "Scale"]


class Scale(Module):
    """Learned scale y = x * weight (+ bias) of the axes from ``axis`` on; the shape of x stays.

    ``shape`` is that of these axes, x.shape[axis : axis + len(shape)]; the other axes share a
    weight, and () is one weight for all. Weight starts as ones, bias as zeros. Raises ShapeError
    if x is otherwise. Where both are inputs: functional.scale. In Caffe: Scale.

    >>> nn.Scale(3, bias=True)
    Scale((3,), axis=1, bias=True)
    >>> nn.Scale((4, 5), axis=2)(ones((2, 3, 4, 5))).shape
    (2, 3, 4, 5)
    """

    def __init__(
        self, shape: int | Shape, axis: int = 1, bias: bool = False, *, dtype: DTypeLike = float32
    ) -> None:
        sizes = (shape,) if isinstance(shape, int) else tuple(shape)
        self.axis = axis
        self.weight = Parameter(init.ones(sizes, dtype=dtype))
        self.bias = Parameter(init.zeros(sizes, dtype=dtype)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Scale, and shift."""
        return F.scale(x, self.weight, self.bias, axis=self.axis)

    def extra_repr(self) -> str:
        """Show shape and axis."""
        return f"{self.weight.shape}, axis={self.axis}, bias={self.bias is not None}"


class Bias(Module):
    """Learned shift y = x + bias of the axes from ``axis`` on; see Scale. In Caffe: Bias.

    >>> nn.Bias(3)(zeros((2, 3, 4))).shape
    (2, 3, 4)
    """

    def __init__(
        self, shape: int | Shape, axis: int = 1, *, dtype: DTypeLike = float32
    ) -> None:  # fmt: skip
        sizes = (shape,) if isinstance(shape, int) else tuple(shape)
        self.axis = axis
        self.bias = Parameter(init.zeros(sizes, dtype=dtype))

    def forward(self, x: Tensor) -> Tensor:
        """Shift."""
        return F.add_bias(x, self.bias, axis=self.axis)

    def extra_repr(self) -> str:
        """Show shape and axis."""
        return f"{self.bias.shape}, axis={self.axis}"
