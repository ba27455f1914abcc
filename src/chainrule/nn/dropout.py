"""Dropout layers: random in training, the identity in evaluation."""

from __future__ import annotations

from .. import functional as F
from ..functional.dropouts import check_probability
from ..ops.random import Generator
from .function_layer import ModeLayer

__all__ = ["AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout"]


class _Dropout(ModeLayer):
    p: float = 0.5
    generator: Generator | None = None

    def __post_init__(self) -> None:
        check_probability(type(self).__name__, self.p)


class Dropout(_Dropout, function=F.dropout):
    """Set elements to 0 with probability p in training, divide the others by 1 - p.

    Raises ArgumentError unless 0 <= p <= 1.

    >>> nn.Dropout(0.2).eval()(ones(3))
    tensor([1., 1., 1.])
    """


class Dropout1d(_Dropout, function=F.dropout1d):
    """Set whole channels of (N, C, L) to 0 with probability p in training.

    >>> nn.Dropout1d(1.0)(ones((1, 1, 2)))
    tensor([[[0., 0.]]])
    """


class Dropout2d(_Dropout, function=F.dropout2d):
    """Set whole channels of (N, C, H, W) to 0 with probability p in training.

    >>> nn.Dropout2d(1.0)(ones((1, 1, 1, 2)))
    tensor([[[[0., 0.]]]])
    """


class Dropout3d(_Dropout, function=F.dropout3d):
    """Set whole channels of (N, C, D, H, W) to 0 with probability p in training.

    >>> nn.Dropout3d(1.0)(ones((1, 1, 1, 1, 2)))
    tensor([[[[[0., 0.]]]]])
    """


class AlphaDropout(_Dropout, function=F.alpha_dropout):
    """Dropout that keeps the mean and the variance of SELU networks.

    >>> nn.AlphaDropout(0.2).eval()(ones(3))
    tensor([1., 1., 1.])
    """


class FeatureAlphaDropout(_Dropout, function=F.feature_alpha_dropout):
    """Alpha dropout of whole channels of (N, C, ...).

    >>> nn.FeatureAlphaDropout(0.2).eval()(ones((1, 1, 2)))
    tensor([[[1., 1.]]])
    """
