"""Which class a model predicts, and which is right."""

from __future__ import annotations

import numpy as np

from ..dtypes import Array
from ..errors import DataError, ShapeError


def predicted_labels(outputs: Array) -> Array:
    """Return the class of each sample: the highest of C scores (N, C, ...), or the sign of one.

    >>> predicted_labels(np.array([[0.1, 0.9], [0.8, 0.2]]))
    array([1, 0])
    >>> predicted_labels(np.array([-1.0, 2.0]))
    array([0, 1])
    """
    if _is_binary(outputs):
        labels: Array = (outputs.reshape(len(outputs)) > 0).astype(np.int64)
        return labels
    return np.asarray(outputs.argmax(1))


def labels_of(outputs: Array, targets: Array) -> tuple[Array, Array]:
    """Return predicted and true labels, of one shape.

    Targets are labels, or indicators of the outputs' shape; for one score a sample they are 0 and
    1, or -1 and 1. Raises ShapeError and DataError for anything else.
    """
    predicted = predicted_labels(outputs)
    if _is_binary(outputs):
        true = _binary(targets, predicted)
    else:
        true = targets.argmax(1) if targets.shape == outputs.shape else targets
    if true.shape != predicted.shape:
        raise ShapeError(
            "labels", required=f"targets {predicted.shape} for outputs {outputs.shape}",
            received=f"targets {targets.shape}",
        )  # fmt: skip
    if true.dtype.kind not in "biu":
        raise DataError(
            "labels", required="integers", received=f"targets of type {true.dtype}",
            hint="for regression choose metrics such as 'mse' or 'r2'",
        )  # fmt: skip
    return predicted, true


def joined(outputs: Array, targets: Array) -> tuple[Array, Array]:
    """Return the samples of several batches (B, N, ...) as those of one (B * N, ...)."""
    return outputs.reshape(-1, *outputs.shape[2:]), targets.reshape(-1, *targets.shape[2:])


def _is_binary(outputs: Array) -> bool:
    if outputs.ndim == 0:
        raise ShapeError("labels", required="outputs (N, ...)", received="shape ()")
    return outputs.ndim == 1 or (outputs.ndim == 2 and outputs.shape[1] == 1)


def _binary(targets: Array, predicted: Array) -> Array:
    flat = targets.reshape(-1) if targets.size == predicted.size else targets
    if not np.isin(flat, (-1, 0, 1)).all():
        raise DataError(
            "labels", required="targets 0 and 1, or -1 and 1, for one score a sample",
            received="others", hint="for regression choose metrics such as 'mse' or 'r2'",
        )  # fmt: skip
    positive: Array = (flat > 0).astype(np.int64)
    return positive
