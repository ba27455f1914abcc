"""Losses by margins, as of support vector machines: the right score must exceed the others.

Where a margin is met exactly, max(0, 0), there is a kink: the derivative is 0 there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError, ShapeError
from ..graph import Op, Tensor, TensorLike, TensorType, as_tensor, constant
from ..ops import expand_dims, logaddexp, relu, take, take_along_axis, where
from ..ops.rules import promoted_floating
from .losses import (
    checked_labels,
    class_axis,
    class_weights,
    kept_labels,
    paired,
    reduced,
    signs,
)

__all__ = ["hinge_loss", "multi_class_hinge", "multi_margin_loss", "soft_margin_loss", "svm_loss"]


def hinge_loss(
    scores: TensorLike,
    target: TensorLike,
    *,
    margin: float = 1.0,
    squared: bool = False,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Hinge loss of two classes: max(0, margin - target * scores), target -1 or 1.

    With ``squared`` the square of it. Raises DataError for another target (Cortes, Vapnik 1995;
    Torch's MarginCriterion).

    >>> F.hinge_loss(tensor([0.5, 3.0]), tensor([1.0, -1.0]), reduction="none")
    tensor([0.5, 4. ])
    """
    x, t = paired(scores, target, "hinge_loss")
    losses = relu(margin - signs(t, "hinge_loss") * x)
    losses = losses * losses if squared else losses
    return reduced(losses, reduction, "hinge_loss", sample_weight=sample_weight)


def soft_margin_loss(
    scores: TensorLike,
    target: TensorLike,
    *,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Logistic loss of two classes: log(1 + e**(-target * scores)), target -1 or 1.

    Without overflow. Raises DataError for another target.

    >>> F.soft_margin_loss(tensor([0.0, 1000.0]), tensor([1.0, -1.0]), reduction="sum")
    tensor(1000.6932)
    """
    x, t = paired(scores, target, "soft_margin_loss")
    losses = logaddexp(-signs(t, "soft_margin_loss") * x, 0.0)
    return reduced(losses, reduction, "soft_margin_loss", sample_weight=sample_weight)


def _own_class(labels: Tensor, scores: Tensor) -> Tensor:
    """Truth values of the scores' shape: is this the score of the right class?"""
    axis = class_axis(scores)
    classes = np.arange(scores.shape[axis]).reshape(-1, *[1] * (scores.ndim - 1 - axis))
    return expand_dims(labels, axis=axis) == constant(classes)


def _violations(scores: Tensor, labels: Tensor, margin: float) -> Tensor:
    """max(0, s[j] - s[y] + margin) for each class j other than y, and 0 for y."""
    axis = class_axis(scores)
    right = take_along_axis(scores, expand_dims(labels, axis=axis), axis=axis)
    return where(_own_class(labels, scores), 0.0, relu(scores - right + margin))


def multi_class_hinge(
    scores: TensorLike,
    labels: TensorLike,
    weight: TensorLike | None = None,
    *,
    margin: float = 1.0,
    squared: bool = False,
    ignore_index: int = -100,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Loss of the multi-class SVM: w[y] * sum over j != y of max(0, s[j] - s[y] + margin).

    Scores (N, C), (C,) or (N, C, d1, ...), labels without the class axis, ``weight`` a factor for
    each class. With ``squared`` each term is squared (L2-SVM). "mean" divides by the sum of w[y]
    over the labels other than ``ignore_index``. Unlike multi_margin_loss the sum is not divided
    by C. Raises DataError for a label out of range (Weston and Watkins 1999).

    >>> F.multi_class_hinge(tensor([[3.0, 5.0, -1.5]]), tensor([0]))
    tensor(3.)
    """
    what = "multi_class_hinge"
    (node,) = promoted_floating([scores])
    checked = checked_labels(labels, node, what, ignore_index)
    kept, chosen = kept_labels(checked, ignore_index)
    terms = _violations(node, chosen, margin)
    losses = (terms * terms if squared else terms).sum(class_axis(node))
    counted = kept.astype(node.dtype)
    if weight is not None:
        counted = counted * take(
            class_weights(weight, node, class_axis(node), what), chosen, axis=0
        )
    return reduced(losses * counted, reduction, what, sample_weight=sample_weight, counted=counted)


def multi_margin_loss(
    scores: TensorLike,
    labels: TensorLike,
    *,
    p: int = 1,
    margin: float = 1.0,
    weight: TensorLike | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Multi-class SVM, by class: w[y] / C * sum over j != y of max(0, s[j] - s[y] + margin)**p.

    Scores (N, C), (C,) or (N, C, d1, ...), labels without the class axis, p 1 or 2. As in PyTorch
    the weights of classes do not count in the mean. Raises DataError for a label out of range.

    >>> F.multi_margin_loss(tensor([[3.0, 5.0, -1.5]]), tensor([0]))
    tensor(1.)
    """
    what = "multi_margin_loss"
    if p not in (1, 2):
        raise ArgumentError(what, required="p = 1 or p = 2", received=str(p))
    (node,) = promoted_floating([scores])
    checked = checked_labels(labels, node, what, ignore_index)
    kept, chosen = kept_labels(checked, ignore_index)
    axis = class_axis(node)
    terms, counted = _violations(node, chosen, margin), kept.astype(node.dtype)
    losses = (terms * terms if p == 2 else terms).mean(axis) * counted
    if weight is not None:
        losses = losses * take(class_weights(weight, node, axis, what), chosen, axis=0)
    return reduced(losses, reduction, what, sample_weight=sample_weight, counted=counted)


class SVMLoss(Op):
    """The loss of a linear classifier as one node: multi-class hinge, plus L2 regularisation."""

    def __init__(self, l2: float, margin: float, squared: bool) -> None:
        self.l2, self.margin, self.squared = l2, margin, squared

    def result_type(self, *types: TensorType) -> TensorType:
        """One number, of the scores' type."""
        return TensorType(types[0].dtype, ())

    def forward(self, *arrays: Array) -> Array:
        """Return mean over i of sum over j != y of max(0, s[j] - s[y] + margin), plus l2 |W|^2."""
        scores, labels, *weights = arrays
        rows = np.arange(len(labels))
        terms = np.maximum(scores - scores[rows, labels][:, None] + self.margin, 0)
        terms[rows, labels] = 0
        data = (terms * terms if self.squared else terms).sum() / len(labels)
        return np.asarray(data + self.l2 * sum((w * w).sum() for w in weights), scores.dtype)

    def backward(self, g: Tensor, *inputs: Tensor) -> tuple[Tensor | None, ...]:
        """Each violated margin pushes its score down and the right score up."""
        scores, labels, *weights = inputs
        terms = _violations(scores, labels, self.margin)
        push = terms * 2 if self.squared else (terms > 0).astype(scores.dtype)
        push = push * (g / labels.shape[0])
        own = _own_class(labels, scores).astype(scores.dtype)
        to_scores = push - own * push.sum(1, keepdims=True)
        return to_scores, None, *[w * (g * (2 * self.l2)) for w in weights]


def svm_loss(
    scores: TensorLike,
    labels: TensorLike,
    weights: Tensor | Sequence[Tensor],
    l2: float,
    *,
    margin: float = 1.0,
    squared: bool = False,
) -> Tensor:
    """Loss of a linear classifier, as one node: data loss plus regularisation.

    1/N * sum over i, j != y_i of max(0, s[i, j] - s[i, y_i] + margin) + l2 * sum of W**2. Scores
    (N, C), labels (N), weights any tensors or one. Raises DataError for a label out of range.

    >>> W = tensor([[1.0, 2.0]], requires_grad=True)
    >>> F.svm_loss(tensor([[3.0, 5.0]]), tensor([0]), W, l2=0.5)
    tensor(5.5, op=SVMLoss)
    """
    node = as_tensor(scores)
    if node.ndim != 2:
        raise ShapeError("svm_loss", required="scores (N, C)", received=f"shape {node.shape}")
    checked = checked_labels(labels, node, "svm_loss")
    listed = [weights] if isinstance(weights, Tensor) else list(weights)
    result: Tensor = SVMLoss(l2, margin, squared)(node, checked, *listed)
    return result
