"""Metrics of regression."""

from __future__ import annotations

import numpy as np

from ..dtypes import Array
from ..errors import ShapeError
from .metric import Metric, ratio


class MeanSquaredError(Metric):
    """Mean of (output - target)**2 over all elements.

    >>> error = MeanSquaredError()
    >>> error.update(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    >>> error.compute()
    2.0
    """

    name = "mse"
    larger_is_better = False

    def reset(self) -> None:
        """Forget everything."""
        self.sums = {"total": 0.0, "count": 0}

    def update(self, outputs: Array, targets: Array) -> None:
        """Add the errors of a batch."""
        error = _difference(self.name, outputs, targets)
        self.sums["total"] += float(self._measure(error).sum())
        self.sums["count"] += error.size

    def _measure(self, error: Array) -> Array:
        return error * error

    def compute(self) -> float:
        """Return the mean."""
        return ratio(self.sums["total"], self.sums["count"])


class MeanAbsoluteError(MeanSquaredError):
    """Mean of abs(output - target) over all elements.

    >>> error = MeanAbsoluteError()
    >>> error.update(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    >>> error.compute()
    1.0
    """

    name = "mae"

    def _measure(self, error: Array) -> Array:
        return np.abs(error)


class R2(Metric):
    """Coefficient of determination: 1 - sum (t - y)**2 / sum (t - mean t)**2, over all elements.

    1 is a perfect fit, 0 is as good as the mean of the targets.

    >>> r2 = R2()
    >>> r2.update(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]))
    >>> round_trip = R2()
    >>> round_trip.load_state_dict(r2.state_dict())
    >>> f"{round_trip.compute():.4f}"
    '0.7857'
    """

    name = "r2"

    def reset(self) -> None:
        """Forget everything."""
        self.sums = {"residual": 0.0, "count": 0, "mean": 0.0, "spread": 0.0}

    def update(self, outputs: Array, targets: Array) -> None:
        """Merge the sums of a batch (Chan, Golub and LeVeque's formula for the spread)."""
        error = _difference(self.name, outputs, targets)
        if error.size == 0:
            return
        values, sums = np.asarray(targets, np.float64), self.sums
        before, count = sums["count"], sums["count"] + error.size
        shift = float(values.mean()) - sums["mean"]
        sums["residual"] += float((error * error).sum())
        sums["spread"] += float(((values - values.mean()) ** 2).sum())
        sums["spread"] += shift * shift * before * error.size / count
        sums["mean"] += shift * error.size / count
        sums["count"] = count

    def compute(self) -> float:
        """Return the coefficient; NaN if all targets are equal."""
        return 1.0 - ratio(self.sums["residual"], self.sums["spread"])


def _difference(name: str, outputs: Array, targets: Array) -> Array:
    if outputs.shape != targets.shape:
        raise ShapeError(
            f"metric {name}", required="outputs and targets of one shape",
            received=f"{outputs.shape} and {targets.shape}",
        )  # fmt: skip
    difference: Array = np.subtract(outputs, targets, dtype=np.float64)
    return difference
