"""What all metrics share: sums over batches, and a state."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError, CheckpointError


class Metric(ABC):
    """Base of all metrics: ``reset``, ``update`` for every batch, ``compute`` at the end.

    What it gathers it keeps in the dict ``self.sums``, numbers and arrays, its whole state.
    """

    name: str
    larger_is_better: bool | None = True  # None: values cannot be compared

    def __init__(self) -> None:
        self.sums: dict[str, Any] = {}
        self.reset()

    @abstractmethod
    def reset(self) -> None:
        """Forget everything."""

    @abstractmethod
    def update(self, outputs: Array, targets: Array) -> None:
        """Take a batch into account: outputs (N, ...), targets (N, ...)."""

    def update_many(self, outputs: Array, targets: Array) -> None:
        """Take several batches into account, in order: outputs (B, N, ...), targets (B, N, ...)."""
        for batch, true in zip(outputs, targets, strict=True):
            self.update(batch, true)

    @abstractmethod
    def compute(self) -> Any:
        """Return the value over all batches so far; NaN before the first."""

    def state_dict(self) -> dict[str, Any]:
        """Return the sums as JSON values."""
        return {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in self.sums.items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Put the sums back; CheckpointError if they are those of another metric."""
        self.reset()
        if set(state) != set(self.sums):
            raise CheckpointError(
                f"metric {self.name}", required=", ".join(self.sums), received=", ".join(state)
            )
        kinds = {k: v.dtype for k, v in self.sums.items() if isinstance(v, np.ndarray)}
        self.sums = {k: np.array(v, kinds[k]) if k in kinds else v for k, v in state.items()}

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Mean(Metric):
    """The mean over all samples of a value that is known for each batch.

    >>> mean = Mean("loss")
    >>> mean.add(2.0, count=3)
    >>> mean.add(6.0, count=1)
    >>> mean.compute()
    3.0
    """

    larger_is_better = False

    def __init__(self, name: str, function: Callable[[Array, Array], float] | None = None) -> None:
        self.name = name
        self.function = function
        super().__init__()

    def reset(self) -> None:
        """Forget everything."""
        self.sums = {"total": 0.0, "count": 0}

    def add(self, value: float, count: int) -> None:
        """Take a batch of ``count`` samples into account, whose mean is ``value``."""
        self.sums["total"] += float(value) * count
        self.sums["count"] += count

    def add_each(self, values: Iterable[float], count: int) -> None:
        """Take batches of ``count`` samples into account, in order, whose means are the values."""
        for value in values:
            self.add(value, count)

    def update(self, outputs: Array, targets: Array) -> None:
        """Take the function's value for a batch into account."""
        if self.function is None:
            raise ArgumentError(
                f"metric {self.name}", required="a function of outputs and targets", received="none"
            )
        self.add(float(self.function(outputs, targets)), len(outputs))

    def compute(self) -> float:
        """Return the mean."""
        return ratio(self.sums["total"], self.sums["count"])


def ratio(total: float, count: float) -> float:
    """Return total / count, NaN where nothing was counted."""
    return total / count if count else float("nan")
