"""Losses of regions by how much they overlap."""

from __future__ import annotations

from ..errors import ShapeError
from ..graph import Tensor, TensorLike
from .losses import class_weights, paired, reduced

__all__ = ["dice_loss"]


def dice_loss(
    probabilities: TensorLike,
    target: TensorLike,
    weight: TensorLike | None = None,
    *,
    smooth: float = 1.0,
    squared: bool = False,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """How little regions overlap: 1 - (2 * sum of p * t + smooth) / (sum of p + sum of t + smooth).

    Probabilities and target (0 or 1) of the same shape: (N, C, d1, ...) has a loss for each sample
    and class, (N, D) one for each sample, (D) one. ``squared`` adds up p**2 and t**2 below.
    ``weight`` has a factor for each class, and "mean" divides by their sum (Sorensen and Dice;
    Milletari et al. 2016).

    >>> F.dice_loss(tensor([[1.0, 0.0, 1.0]]), tensor([[1.0, 1.0, 0.0]]), smooth=0.0)
    tensor(0.5)
    """
    p, t = paired(probabilities, target, "dice_loss")
    axes = tuple(range(min(2, p.ndim - 1), p.ndim))
    sizes = p * p + t * t if squared else p + t
    overlap = (2 * (p * t).sum(axes) + smooth) / (sizes.sum(axes) + smooth)
    losses, counted = 1 - overlap, None
    if weight is not None:
        if p.ndim < 3:
            raise ShapeError(
                "dice_loss: weight", required="probabilities (N, C, d1, ...)",
                received=f"shape {p.shape}",
            )  # fmt: skip
        weights = class_weights(weight, p, 1, "dice_loss")
        losses, counted = losses * weights, losses * 0 + weights
    return reduced(losses, reduction, "dice_loss", sample_weight=sample_weight, counted=counted)
