"""Losses of classification by probabilities: cross-entropy and its relatives."""

from __future__ import annotations

from ..errors import ArgumentError, ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import expm1, log, maximum, moveaxis, take, where
from ..ops.rules import promoted_floating
from .losses import (
    check_smoothing,
    check_weights,
    checked_labels,
    class_axis,
    class_weights,
    kept_labels,
    of_class,
    paired,
    reduced,
)
from .probability import log_softmax

__all__ = ["cross_entropy", "focal_loss", "infogain_loss", "kl_div", "nll_loss"]

_LEAST = 1e-30  # of 1 - p, so that its power has a derivative where p = 1


def cross_entropy(
    scores: TensorLike,
    target: TensorLike,
    weight: TensorLike | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Cross-entropy of softmax: -w[y] * log(e**scores[y] / sum over k of e**scores[k]).

    Scores have shape (N, C), (C,) or (N, C, d1, ...), the class axis second. The target holds
    labels y (integers, the shape without the class axis) or probabilities t of the classes (floats,
    the scores' shape): -sum over k of w[k] * t[k] * log softmax(scores)[k]. ``weight`` has a
    factor for each class. "mean" divides by the sum of w[y] over the labels other than
    ``ignore_index``; for probabilities by the number of samples. Label smoothing mixes the target
    with 1 / C. It is finite for all finite scores. Raises DataError for a label out of range.

    >>> F.cross_entropy(tensor([[0.0, 0.0], [100.0, 0.0]]), tensor([1, 0]))
    tensor(0.3465736)
    """
    check_smoothing(label_smoothing, "cross_entropy")
    (node,) = promoted_floating([scores])
    logs, wanted = log_softmax(node, axis=class_axis(node)), as_tensor(target)
    if wanted.dtype.is_floating:
        losses, counted = _soft_cross_entropy(logs, wanted, weight, label_smoothing), None
    else:
        labels = checked_labels(wanted, node, "cross_entropy", ignore_index)
        losses, counted = _negative_log(
            logs, labels, weight, ignore_index, label_smoothing, "cross_entropy"
        )
    return reduced(losses, reduction, "cross_entropy", sample_weight=sample_weight, counted=counted)


def nll_loss(
    logs: TensorLike,
    labels: TensorLike,
    weight: TensorLike | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Negative log-likelihood of log-probabilities: -w[y] * logs[y] (see cross_entropy).

    The logarithm of a probability p, ``log(p)``, makes it the multinomial logistic loss.

    >>> F.nll_loss(tensor([[-0.5, -1.0]]), tensor([1]))
    tensor(1.)
    """
    check_smoothing(label_smoothing, "nll_loss")
    (node,) = promoted_floating([logs])
    checked = checked_labels(labels, node, "nll_loss", ignore_index)
    losses, counted = _negative_log(
        node, checked, weight, ignore_index, label_smoothing, "nll_loss"
    )
    return reduced(losses, reduction, "nll_loss", sample_weight=sample_weight, counted=counted)


def _negative_log(
    logs: Tensor,
    labels: Tensor,
    weight: TensorLike | None,
    ignore_index: int,
    smoothing: float,
    what: str,
) -> tuple[Tensor, Tensor]:
    """Return the losses and the weights of their labels, both 0 for labels that are ignored."""
    axis = class_axis(logs)
    kept, chosen = kept_labels(labels, ignore_index)
    if weight is None:
        weights = kept.astype(logs.dtype)
    else:
        weight = class_weights(weight, logs, axis, what)
        weights = where(kept, take(weight, chosen, axis=0), 0.0)
    losses = where(kept, -of_class(logs, chosen) * weights, 0.0)
    if smoothing:
        spread = where(kept, -_weighted(logs, weight).sum(axis), 0.0)
        losses = losses * (1 - smoothing) + spread * (smoothing / logs.shape[axis])
    return losses, weights


def _weighted(values: Tensor, weight: Tensor | None) -> Tensor:
    """Multiply by the weight of each class."""
    if weight is None:
        return values
    trailing = [1] * (values.ndim - 1 - class_axis(values))
    return values * weight.reshape(-1, *trailing)


def _soft_cross_entropy(
    logs: Tensor, target: Tensor, weight: TensorLike | None, smoothing: float
) -> Tensor:
    logs, wanted = paired(logs, target, "cross_entropy")
    axis = class_axis(logs)
    if smoothing:
        wanted = wanted * (1 - smoothing) + smoothing / logs.shape[axis]
    if weight is not None:
        weight = class_weights(weight, logs, axis, "cross_entropy")
    return -_weighted(logs * wanted, weight).sum(axis)


def focal_loss(
    scores: TensorLike,
    labels: TensorLike,
    weight: TensorLike | None = None,
    *,
    gamma: float = 2.0,
    ignore_index: int = -100,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Cross-entropy where easy examples count less: -w[y] * (1 - p[y])**gamma * log(p[y]).

    p = softmax(scores). Scores (N, C), (C,) or (N, C, d1, ...), labels without the class axis;
    gamma = 0 is the cross-entropy, and "mean" divides as there, by the sum of w[y]. For one score
    of two classes it is sigmoid_focal_loss. Raises DataError for a label out of range (Lin et al.
    2017).

    >>> F.focal_loss(tensor([[0.0, 0.0]]), tensor([1]))
    tensor(0.1732868)
    """
    if gamma < 0:
        raise ArgumentError("focal_loss", required="gamma >= 0", received=str(gamma))
    (node,) = promoted_floating([scores])
    checked = checked_labels(labels, node, "focal_loss", ignore_index)
    kept, chosen = kept_labels(checked, ignore_index)
    log_p = of_class(log_softmax(node, axis=class_axis(node)), chosen)
    counted = kept.astype(node.dtype)
    if weight is not None:
        weights = class_weights(weight, node, class_axis(node), "focal_loss")
        counted = counted * take(weights, chosen, axis=0)
    losses = -(maximum(-expm1(log_p), _LEAST) ** gamma) * log_p * counted
    return reduced(losses, reduction, "focal_loss", sample_weight=sample_weight, counted=counted)


def infogain_loss(
    scores: TensorLike,
    labels: TensorLike,
    gains: TensorLike,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Cross-entropy with a gain for each pair of classes: -sum over k of H[y, k] * log(p[k]).

    p = softmax(scores). Scores (N, C), (C,) or (N, C, d1, ...), labels without the class axis,
    gains H (C, C) >= 0. The identity gives the cross-entropy, a diagonal its class weights, rows
    mixed with 1 / C its label smoothing. "mean" divides by the number of labels other than
    ``ignore_index``. Raises DataError for a label out of range (Caffe's InfogainLoss).

    >>> F.infogain_loss(tensor([[0.0, 0.0]]), tensor([1]), tensor([[1.0, 0.0], [0.5, 1.0]]))
    tensor(1.0397208)
    """
    what = "infogain_loss"
    (node,) = promoted_floating([scores])
    axis = class_axis(node)
    table, classes = as_tensor(gains).astype(node.dtype), node.shape[axis]
    if table.shape != (classes, classes):
        raise ShapeError(
            what, required=f"gains of shape {(classes, classes)}", received=f"shape {table.shape}"
        )
    check_weights(table, f"{what}: gains")
    kept, chosen = kept_labels(checked_labels(labels, node, what, ignore_index), ignore_index)
    rows, logs = take(table, chosen, axis=0), moveaxis(log_softmax(node, axis=axis), axis, -1)
    counted = kept.astype(node.dtype)
    losses = -(rows * logs).sum(-1) * counted
    return reduced(losses, reduction, what, sample_weight=sample_weight, counted=counted)


def kl_div(
    logs: TensorLike,
    target: TensorLike,
    *,
    reduction: str = "mean",
    log_target: bool = False,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Divergence of Kullback and Leibler, by element: t * (log(t) - logs), and 0 where t = 0.

    ``logs`` are log-probabilities of the model, t the wanted probabilities (their logarithms with
    ``log_target``). "batchmean" divides the sum by the batch size, which is the true divergence.

    >>> F.kl_div(tensor([[-1.0, -1.0]]), tensor([[1.0, 0.0]]), reduction="batchmean")
    tensor(1.)
    """
    x, t = paired(logs, target, "kl_div")
    if log_target:
        losses = t.exp() * (t - x)
    else:
        losses = t * (log(where(t > 0, t, 1.0)) - x)
    return reduced(losses, reduction, "kl_div", sample_weight=sample_weight)
