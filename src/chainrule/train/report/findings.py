"""What an evaluation finds: the confusion matrix and the samples that are most wrong."""

from __future__ import annotations

import numpy as np

from ...data import Dataset
from ...dtypes import Array
from ...errors import ChainruleError
from ..classification import ConfusionMatrix
from ..labels import labels_of
from ..mistakes import margins

KEPT = 24  # of the mistakes


class Findings:
    """Gathered batch by batch while a data set is evaluated; no matrix if these are no classes."""

    def __init__(self, what: str, dataset: Dataset) -> None:
        self.what, self.dataset = what, dataset  # "validation" or "test", and the data
        self.samples = 0
        self.wrong = 0
        self.matrix: ConfusionMatrix | None = ConfusionMatrix()
        self.mistakes: list[tuple[float, int, int, int]] = []  # margin, sample, true, predicted

    def update(self, outputs: Array, targets: Array) -> None:
        """Add a batch; samples are numbered in the order in which they come."""
        first = self.samples
        self.samples += len(outputs)
        if self.matrix is None:
            return
        try:
            predicted, true = labels_of(outputs, targets)
            if true.ndim != 1 or not _are_classes(targets) or not np.isfinite(outputs).all():
                raise ValueError
            self.matrix.update(outputs, targets)
        except (ChainruleError, ValueError, IndexError):
            self.matrix = None
            return
        wrong = np.flatnonzero(predicted != true)
        self.wrong += len(wrong)
        found = zip(
            margins(outputs, true, wrong).tolist(), (first + wrong).tolist(), true[wrong].tolist(),
            predicted[wrong].tolist(), strict=True,
        )  # fmt: skip
        self.mistakes = sorted([*self.mistakes, *found], reverse=True)[:KEPT]


def _are_classes(targets: Array) -> bool:
    """Whether targets are labels or indicators; numbers of several outputs are neither."""
    return targets.dtype.kind in "biu" or bool(np.isin(targets, (-1, 0, 1)).all())
