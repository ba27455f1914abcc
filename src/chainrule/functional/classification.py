"""Losses of classification by probabilities: cross-entropy and its relatives."""

from __future__ import annotations

from ..errors import ArgumentError, DataError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import expand_dims, log, logaddexp, squeeze, take, take_along_axis, where
from ..ops.rules import promoted_floating
from .losses import (
    REDUCTIONS,
    check_reduction,
    checked_labels,
    class_axis,
    paired,
    reduced,
)
from .probability import log_softmax

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "kl_div",
    "nll_loss",
]

_SMALLEST_LOG = -100.0  # of a probability, so that a certain mistake costs a finite amount


def cross_entropy(
    scores: TensorLike,
    target: TensorLike,
    weight: TensorLike | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Cross-entropy of softmax: -w[y] * log(e**scores[y] / sum over k of e**scores[k]).

    Scores have shape (N, C), (C,) or (N, C, d1, ...), the class axis second. The target holds
    labels y (integers, the shape without the class axis) or probabilities t of the classes (floats,
    the scores' shape): -sum over k of w[k] * t[k] * log softmax(scores)[k]. ``weight`` has a
    factor for each class. "mean" divides by the sum of w[y] over the labels other than
    ``ignore_index``; for probabilities by the number of samples. Label smoothing mixes the target
    with 1 / C. Raises DataError for a label out of range.

    >>> F.cross_entropy(tensor([[0.0, 0.0], [100.0, 0.0]]), tensor([1, 0]))
    tensor(0.3465736)
    """
    if not 0 <= label_smoothing <= 1:
        raise ArgumentError(
            "cross_entropy", required="label_smoothing in [0, 1]", received=str(label_smoothing)
        )
    (node,) = promoted_floating([scores])
    logs, wanted = log_softmax(node, axis=class_axis(node)), as_tensor(target)
    if wanted.dtype.is_floating:
        return _soft_cross_entropy(logs, wanted, weight, reduction, label_smoothing)
    labels = checked_labels(wanted, node, "cross_entropy", ignore_index)
    return _negative_log(
        logs, labels, weight, ignore_index, reduction, label_smoothing, "cross_entropy"
    )


def nll_loss(
    logs: TensorLike,
    labels: TensorLike,
    weight: TensorLike | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """Negative log-likelihood of log-probabilities: -w[y] * logs[y] (see cross_entropy).

    >>> F.nll_loss(tensor([[-0.5, -1.0]]), tensor([1]))
    tensor(1.)
    """
    (node,) = promoted_floating([logs])
    checked = checked_labels(labels, node, "nll_loss", ignore_index)
    return _negative_log(node, checked, weight, ignore_index, reduction, 0.0, "nll_loss")


def _negative_log(
    logs: Tensor,
    labels: Tensor,
    weight: TensorLike | None,
    ignore_index: int,
    reduction: str,
    smoothing: float,
    what: str,
) -> Tensor:
    check_reduction(reduction, what)
    axis = class_axis(logs)
    kept = labels != ignore_index
    chosen = where(kept, labels, 0)
    picked = squeeze(take_along_axis(logs, expand_dims(chosen, axis=axis), axis=axis), axis)
    if weight is None:
        weights = kept.astype(logs.dtype)
    else:
        weights = where(kept, take(as_tensor(weight, logs.dtype), chosen, axis=0), 0.0)
    losses = where(kept, -picked * weights, 0.0)
    if smoothing:
        spread = where(kept, -_weighted(logs, weight).sum(axis), 0.0)
        losses = losses * (1 - smoothing) + spread * (smoothing / logs.shape[axis])
    return losses.sum() / weights.sum() if reduction == "mean" else reduced(losses, reduction, what)


def _weighted(values: Tensor, weight: TensorLike | None) -> Tensor:
    """Multiply by the weight of each class."""
    if weight is None:
        return values
    trailing = [1] * (values.ndim - 1 - class_axis(values))
    return values * as_tensor(weight, values.dtype).reshape(-1, *trailing)


def _soft_cross_entropy(
    logs: Tensor, target: Tensor, weight: TensorLike | None, reduction: str, smoothing: float
) -> Tensor:
    logs, wanted = paired(logs, target, "cross_entropy")
    axis = class_axis(logs)
    if smoothing:
        wanted = wanted * (1 - smoothing) + smoothing / logs.shape[axis]
    return reduced(-_weighted(logs * wanted, weight).sum(axis), reduction, "cross_entropy")


def binary_cross_entropy(
    probabilities: TensorLike,
    target: TensorLike,
    weight: TensorLike | None = None,
    *,
    reduction: str = "mean",
) -> Tensor:
    """Cross-entropy of two classes: -w * (t * log(p) + (1 - t) * log(1 - p)).

    Logarithms below -100 count as -100, so that the loss is finite; there the derivative is 0.
    Raises DataError for p outside of [0, 1]. From scores, use binary_cross_entropy_with_logits.

    >>> F.binary_cross_entropy(tensor([0.5, 0.0]), tensor([1.0, 1.0]), reduction="none")
    tensor([  0.6931472, 100.       ])
    """
    p, t = paired(probabilities, target, "binary_cross_entropy")
    if not p.symbolic and not ((p.value >= 0) & (p.value <= 1)).all():
        raise DataError(
            "binary_cross_entropy", required="probabilities from 0 to 1",
            received=f"values from {p.value.min():.4g} to {p.value.max():.4g}",
            hint="for scores use binary_cross_entropy_with_logits",
        )  # fmt: skip
    losses = -(t * _limited_log(p) + (1 - t) * _limited_log(1 - p))
    losses = losses if weight is None else losses * weight
    return reduced(losses, reduction, "binary_cross_entropy")


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
) -> Tensor:
    """Cross-entropy of two classes with p = sigmoid(scores), without overflow.

    -w * (q * t * log(p) + (1 - t) * log(1 - p)), where ``pos_weight`` q (1 by default) weighs the
    positive class. Weights broadcast.

    >>> F.binary_cross_entropy_with_logits(tensor([0.0, -1000.0]), tensor([1.0, 0.0]))
    tensor(0.3465736)
    """
    what = "binary_cross_entropy_with_logits"
    x, t = paired(scores, target, what)
    penalty = logaddexp(-x, 0.0)  # -log(p)
    if pos_weight is not None:
        penalty = penalty * (t * (as_tensor(pos_weight, x.dtype) - 1) + 1)
    losses = (1 - t) * x + penalty
    return reduced(losses if weight is None else losses * weight, reduction, what)


def kl_div(
    logs: TensorLike, target: TensorLike, *, reduction: str = "mean", log_target: bool = False
) -> Tensor:
    """Divergence of Kullback and Leibler, by element: t * (log(t) - logs), and 0 where t = 0.

    ``logs`` are log-probabilities of the model, t the wanted probabilities (their logarithms with
    ``log_target``). "batchmean" divides the sum by the batch size, which is the true divergence.

    >>> F.kl_div(tensor([[-1.0, -1.0]]), tensor([[1.0, 0.0]]), reduction="batchmean")
    tensor(1.)
    """
    x, t = paired(logs, target, "kl_div")
    check_reduction(reduction, "kl_div", (*REDUCTIONS, "batchmean"))
    if log_target:
        losses = t.exp() * (t - x)
    else:
        losses = t * (log(where(t > 0, t, 1.0)) - x)
    if reduction == "batchmean":
        return losses.sum() * (1 / x.shape[0])
    return reduced(losses, reduction, "kl_div")
