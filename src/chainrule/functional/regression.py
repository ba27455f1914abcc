"""Losses of regression: how far a prediction is from a target, element by element.

All take tensors of the same shape, a ``reduction`` and weights of samples or elements.
"""

from __future__ import annotations

from ..errors import ArgumentError, ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import where
from ..ops.rules import promoted_floating
from .losses import paired, reduced

__all__ = [
    "auto_crop_mse_loss",
    "euclidean_loss",
    "huber_loss",
    "l1_loss",
    "mse_loss",
    "smooth_l1_loss",
    "weighted_mse_loss",
]


def mse_loss(
    x: TensorLike,
    target: TensorLike,
    *,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Squared error (x - target)**2, without a factor 1/2.

    >>> F.mse_loss(tensor([1.0, 2.0]), tensor([1.0, 4.0]))
    tensor(2.)
    """
    prediction, wanted = paired(x, target, "mse_loss")
    difference = prediction - wanted
    return reduced(difference * difference, reduction, "mse_loss", sample_weight=sample_weight)


def l1_loss(
    x: TensorLike,
    target: TensorLike,
    *,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Absolute error abs(x - target); the derivative at 0 is 0.

    >>> F.l1_loss(tensor([1.0, 2.0]), tensor([1.0, 4.0]))
    tensor(1.)
    """
    prediction, wanted = paired(x, target, "l1_loss")
    return reduced(abs(prediction - wanted), reduction, "l1_loss", sample_weight=sample_weight)


def huber_loss(
    x: TensorLike,
    target: TensorLike,
    *,
    delta: float = 1.0,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
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
    losses = where(size < delta, square, line)
    return reduced(losses, reduction, "huber_loss", sample_weight=sample_weight)


def smooth_l1_loss(
    x: TensorLike,
    target: TensorLike,
    *,
    beta: float = 1.0,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Huber's loss divided by beta, so that the line has slope 1 (Girshick 2015).

    d**2 / (2 * beta) if abs(d) < beta else abs(d) - beta / 2, with d = x - target. With beta = 0
    it is the L1 loss; ArgumentError for a negative beta.

    >>> F.smooth_l1_loss(tensor([1.0, 2.0]), tensor([1.5, 5.0]), reduction="none")
    tensor([0.125, 2.5  ])
    """
    if beta == 0:
        return l1_loss(x, target, reduction=reduction, sample_weight=sample_weight)
    if beta < 0:
        raise ArgumentError("smooth_l1_loss", required="beta >= 0", received=str(beta))
    loss = huber_loss(x, target, delta=beta, reduction=reduction, sample_weight=sample_weight)
    return loss * (1 / beta)


def euclidean_loss(
    x: TensorLike,
    target: TensorLike,
    *,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Half the squared distance of each sample: sum over its elements of (x - target)**2 / 2.

    "mean" divides by the number of samples N, the length of the first axis, and not by that of
    elements (Caffe's EuclideanLoss).

    >>> F.euclidean_loss(tensor([[1.0, 2.0], [0.0, 0.0]]), tensor([[1.0, 4.0], [0.0, 2.0]]))
    tensor(2.)
    """
    prediction, wanted = paired(x, target, "euclidean_loss")
    difference = prediction - wanted
    axes = tuple(range(1, difference.ndim))
    losses = (difference * difference).sum(axes) * 0.5 if axes else difference * difference * 0.5
    return reduced(losses, reduction, "euclidean_loss", sample_weight=sample_weight)


def weighted_mse_loss(
    x: TensorLike,
    target: TensorLike,
    weight: TensorLike,
    *,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Squared error from a target that is weighted first: (x - weight * target)**2.

    It is Torch's WeightedMSECriterion, whose weights change the target and not the error; weights
    of errors are mse_loss's ``sample_weight``. The weight broadcasts.

    >>> F.weighted_mse_loss(tensor([1.0, 2.0]), tensor([1.0, 4.0]), tensor([1.0, 0.0]))
    tensor(2.)
    """
    prediction, wanted = promoted_floating([x, target])
    wanted = wanted * as_tensor(weight).astype(prediction.dtype)
    return mse_loss(prediction, wanted, reduction=reduction, sample_weight=sample_weight)


def auto_crop_mse_loss(
    x: TensorLike,
    target: TensorLike,
    *,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Squared error from the middle of a larger target.

    x (..., H, W), target (..., H', W') with H' >= H and W' >= W, cut from row (H' - H) // 2 and
    column (W' - W) // 2 on. Raises ShapeError for a smaller one (Torch's
    SpatialAutoCropMSECriterion).

    >>> F.auto_crop_mse_loss(ones((1, 1, 1)), arange(9.0).reshape(1, 3, 3))
    tensor(9.)
    """
    prediction, wanted = promoted_floating([x, target])
    have, given = prediction.shape, wanted.shape
    fits = len(have) == len(given) >= 2 and have[:-2] == given[:-2]
    if not fits or any(g < h for h, g in zip(have[-2:], given[-2:], strict=True)):
        raise ShapeError(
            "auto_crop_mse_loss", required="a target that is at least as high and wide",
            received=f"{given} for {have}",
        )  # fmt: skip
    (h, w), (high, wide) = have[-2:], given[-2:]
    top, left = (high - h) // 2, (wide - w) // 2
    middle = wanted[..., top : top + h, left : left + w]
    return mse_loss(prediction, middle, reduction=reduction, sample_weight=sample_weight)
