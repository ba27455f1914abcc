"""Losses of samples that belong to several classes at a time."""

from __future__ import annotations

import numpy as np

from ..errors import DataError, DTypeError, ShapeError
from ..graph import Tensor, TensorLike, as_tensor, constant
from ..ops import any as any_of
from ..ops import cumulative_sum, expand_dims, logaddexp, relu, take_along_axis, where
from ..ops.rules import promoted_floating
from .losses import class_weights, paired, reduced

__all__ = ["multilabel_margin_loss", "multilabel_soft_margin_loss"]


def multilabel_margin_loss(
    scores: TensorLike,
    labels: TensorLike,
    *,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Every right score must exceed every other one by 1, summed over pairs and divided by C.

    1/C * sum over j in T, i not in T of max(0, 1 - s[j] + s[i]). Scores (N, C) or (C,); the labels,
    integers of the same shape, list the classes T of a sample up to the first -1, what follows is
    not read. At the kink the derivative is 0. Raises DataError for a label out of range.

    >>> F.multilabel_margin_loss(tensor([[0.1, 0.2, 0.4, 0.8]]), tensor([[3, 0, -1, 1]]))
    tensor(0.85)
    """
    (x,) = promoted_floating([scores])
    listed = _checked(labels, x)
    valid = cumulative_sum((listed < 0).astype("int64"), axis=-1) == 0
    chosen = where(valid, listed, 0)
    classes = constant(np.arange(x.shape[-1]))
    hits = (expand_dims(chosen, axis=-1) == classes) & expand_dims(valid, axis=-1)
    right = expand_dims(take_along_axis(x, chosen, axis=-1), axis=-1)
    counts = expand_dims(valid, axis=-1) & ~any_of(hits, axis=-2, keepdims=True)
    pairs = where(counts, relu(1.0 - right + expand_dims(x, axis=-2)), 0.0)
    losses = pairs.sum((-2, -1)) * (1 / x.shape[-1])
    return reduced(losses, reduction, "multilabel_margin_loss", sample_weight=sample_weight)


def _checked(labels: TensorLike, scores: Tensor) -> Tensor:
    what, node = "multilabel_margin_loss", as_tensor(labels)
    if not node.dtype.is_integer:
        raise DTypeError(what, required="labels of an integer type", received=str(node.dtype))
    if scores.ndim not in (1, 2) or node.shape != scores.shape:
        raise ShapeError(
            what, required="scores (N, C) or (C,) and labels of the same shape",
            received=f"{scores.shape} and {node.shape}",
        )  # fmt: skip
    if not node.symbolic:
        values, classes = node.value, scores.shape[-1]
        wrong = (np.cumsum(values < 0, axis=-1) == 0) & (values >= classes)
        wrong |= values < -1
        if wrong.any():
            raise DataError(
                what, required=f"labels from 0 to {classes - 1}, and -1 after the last",
                received=str(values[wrong].flat[0]),
            )  # fmt: skip
    return node


def multilabel_soft_margin_loss(
    scores: TensorLike,
    target: TensorLike,
    weight: TensorLike | None = None,
    *,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Binary cross-entropy of C classes: mean of -w[c] * (t * log(p) + (1 - t) * log(1 - p)).

    p = sigmoid(scores), without overflow. Scores and target (N, C) or (C,), target 0 or 1 for each
    class, ``weight`` a factor for each class.

    >>> F.multilabel_soft_margin_loss(tensor([[0.0, -1000.0]]), tensor([[1.0, 0.0]]))
    tensor(0.3465736)
    """
    what = "multilabel_soft_margin_loss"
    x, t = paired(scores, target, what)
    terms = (1 - t) * x + logaddexp(-x, 0.0)
    if weight is not None:
        terms = terms * class_weights(weight, x, x.ndim - 1, what)
    return reduced(terms.mean(-1), reduction, what, sample_weight=sample_weight)
