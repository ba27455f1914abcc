"""Softmax and its relatives as layers; the formulas are in ``functional.probability``."""

from __future__ import annotations

from .. import functional as F
from ..errors import ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from .function_layer import FunctionLayer

__all__ = ["LogSoftmax", "Softmax", "Softmax2d", "Softmin"]


def _over_channels(x: TensorLike) -> Tensor:
    node = as_tensor(x)
    if node.ndim not in (3, 4):
        raise ShapeError(
            "Softmax2d", required="x (N, C, H, W) or (C, H, W)", received=f"{node.shape}"
        )
    return F.softmax(node, axis=-3)


class Softmax(FunctionLayer, function=F.softmax):
    """Probabilities from scores: e**x[i] / sum over k of e**x[k], along an axis.

    >>> nn.Softmax()(tensor([0.0, 0.0]))
    tensor([0.5, 0.5])
    """

    axis: int = -1


class Softmax2d(FunctionLayer, function=_over_channels):
    """Softmax over the channels at each place of x (N, C, H, W) or (C, H, W).

    Raises ShapeError for another number of axes.

    >>> nn.Softmax2d()(zeros((1, 4, 1, 1))).tolist()
    [[[[0.25]], [[0.25]], [[0.25]], [[0.25]]]]
    """


class Softmin(FunctionLayer, function=F.softmin):
    """Softmax of -x, along an axis.

    >>> nn.Softmin()(tensor([0.0, 0.0]))
    tensor([0.5, 0.5])
    """

    axis: int = -1


class LogSoftmax(FunctionLayer, function=F.log_softmax):
    """Logarithm of softmax, along an axis.

    >>> nn.LogSoftmax()(tensor([0.0, -1000.0]))
    tensor([    0., -1000.])
    """

    axis: int = -1
