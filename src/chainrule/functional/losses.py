"""What losses share: reduction to one number, and checks of targets and labels."""

from __future__ import annotations

import numpy as np

from ..errors import ArgumentError, DataError, DTypeError, ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops.rules import promoted_floating

REDUCTIONS = ("mean", "sum", "none")


def reduced(values: Tensor, reduction: str, what: str) -> Tensor:
    """Reduce the losses of all elements: their mean, their sum, or none of it."""
    check_reduction(reduction, what)
    if reduction == "none":
        return values
    return values.mean() if reduction == "mean" else values.sum()


def check_reduction(
    reduction: str, what: str, allowed: tuple[str, ...] = REDUCTIONS
) -> None:  # fmt: skip
    """Raise ArgumentError for a reduction that is not known."""
    if reduction not in allowed:
        raise ArgumentError(
            what, required=f"a reduction of {', '.join(map(repr, allowed))}",
            received=repr(reduction),
        )  # fmt: skip


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
