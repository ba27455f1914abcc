"""Checks that several files of this room share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..dtypes import Array
from ..errors import ArgumentError, DataError, ShapeError

Pair = int | tuple[int, int]


def pair(value: Pair, what: str, minimum: int) -> tuple[int, int]:
    """Return (height, width) from one number for both or from two."""
    both = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(both) != 2 or not all(isinstance(x, int) and x >= minimum for x in both):
        raise ArgumentError(
            what, required=f"an integer >= {minimum}, or a pair of them", received=repr(value)
        )
    return both


def probability(p: float, what: str) -> None:
    """Raise ArgumentError unless 0 <= p <= 1."""
    if not 0 <= p <= 1:
        raise ArgumentError(f"{what}: p", required="0 <= p <= 1", received=repr(p))


def interval(value: tuple[float, float], what: str, minimum: float) -> tuple[float, float]:
    """Return (low, high) with minimum <= low <= high."""
    low, high = value
    if not minimum <= low <= high:
        raise ArgumentError(what, required=f"{minimum} <= low <= high", received=repr(value))
    return low, high


def check_images(batch: Array, what: str) -> None:
    """Raise ShapeError unless the batch has the axes of images, (N, C, H, W)."""
    if batch.ndim != 4:
        raise ShapeError(what, required="images (N, C, H, W)", received=f"shape {batch.shape}")


def checked_split(split: str) -> str:
    """Return the name of a part of a data set, "train" or "test"."""
    if split not in ("train", "test"):
        raise ArgumentError("split", required="'train' or 'test'", received=repr(split))
    return split


def checked_indices(indices: npt.ArrayLike, length: int, name: str) -> Array:
    """Return one-dimensional integer indices that lie in -length ... length - 1."""
    array = np.asarray(indices)
    if array.size == 0:
        return np.empty(0, np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise DataError(
            f"{name}: index",
            required="a one-dimensional array of integers",
            received=f"shape {array.shape}, {array.dtype}",
        )
    outside = array[(array < -length) | (array >= length)]
    if outside.size:
        raise DataError(
            f"{name}: index", required=f"0 <= index < {length}", received=str(outside[0])
        )
    return array


def check_labels(labels: Array, num_classes: int, what: str) -> None:
    """Raise DataError, naming the first bad sample, unless 0 <= labels < num_classes."""
    wrong = np.flatnonzero((labels < 0) | (labels >= num_classes))
    if wrong.size:
        raise DataError(
            what,
            required=f"labels 0 to {num_classes - 1}",
            received=f"label {labels[wrong[0]]} (sample {wrong[0]})",
        )
