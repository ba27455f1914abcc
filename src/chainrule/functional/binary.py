"""Losses of two classes by probabilities; the target is a class, 0 or 1, or a probability of it."""

from __future__ import annotations

from ..errors import ArgumentError, DataError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import log, logaddexp, where
from .losses import check_smoothing, check_weights, paired, reduced
from .saturation import tell_if_saturated

__all__ = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "sigmoid_focal_loss"]

_SMALLEST_LOG = -100.0  # of a probability, so that a certain mistake costs a finite amount


def binary_cross_entropy(
    probabilities: TensorLike,
    target: TensorLike,
    weight: TensorLike | None = None,
    *,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Cross-entropy of two classes: -w * (t * log(p) + (1 - t) * log(1 - p)).

    Logarithms below -100 count as -100, so that the loss is finite; there the derivative is 0, and
    a LossWarning says so. ``weight`` broadcasts and, as in PyTorch, does not count in the mean.
    Targets equal to ``ignore_index`` are left out. Label smoothing makes t (1 - s) * t + s / 2.
    Raises DataError for p outside of [0, 1]. From scores, use binary_cross_entropy_with_logits.

    >>> F.binary_cross_entropy(tensor([0.5, 0.25]), tensor([1.0, 0.0]), reduction="none")
    tensor([0.6931472, 0.2876821])
    """
    what = "binary_cross_entropy"
    p, t = paired(probabilities, target, what)
    if not p.symbolic and not ((p.value >= 0) & (p.value <= 1)).all():
        raise DataError(
            what, required="probabilities from 0 to 1",
            received=f"values from {p.value.min():.4g} to {p.value.max():.4g}",
            hint="for scores use binary_cross_entropy_with_logits",
        )  # fmt: skip
    t, kept = _wanted(t, ignore_index, label_smoothing, what)
    tell_if_saturated(p, t if kept is None else where(kept, t, p), what)
    losses = -(t * _limited_log(p) + (1 - t) * _limited_log(1 - p))
    return _weighed(losses, weight, kept, reduction, sample_weight, what)


def _limited_log(p: Tensor) -> Tensor:
    logs = log(where(p > 0, p, 1.0))
    return where((p > 0) & (logs > _SMALLEST_LOG), logs, _SMALLEST_LOG)


def binary_cross_entropy_with_logits(
    scores: TensorLike,
    target: TensorLike,
    weight: TensorLike | None = None,
    *,
    pos_weight: TensorLike | None = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Cross-entropy of two classes with p = sigmoid(scores), without overflow.

    -w * (q * t * log(p) + (1 - t) * log(1 - p)), where ``pos_weight`` q (1 by default) weighs the
    positive class. Weights broadcast; the other options are those of binary_cross_entropy.

    >>> F.binary_cross_entropy_with_logits(tensor([0.0, -1000.0]), tensor([1.0, 0.0]))
    tensor(0.3465736)
    """
    what = "binary_cross_entropy_with_logits"
    x, t = paired(scores, target, what)
    t, kept = _wanted(t, ignore_index, label_smoothing, what)
    penalty = logaddexp(-x, 0.0)  # -log(p)
    if pos_weight is not None:
        heavier = as_tensor(pos_weight, x.dtype)
        check_weights(heavier, f"{what}: pos_weight")
        penalty = penalty * (t * (heavier - 1) + 1)
    return _weighed((1 - t) * x + penalty, weight, kept, reduction, sample_weight, what)


def sigmoid_focal_loss(
    scores: TensorLike,
    target: TensorLike,
    *,
    alpha: float | None = 0.25,
    gamma: float = 2.0,
    reduction: str = "mean",
    ignore_index: int | None = None,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Cross-entropy of two classes in which easy examples count less (Lin et al. 2017).

    With p = sigmoid(scores), q = p * t + (1 - p) * (1 - t): (1 - q)**gamma times the cross-entropy,
    times alpha * t + (1 - alpha) * (1 - t) unless alpha is None. gamma = 0 is the cross-entropy.

    >>> F.sigmoid_focal_loss(tensor([0.0]), tensor([1.0]), alpha=None)
    tensor(0.1732868)
    """
    what = "sigmoid_focal_loss"
    if gamma < 0:
        raise ArgumentError(what, required="gamma >= 0", received=str(gamma))
    x, t = paired(scores, target, what)
    t, kept = _wanted(t, ignore_index, 0.0, what)
    # 1 - q as a sum of products of probabilities, each exact far from 0 as well
    up, down = (-logaddexp(-x, 0.0)).exp(), (-logaddexp(x, 0.0)).exp()
    losses = (up * (1 - t) + down * t) ** gamma * ((1 - t) * x + logaddexp(-x, 0.0))
    if alpha is not None:
        losses = losses * (alpha * t + (1 - alpha) * (1 - t))
    return _weighed(losses, None, kept, reduction, sample_weight, what)


def _wanted(
    t: Tensor, ignore_index: int | None, smoothing: float, what: str
) -> tuple[Tensor, Tensor | None]:
    """Return the target after smoothing, and which of it counts, if not all."""
    check_smoothing(smoothing, what)
    kept = None if ignore_index is None else t != ignore_index
    if kept is not None:
        t = where(kept, t, 0.0)
    return (t * (1 - smoothing) + smoothing / 2 if smoothing else t), kept


def _weighed(
    losses: Tensor,
    weight: TensorLike | None,
    kept: Tensor | None,
    reduction: str,
    sample_weight: TensorLike | None,
    what: str,
) -> Tensor:
    if weight is not None:
        factor = as_tensor(weight, losses.dtype)
        check_weights(factor, f"{what}: weight")
        losses = losses * factor
    counted = None
    if kept is not None:
        losses, counted = where(kept, losses, 0.0), kept.astype(losses.dtype)
    return reduced(losses, reduction, what, sample_weight=sample_weight, counted=counted)
