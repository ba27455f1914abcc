"""The nearest-neighbour classifier: remember everything, compare with everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import ops
from ..dtypes import Array
from ..errors import ArgumentError, DataError, ShapeError
from ..graph import no_grad, tensor

_BLOCK_BYTES = 64 << 20  # distances are computed in blocks of about this size


class NearestNeighbour:
    """k-nearest-neighbour classifier with the L1 or L2 distance (Cover and Hart 1967).

    d1(a, b) = sum |a_i - b_i|, d2(a, b) = sqrt(sum (a_i - b_i)**2). A sample gets the class that
    most of its k nearest training samples have; among classes with equally many votes, the one
    whose voters are nearer in sum. Inputs have shape (N, ...), labels (N,). Raises ArgumentError
    for an unknown metric or a k outside of 1..N.

    >>> model = NearestNeighbour(k=1).fit([[0.0, 0.0], [1.0, 1.0]], [0, 1])
    >>> model.predict([[0.9, 0.8], [0.1, 0.0]])
    array([1, 0])
    """

    def __init__(self, k: int = 1, metric: str = "L2") -> None:
        if metric.upper() not in ("L1", "L2"):
            raise ArgumentError("metric", required="'L1' or 'L2'", received=repr(metric))
        if k < 1:
            raise ArgumentError("k", required="k >= 1", received=str(k))
        self.k = k
        self.metric = metric.upper()
        self._samples: Array | None = None
        self._labels: Array | None = None

    def fit(self, inputs: Any, labels: Any) -> NearestNeighbour:
        """Remember the training set: that is all the training there is."""
        samples, classes = _rows(inputs), np.asarray(labels)
        if len(samples) != len(classes):
            raise ShapeError(
                "fit", required="as many labels as samples",
                received=f"{len(samples)} samples, {len(classes)} labels",
            )  # fmt: skip
        if not 1 <= self.k <= len(samples):
            raise ArgumentError(
                "k", required=f"1 <= k <= {len(samples)} training samples", received=str(self.k)
            )
        if len(classes) and (classes.dtype.kind not in "iu" or classes.min() < 0):
            raise DataError("labels", required="integers >= 0", received=str(classes.dtype))
        self._samples, self._labels = samples, classes.astype(np.int64)
        return self

    def distances(self, inputs: Any) -> Array:
        """Return the distance of each input (rows) to each training sample (columns).

        >>> NearestNeighbour(metric="L1").fit([[0.0], [3.0]], [0, 1]).distances([[1.0]])
        array([[1., 2.]], dtype=float32)
        """
        blocks = [block for _, block in self._blocks(_rows(inputs))]
        return np.concatenate(blocks) if blocks else np.zeros((0, len(self._training()[0])))

    def predict(self, inputs: Any) -> Array:
        """Return the class of each input, shape (N,)."""
        return self._vote(_rows(inputs))

    def accuracy(self, inputs: Any, labels: Any) -> float:
        """Return the fraction of inputs whose class is predicted rightly.

        On the training set itself it is 1 for k = 1 (as long as no two equal samples have
        different labels): the training accuracy of a nearest neighbour says nothing.
        """
        return float(np.mean(self.predict(inputs) == np.asarray(labels)))

    def _training(self) -> tuple[Array, Array]:
        if self._samples is None or self._labels is None:
            raise ArgumentError("predict", required="training samples", received="none",
                                hint="call fit(inputs, labels) first")  # fmt: skip
        return self._samples, self._labels

    def _vote(self, rows: Array) -> Array:
        _, labels = self._training()
        classes = int(labels.max()) + 1
        result = np.zeros(len(rows), np.int64)
        for start, block in self._blocks(rows):
            nearest = np.argpartition(block, self.k - 1, axis=1)[:, : self.k]
            span = np.arange(len(block))[:, None]
            near, votes = block[span, nearest], np.zeros((len(block), classes))
            np.add.at(votes, (span, labels[nearest]), 1.0)
            summed = np.zeros_like(votes)
            np.add.at(summed, (span, labels[nearest]), near)
            tied = votes == votes.max(axis=1, keepdims=True)
            result[start : start + len(block)] = np.where(tied, summed, np.inf).argmin(axis=1)
        return result

    def _blocks(self, rows: Array) -> Iterator[tuple[int, Array]]:
        samples, _ = self._training()
        if rows.shape[1] != samples.shape[1]:
            raise ShapeError(
                "predict", required=f"{samples.shape[1]} numbers a sample, as in training",
                received=str(rows.shape[1]),
            )  # fmt: skip
        distance = _l2 if self.metric == "L2" else _l1
        step = max(1, _BLOCK_BYTES // (4 * max(1, len(samples))))
        for start in range(0, len(rows), step):
            yield start, distance(rows[start : start + step], samples)


def _rows(inputs: Any) -> Array:
    array = np.asarray(inputs, np.float32)
    if array.ndim < 2:
        raise ShapeError(
            "inputs", required="shape (N, ...): one row a sample", received=f"shape {array.shape}"
        )
    return array.reshape(len(array), -1)


@no_grad()
def _l2(a: Array, b: Array) -> Array:
    """|a - b|^2 = |a|^2 - 2 a.b + |b|^2, so that a matrix product does the work."""
    x, y = tensor(a), tensor(b)
    squares = ops.sum(x * x, axis=1, keepdims=True) + ops.sum(y * y, axis=1)
    return ops.sqrt(ops.maximum(squares - 2 * (x @ y.T), 0.0)).numpy()


def _l1(a: Array, b: Array) -> Array:
    """One row at a time: the differences of all pairs would not fit into memory."""
    return np.stack([np.abs(b - row).sum(axis=1) for row in a])
