"""Rectifiers that keep both signs, draw their slope, or choose the largest of several maps."""

from __future__ import annotations

from .. import functional as F
from ..dtypes import DTypeLike, float32
from ..errors import ArgumentError
from ..graph import Tensor
from ..ops.random import Generator
from .function_layer import FunctionLayer, ModeLayer
from .linear import Linear
from .module import Module

__all__ = ["CReLU", "Maxout", "RReLU"]


class CReLU(FunctionLayer, function=F.crelu):
    """Concatenated rectifier: max(x, 0) and max(-x, 0) along an axis, which doubles.

    >>> nn.CReLU()(tensor([[-1.0, 2.0]]))
    tensor([[0., 2., 1., 0.]])
    """

    axis: int = 1


class RReLU(ModeLayer, function=F.rrelu):
    """Randomized leaky rectifier: x if x > 0 else a * x, in training with a ~ U(lower, upper).

    In evaluation a = (lower + upper) / 2.

    >>> nn.RReLU(0.25, 0.5).eval()(tensor([-8.0, 2.0]))
    tensor([-3.,  2.])
    """

    lower: float = 1 / 8
    upper: float = 1 / 3
    generator: Generator | None = None


class Maxout(Module):
    """Largest of several linear maps: y = max over k of x W_k^T + b_k: (..., in) -> (..., out).

    The maps are one layer ``linear`` with pieces * out features; ArgumentError unless pieces >= 1
    (Goodfellow et al. 2013).

    >>> nn.Maxout(3, 2, pieces=4)(ones((5, 3))).shape
    (5, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        pieces: int = 2,
        bias: bool = True,
        *,
        generator: Generator | None = None,
        dtype: DTypeLike = float32,
    ) -> None:
        if pieces < 1:
            raise ArgumentError("Maxout", required="pieces >= 1", received=str(pieces))
        self.pieces = pieces
        self.linear = Linear(
            in_features, pieces * out_features, bias, generator=generator, dtype=dtype
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the largest of the maps."""
        return F.maxout(self.linear(x), self.pieces)

    def extra_repr(self) -> str:
        """Show the number of maps."""
        return f"pieces={self.pieces}"
