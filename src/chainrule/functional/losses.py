"""What losses share: reduction to one number, weights of samples, checks of targets and labels.

Every loss computes the losses l of all elements or samples, and ``reduced`` makes one number of
them. With weights s of samples (``sample_weight``) and weights c that a loss itself gives (of
classes; 0 where a label is ignored):

| reduction | result |
|---|---|
| "mean" | sum of s * l / sum of s * c: a weight of 2 counts a sample twice |
| "sum" | sum of s * l |
| "none" | s * l, one by one |
| "batchmean" | sum of s * l / N, the length of the first axis |
| "full" | sum of s * l / number of all losses, those of ignored labels and of weight 0 included |

Weights have the shape (N,), or that of the losses, or of their first axes. Where all weights are 0
the mean is 0 / 0 = NaN. Caffe calls these "VALID", "NONE", (no name), "BATCH_SIZE" and "FULL".
"""

from __future__ import annotations

import numpy as np

from ..errors import ArgumentError, DataError, DTypeError, ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import broadcast_to, expand_dims, squeeze, take_along_axis, where
from ..ops.rules import promoted_floating
from .saturation import tell_if_not_finite

REDUCTIONS = ("mean", "sum", "none", "batchmean", "full")


def reduced(
    losses: Tensor,
    reduction: str,
    what: str,
    *,
    sample_weight: TensorLike | None = None,
    counted: Tensor | None = None,
) -> Tensor:
    """Reduce losses as this file's table says; ``counted`` is c, 1 for each loss by default."""
    check_reduction(reduction, what)
    if sample_weight is not None:
        factor = _of_samples(sample_weight, losses, what)
        losses = losses * factor
        counted = broadcast_to(factor, losses.shape) if counted is None else counted * factor
    if reduction == "none":
        return losses
    if reduction == "mean" and counted is not None:
        result = losses.sum() / counted.sum()
    elif reduction == "sum":
        result = losses.sum()
    elif reduction == "batchmean" and losses.ndim:
        result = losses.mean(0).sum()
    else:
        result = losses.mean()
    tell_if_not_finite(result, what)
    return result


def _of_samples(given: TensorLike, losses: Tensor, what: str) -> Tensor:
    """Return weights of samples in a shape that broadcasts to the losses'."""
    weights = as_tensor(given).astype(losses.dtype)
    rank = weights.ndim
    if losses.shape[:rank] != weights.shape or (rank == 0 and losses.ndim):
        forms = dict.fromkeys((losses.shape[:1], losses.shape))
        raise ShapeError(
            what, required=f"sample_weight of shape {' or '.join(map(str, forms))}",
            received=f"shape {weights.shape}",
        )  # fmt: skip
    check_weights(weights, f"{what}: sample_weight")
    return weights.reshape(*weights.shape, *[1] * (losses.ndim - rank))


def check_weights(weights: Tensor, what: str) -> None:
    """Raise DataError for a weight below 0, or NaN, if the weights have a value by now."""
    if not weights.symbolic and not (weights.value >= 0).all():
        wrong = weights.value[~(weights.value >= 0)]
        raise DataError(what, required="weights >= 0", received=f"{wrong.flat[0]:g}")


def class_weights(weight: TensorLike, scores: Tensor, axis: int, what: str) -> Tensor:
    """Return the weights of classes, shape (C,), in the scores' type."""
    weights = as_tensor(weight).astype(scores.dtype)
    if weights.shape != (scores.shape[axis],):
        raise ShapeError(
            f"{what}: weight", required=f"shape ({scores.shape[axis]},), one for each class",
            received=f"shape {weights.shape}",
        )  # fmt: skip
    check_weights(weights, f"{what}: weight")
    return weights


def check_reduction(reduction: str, what: str) -> None:
    """Raise ArgumentError for a reduction that is not known."""
    if reduction not in REDUCTIONS:
        raise ArgumentError(
            what, required=f"a reduction of {', '.join(map(repr, REDUCTIONS))}",
            received=repr(reduction),
        )  # fmt: skip


def check_smoothing(label_smoothing: float, what: str) -> None:
    """Raise ArgumentError for a share that is none."""
    if not 0 <= label_smoothing <= 1:
        raise ArgumentError(
            what, required="label_smoothing in [0, 1]", received=str(label_smoothing)
        )


def paired(x: TensorLike, target: TensorLike, what: str) -> tuple[Tensor, Tensor]:
    """Return prediction and target in one floating type; ShapeError unless shapes are equal.

    Broadcasting (N, 1) against (N,) would silently compare all pairs.
    """
    prediction, wanted = promoted_floating([x, target])
    shapes = prediction.type.shape, wanted.type.shape
    if None not in shapes and shapes[0] != shapes[1]:
        raise ShapeError(
            what, required="a prediction and a target of the same shape",
            received=f"{shapes[0]} and {shapes[1]}", hint="reshape one of them",
        )  # fmt: skip
    return prediction, wanted


def signs(target: Tensor, what: str) -> Tensor:
    """Return a target of two classes; DataError, if it has a value by now, unless -1 or 1."""
    if not target.symbolic and not (abs(target.value) == 1).all():
        wrong = target.value[abs(target.value) != 1]
        raise DataError(
            what, required="targets of -1 or 1", received=f"{wrong.flat[0]:g}",
            hint="turn classes 0 and 1 into 2 * target - 1",
        )  # fmt: skip
    return target


def class_axis(scores: Tensor) -> int:
    """Return which axis of the scores counts classes: (C,), (N, C) or (N, C, d1, ...)."""
    return min(1, scores.ndim - 1)


def checked_labels(
    labels: TensorLike, scores: Tensor, what: str, ignore_index: int | None = None
) -> Tensor:
    """Return labels as a tensor of integers in [0, classes), one for each vector of scores.

    Raises DTypeError for other types, ShapeError for another shape, and, if the labels have a
    value by now, DataError that names a label out of range.
    """
    node = as_tensor(labels)
    if not node.dtype.is_integer:
        raise DTypeError(
            what, required="labels of an integer type", received=str(node.dtype),
            hint="cast them with .astype('int64')",
        )  # fmt: skip
    axis = class_axis(scores)
    classes, shape = scores.shape[axis], scores.shape[:axis] + scores.shape[axis + 1 :]
    if node.shape != shape:
        raise ShapeError(
            what, required=f"labels of shape {shape} for scores of shape {scores.shape}",
            received=f"shape {node.shape}",
        )  # fmt: skip
    if not node.symbolic:
        _check_range(node, classes, what, ignore_index)
    return node


def kept_labels(labels: Tensor, ignore_index: int) -> tuple[Tensor, Tensor]:
    """Return which labels count, and labels that are good everywhere: 0 for those ignored."""
    kept = labels != ignore_index
    return kept, where(kept, labels, 0)


def of_class(values: Tensor, labels: Tensor) -> Tensor:
    """Pick, of each vector of values over the classes, the one of its label."""
    axis = class_axis(values)
    return squeeze(take_along_axis(values, expand_dims(labels, axis=axis), axis=axis), axis)


def _check_range(labels: Tensor, classes: int, what: str, ignore_index: int | None) -> None:
    values = labels.value
    wrong = (values < 0) | (values >= classes)
    if ignore_index is not None:
        wrong &= values != ignore_index
    if wrong.any():
        place = tuple(np.argwhere(wrong)[0].tolist())
        at = place[0] if len(place) == 1 else place
        raise DataError(
            what, required=f"labels from 0 to {classes - 1}, for {classes} classes",
            received=f"label {values[place]} at position {at}" if place else f"label {values}",
        )  # fmt: skip
