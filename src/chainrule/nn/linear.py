"""Linear layers."""

from __future__ import annotations

from functools import partial

from .. import functional as F
from ..dtypes import DTypeLike, float32
from ..graph import Tensor
from ..ops.random import Generator
from . import init
from .module import Module
from .parameter import Parameter

__all__ = ["Bilinear", "Linear"]


class Linear(Module):
    """Linear map y = x W^T + b: (..., in_features) -> (..., out_features).

    W and b start as U(-1/sqrt(in), 1/sqrt(in)).

    >>> nn.Linear(3, 2)
    Linear(in_features=3, out_features=2, bias=True)
    >>> nn.Linear(3, 2)(ones((4, 3))).shape
    (4, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        generator: Generator | None = None,
        dtype: DTypeLike = float32,
    ) -> None:
        self.in_features, self.out_features = in_features, out_features
        draw = partial(init.fan_in_uniform, fan_in=in_features, generator=generator, dtype=dtype)
        self.weight = Parameter(draw((out_features, in_features)))
        self.bias = Parameter(draw((out_features,))) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Compute x W^T + b."""
        return F.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Show sizes."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class Bilinear(Module):
    """Bilinear map y[o] = x1^T A[o] x2 + b[o]: (..., in1) and (..., in2) -> (..., out).

    A and b start as U(-1/sqrt(in1), 1/sqrt(in1)).

    >>> nn.Bilinear(2, 3, 4)(ones((5, 2)), ones((5, 3))).shape
    (5, 4)
    """

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        *,
        generator: Generator | None = None,
        dtype: DTypeLike = float32,
    ) -> None:
        draw = partial(init.fan_in_uniform, fan_in=in1_features, generator=generator, dtype=dtype)
        self.weight = Parameter(draw((out_features, in1_features, in2_features)))
        self.bias = Parameter(draw((out_features,))) if bias else None

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Compute x1^T A x2 + b."""
        return F.bilinear(x1, x2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Show sizes."""
        out, in1, in2 = self.weight.shape
        return (
            f"in1_features={in1}, in2_features={in2}, out_features={out}, "
            f"bias={self.bias is not None}"
        )
