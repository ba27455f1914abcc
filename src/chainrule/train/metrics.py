"""Metrics: how good outputs are, gathered batch by batch; by name, by class, or any function."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..dtypes import Array
from ..errors import ArgumentError
from .classification import F1, Accuracy, ConfusionMatrix, Precision, Recall, TopAccuracy
from .metric import Mean, Metric
from .regression import R2, MeanAbsoluteError, MeanSquaredError

NAMED: dict[str, Callable[[], Metric]] = {
    "accuracy": Accuracy,
    "precision": Precision,
    "recall": Recall,
    "f1": F1,
    "confusion_matrix": ConfusionMatrix,
    "mse": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "r2": R2,
}
MetricLike = str | Metric | Callable[[Array, Array], float]


def make_metrics(given: Iterable[MetricLike]) -> list[Metric]:
    """Return metrics for names, metrics, or functions of (outputs, targets) that give a mean.

    >>> [metric.name for metric in make_metrics(["accuracy", "top3_accuracy", "f1"])]
    ['accuracy', 'top3_accuracy', 'f1']
    """
    listed = [given] if isinstance(given, str) else list(given)
    made = [_make(metric) for metric in listed]
    names = [metric.name for metric in made]
    if len(set(names)) != len(names) or "loss" in names:
        raise ArgumentError(
            "metrics", required="different names, none of them 'loss'", received=", ".join(names)
        )
    return made


def _make(given: MetricLike) -> Metric:
    if isinstance(given, Metric):
        return given
    if not isinstance(given, str):
        return Mean(getattr(given, "__name__", "metric"), given)
    if given in NAMED:
        return NAMED[given]()
    k = given.removeprefix("top").removesuffix("_accuracy")
    if given == f"top{k}_accuracy" and k.isdecimal():
        return TopAccuracy(int(k))
    raise ArgumentError(
        "metric", required=f"one of {', '.join(NAMED)}, top5_accuracy", received=repr(given)
    )
