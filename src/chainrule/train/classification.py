"""Metrics of classification."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Literal

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError, DataError, ShapeError
from .labels import joined, labels_of
from .metric import Metric, ratio


class Accuracy(Metric):
    """The share of samples whose class is predicted rightly.

    Outputs are scores (N, C, ...) with labels (N, ...) or indicators of the outputs' shape; or one
    score for each sample, (N,) or (N, 1), positive for the class whose target is positive. Samples
    with the label ``ignore_index`` do not count.

    >>> accuracy = Accuracy()
    >>> accuracy.update(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
    >>> accuracy.compute()
    0.5
    """

    name = "accuracy"

    def __init__(self, ignore_index: int | None = None) -> None:
        self.ignore_index = ignore_index
        super().__init__()

    def reset(self) -> None:
        """Forget everything."""
        self.sums = {"right": 0, "count": 0}

    def update(self, outputs: Array, targets: Array) -> None:
        """Count the right predictions of a batch."""
        predicted, true = _kept(*labels_of(outputs, targets), self.ignore_index)
        self.sums["right"] += int(np.count_nonzero(predicted == true))
        self.sums["count"] += true.size

    def update_many(self, outputs: Array, targets: Array) -> None:
        """Count the right predictions of several batches at once."""
        self.update(*joined(outputs, targets))

    def compute(self) -> float:
        """Return the share."""
        return ratio(self.sums["right"], self.sums["count"])


class TopAccuracy(Accuracy):
    """The share of samples whose class is among the k highest scores: (N, C, ...), labels (N, ...).

    Scores equal to the right one count as lower, or as higher with ``ties="lose"``, Caffe's rule,
    by which a network that gives the same scores to all classes is never right. NaN is never right.
    Samples with the label ``ignore_index`` do not count.

    >>> accuracy = TopAccuracy(2)
    >>> accuracy.update(np.array([[3.0, 2.0, 1.0]]), np.array([1]))
    >>> accuracy.compute()
    1.0
    """

    def __init__(
        self, k: int = 5, *, ties: Literal["win", "lose"] = "win", ignore_index: int | None = None
    ) -> None:
        if k < 1 or ties not in ("win", "lose"):
            raise ArgumentError(
                "TopAccuracy", required="k >= 1, ties 'win' or 'lose'", received=f"{k}, {ties!r}"
            )
        self.k, self.ties = k, ties
        self.name = f"top{k}_accuracy"
        super().__init__(ignore_index)

    def update(self, outputs: Array, targets: Array) -> None:
        """Count the samples for which fewer than k scores are higher than the right one."""
        if outputs.ndim < 2 or targets.shape != outputs.shape[:1] + outputs.shape[2:]:
            raise ShapeError(
                self.name, required="outputs (N, C, ...) and labels (N, ...)",
                received=f"{outputs.shape} and {targets.shape}",
            )  # fmt: skip
        scores = np.moveaxis(outputs, 1, -1).reshape(-1, outputs.shape[1])
        scores, true = _kept(scores, targets.ravel(), self.ignore_index)
        if true.dtype.kind not in "biu" or not _in_range(true, outputs.shape[1]):
            raise DataError(
                self.name, required=f"integers from 0 to {outputs.shape[1] - 1} as labels",
                received=f"{true.dtype}, {_span(true)}",
            )  # fmt: skip
        right = np.take_along_axis(scores, true[:, None].astype(np.int64), 1)
        # Said in the negative, so that NaN counts as higher than anything.
        higher = ~(scores < right) if self.ties == "lose" else ~(scores <= right)
        ranks = higher.sum(1) - (self.ties == "lose")  # no score is lower than itself
        self.sums["right"] += int(np.count_nonzero((ranks < self.k) & ~np.isnan(right[:, 0])))
        self.sums["count"] += len(true)


class ConfusionMatrix(Metric):
    """How often class j was predicted where i is right: row i, column j, as nested lists.

    It grows with the classes that it meets. Samples with the label ``ignore_index`` do not count.

    >>> matrix = ConfusionMatrix()
    >>> matrix.update(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
    >>> matrix.compute()
    [[0, 0], [1, 1]]
    """

    name = "confusion_matrix"
    larger_is_better: bool | None = None

    def __init__(self, ignore_index: int | None = None) -> None:
        self.ignore_index = ignore_index
        super().__init__()

    def reset(self) -> None:
        """Forget everything."""
        self.sums = {"counts": np.zeros((0, 0), np.int64)}

    @property
    def counts(self) -> Array:
        """The counts so far as an array (C, C)."""
        found: Array = self.sums["counts"]
        return found.reshape(len(found), -1) if found.size else found.reshape(0, 0)

    def update(self, outputs: Array, targets: Array) -> None:
        """Count the predictions of a batch."""
        predicted, true = _kept(*labels_of(outputs, targets), self.ignore_index)
        if true.size and true.min() < 0:
            raise DataError(self.name, required="labels >= 0", received=str(true.min()))
        present = self.counts
        classes = max(
            len(present), 2 if outputs.ndim == 1 else max(outputs.shape[1], 2),
            int(true.max(initial=0)) + 1,
        )  # fmt: skip
        cells = true.ravel().astype(np.int64) * classes + predicted.ravel()
        found = np.bincount(cells, minlength=classes * classes).reshape(classes, classes)
        found[: len(present), : len(present)] += present
        self.sums["counts"] = found

    def update_many(self, outputs: Array, targets: Array) -> None:
        """Count the predictions of several batches at once."""
        self.update(*joined(outputs, targets))

    def compute(self) -> Any:
        """Return the matrix."""
        return self.counts.tolist()


class _Averaged(ConfusionMatrix):
    """A value for each class, averaged over the classes that occur or are predicted."""

    larger_is_better = True

    def compute(self) -> float:
        """Return the mean over the classes."""
        counts = self.counts
        right, true, predicted = counts.diagonal(), counts.sum(1), counts.sum(0)
        occurs = (true + predicted) > 0
        if not occurs.any():
            return float("nan")
        values = self._by_class(right, true, predicted)
        return float(values[occurs].mean())

    @abstractmethod
    def _by_class(self, right: Array, true: Array, predicted: Array) -> Array: ...


class Precision(_Averaged):
    """Right predictions of a class / predictions of it, averaged over the classes; 0/0 counts as 0.

    >>> precision = Precision()
    >>> precision.update(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
    >>> precision.compute()
    0.5
    """

    name = "precision"

    def _by_class(self, right: Array, true: Array, predicted: Array) -> Array:
        return _quotient(right, predicted)


class Recall(_Averaged):
    """Right predictions of a class / samples of it, averaged over the classes; 0/0 counts as 0.

    >>> recall = Recall()
    >>> recall.update(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
    >>> recall.compute()
    0.25
    """

    name = "recall"

    def _by_class(self, right: Array, true: Array, predicted: Array) -> Array:
        return _quotient(right, true)


class F1(_Averaged):
    """Harmonic mean of precision and recall of a class, averaged over the classes.

    >>> f1 = F1()
    >>> f1.update(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 0]))
    >>> f1.compute()
    1.0
    """

    name = "f1"

    def _by_class(self, right: Array, true: Array, predicted: Array) -> Array:
        return _quotient(2 * right, true + predicted)


def _kept(predicted: Array, true: Array, ignore_index: int | None) -> tuple[Array, Array]:
    """Leave out the samples whose label is ``ignore_index``."""
    if ignore_index is None:
        return predicted, true
    kept = true != ignore_index
    return predicted[kept], true[kept]


def _in_range(labels: Array, classes: int) -> bool:
    return not labels.size or bool(labels.min() >= 0 and labels.max() < classes)


def _span(labels: Array) -> str:
    return f"from {labels.min()} to {labels.max()}" if labels.size else "none"


def _quotient(above: Array, below: Array) -> Array:
    return np.divide(above, below, out=np.zeros(len(above)), where=below > 0)
