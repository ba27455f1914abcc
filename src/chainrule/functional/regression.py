"""Losses of regression: how far a prediction is from a target, element by element.

All take tensors of the same shape and a ``reduction``: "mean" (the default), "sum" or "none".
"""

from __future__ import annotations

from ..errors import ArgumentError
from ..graph import Tensor, TensorLike
from ..ops import where
from .losses import paired, reduced

__all__ = ["huber_loss", "l1_loss", "mse_loss", "smooth_l1_loss"]


def mse_loss(x: TensorLike, target: TensorLike, *, reduction: str = "mean") -> Tensor:
    """Squared error (x - target)**2, without a factor 1/2.

    >>> F.mse_loss(tensor([1.0, 2.0]), tensor([1.0, 4.0]))
    tensor(2.)
    """
    prediction, wanted = paired(x, target, "mse_loss")
    difference = prediction - wanted
    return reduced(difference * difference, reduction, "mse_loss")


def l1_loss(x: TensorLike, target: TensorLike, *, reduction: str = "mean") -> Tensor:
    """Absolute error abs(x - target); the derivative at 0 is 0.

    >>> F.l1_loss(tensor([1.0, 2.0]), tensor([1.0, 4.0]))
    tensor(1.)
    """
    prediction, wanted = paired(x, target, "l1_loss")
    return reduced(abs(prediction - wanted), reduction, "l1_loss")


def huber_loss(
    x: TensorLike, target: TensorLike, *, delta: float = 1.0, reduction: str = "mean"
) -> Tensor:
    """Square near 0, line further out (Huber 1964), with d = x - target.

    d**2 / 2 if abs(d) < delta else delta * (abs(d) - delta / 2). Raises ArgumentError unless
    delta > 0.

    >>> F.huber_loss(tensor([1.0, 2.0]), tensor([1.5, 5.0]), reduction="none")
    tensor([0.125, 2.5  ])
    """
    if delta <= 0:
        raise ArgumentError("huber_loss", required="delta > 0", received=str(delta))
    prediction, wanted = paired(x, target, "huber_loss")
    difference = prediction - wanted
    size = abs(difference)
    square, line = difference * difference * 0.5, (size - delta / 2) * delta
    return reduced(where(size < delta, square, line), reduction, "huber_loss")


def smooth_l1_loss(
    x: TensorLike, target: TensorLike, *, beta: float = 1.0, reduction: str = "mean"
) -> Tensor:
    """Huber's loss divided by beta, so that the line has slope 1 (Girshick 2015).

    d**2 / (2 * beta) if abs(d) < beta else abs(d) - beta / 2, with d = x - target. With beta = 0
    it is the L1 loss; ArgumentError for a negative beta.

    >>> F.smooth_l1_loss(tensor([1.0, 2.0]), tensor([1.5, 5.0]), reduction="none")
    tensor([0.125, 2.5  ])
    """
    if beta == 0:
        return l1_loss(x, target, reduction=reduction)
    if beta < 0:
        raise ArgumentError("smooth_l1_loss", required="beta >= 0", received=str(beta))
    return huber_loss(x, target, delta=beta, reduction=reduction) * (1 / beta)
