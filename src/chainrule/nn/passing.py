"""Layers that let values pass: with another gradient, or with noise in training."""

from __future__ import annotations

from .. import functional as F
from ..ops.random import Generator
from .function_layer import FunctionLayer, ModeLayer

__all__ = ["GradientReversal", "WhiteNoise"]


class GradientReversal(FunctionLayer, function=F.gradient_reversal):
    """Return x, of which the gradient is multiplied by -scale.

    >>> nn.GradientReversal()(tensor([3.0]))
    tensor([3.])
    """

    scale: float = 1.0


class WhiteNoise(ModeLayer, function=F.white_noise):
    """Add noise from N(mean, std**2) in training, the mean in evaluation.

    >>> nn.WhiteNoise(0.5).eval()(ones(2))
    tensor([1.5, 1.5])
    """

    mean: float = 0.0
    std: float = 0.1
    generator: Generator | None = None
