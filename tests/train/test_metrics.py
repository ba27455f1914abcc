"""Metrics by hand, and the same however the samples come in batches."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.errors import ArgumentError, CheckpointError, DataError, ShapeError
from chainrule.train import Accuracy, ConfusionMatrix, Mean, Metric, Recall, TopAccuracy
from chainrule.train.metrics import NAMED, make_metrics

SCORES = np.array([[3, 2, 1], [1, 3, 2], [3, 1, 2], [1, 2, 3], [2, 3, 1]], np.float32)
LABELS = np.array([0, 1, 2, 2, 0])  # predicted 0 1 0 2 1
NAMES = [*NAMED, "top2_accuracy"]
REGRESSION = ("mse", "mae", "r2")
EXPECTED = {
    "accuracy": 3 / 5,
    "top2_accuracy": 1.0,
    "precision": (1 / 2 + 1 / 2 + 1) / 3,
    "recall": (1 / 2 + 1 + 1 / 2) / 3,
    "f1": (2 / 4 + 2 / 3 + 2 / 3) / 3,
    "confusion_matrix": [[1, 1, 0], [0, 1, 0], [1, 0, 1]],
    "mse": (1 + 0 + 4) / 3,
    "mae": 1.0,
    "r2": 1 - 5 / 14,
}


def samples(name: str) -> tuple[Any, Any]:
    if name in REGRESSION:
        return np.array([1.0, 2.0, 3.0], np.float32), np.array([0.0, 2.0, 5.0], np.float32)
    return SCORES, LABELS


def metric(name: str) -> Metric:
    return make_metrics([name])[0]


@pytest.mark.parametrize("name", NAMES)
def test_by_hand(name: str) -> None:
    made = metric(name)
    made.update(*samples(name))
    expected = EXPECTED[name]
    if name == "r2":
        targets = samples(name)[1]
        expected = 1 - 5 / float(((targets - targets.mean()) ** 2).sum())
    assert made.compute() == (expected if name == "confusion_matrix" else pytest.approx(expected))


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_any_batches_give_the_same(name: str, data: st.DataObject) -> None:
    whole, parts = metric(name), metric(name)
    seed = data.draw(st.integers(0, 1000))
    rng = np.random.default_rng(seed)
    if name in REGRESSION:
        outputs, targets = rng.normal(size=(2, 12)) + 100
    else:
        outputs, targets = rng.normal(size=(12, 4)), rng.integers(0, 4, 12)
    cuts = sorted(data.draw(st.sets(st.integers(0, 12), max_size=4)))
    whole.update(outputs, targets)
    for chunk in np.split(np.arange(12), cuts):
        parts.update(outputs[chunk], targets[chunk])
        # As a checkpoint keeps it.
        state = json.loads(json.dumps(parts.state_dict()))
        parts = metric(name)
        parts.load_state_dict(state)
    assert np.allclose(parts.compute(), whole.compute(), rtol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_counted_yet(name: str) -> None:
    made = metric(name)
    value = made.compute()
    assert value == [] if name == "confusion_matrix" else math.isnan(value)
    made.update(*samples(name))
    made.reset()
    again = made.compute()
    assert again == [] if name == "confusion_matrix" else math.isnan(again)


@pytest.mark.parametrize(
    ("outputs", "targets", "expected"),
    [
        ([-1.0, 2.0, 3.0], [0, 1, 0], 2 / 3),
        ([[-1.0], [2.0]], [[-1.0], [1.0]], 1.0),
        ([[-1.0], [2.0]], [1, -1], 0.0),
        ([[0.2, 0.8], [0.9, 0.1]], [[0.0, 1.0], [0.0, 1.0]], 0.5),
        (np.ones((2, 3, 2, 2)) * [[[[1]], [[2]], [[0]]]], np.ones((2, 2, 2), int), 1.0),
    ],
    ids=["signs", "column of signs", "labels of signs", "indicators", "segmentation"],
)
def test_kinds_of_outputs(outputs: Any, targets: Any, expected: float) -> None:
    made = Accuracy()
    made.update(np.array(outputs), np.array(targets))
    assert made.compute() == pytest.approx(expected)


def test_a_confusion_matrix_of_signs_has_two_classes() -> None:
    made = ConfusionMatrix()
    made.update(np.array([1.0, -1.0, 2.0]), np.array([1, 1, 0]))
    assert made.compute() == [[0, 1], [1, 1]]


def test_a_confusion_matrix_grows() -> None:
    made = ConfusionMatrix()
    made.update(np.array([[0.0, 1.0]]), np.array([1]))
    made.update(np.array([[0.0, 1.0]]), np.array([2]))
    assert made.compute() == [[0, 0, 0], [0, 1, 0], [0, 1, 0]]
    absent = Recall()
    absent.update(np.array([[0.0, 1.0, 0.0]]), np.array([1]))
    assert absent.compute() == 1.0  # classes that never occur do not count


def test_functions_are_averaged_over_samples() -> None:
    def spread(outputs: Any, targets: Any) -> float:
        return float(np.ptp(outputs))

    made = make_metrics([spread])[0]
    made.update(np.array([0.0, 1.0, 3.0]), np.zeros(3))
    made.update(np.array([7.0]), np.zeros(1))
    assert (made.name, made.compute()) == ("spread", 9 / 4)


def test_ties_are_generous_in_top_k_and_strict_in_accuracy() -> None:
    made = TopAccuracy(1)
    made.update(np.array([[1.0, 1.0]]), np.array([1]))
    assert made.compute() == 1.0


def test_ties_can_lose_and_nan_is_never_right() -> None:
    scores = np.array([[1.0, 1.0, 1.0], [3.0, 2.0, 2.0], [0.0, 1.0, 2.0], [np.nan, 1.0, 0.0]])
    for k, ties, right in ((1, "win", 3), (1, "lose", 2), (2, "lose", 2), (3, "lose", 3)):
        made = TopAccuracy(k, ties=ties)  # type: ignore[arg-type]
        made.update(scores, np.array([1, 0, 2, 0]))
        assert made.sums == {"right": right, "count": 4}


def test_samples_can_be_ignored() -> None:
    scores, labels = np.array([[2.0, 1.0], [2.0, 1.0], [1.0, 2.0]]), np.array([0, 255, 0])
    for made in (Accuracy(255), TopAccuracy(1, ignore_index=255)):
        made.update(scores, labels)
        assert made.sums == {"right": 1, "count": 2}
    matrix = ConfusionMatrix(ignore_index=255)
    matrix.update(scores, labels)
    assert matrix.compute() == [[1, 1], [0, 0]]
    empty = TopAccuracy(1, ignore_index=7)
    empty.update(scores, np.full(3, 7))
    assert np.isnan(empty.compute())


def test_top_accuracy_of_a_map_of_labels() -> None:
    scores = np.moveaxis(np.eye(4).reshape(1, 2, 2, 4), -1, 1)  # class 2i + j at place i, j
    made = TopAccuracy(1)
    made.update(scores, np.array([[[0, 1], [2, 0]]]))
    assert made.compute() == 0.75


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["acuracy"], "one of accuracy, precision.*received 'acuracy'"),
        (["accuracy", "accuracy"], "different names"),
        ([Mean("loss")], "none of them 'loss'"),
        (["topx_accuracy"], "received 'topx_accuracy'"),
    ],
)
def test_bad_names_are_refused(names: Any, text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        make_metrics(names)


def test_a_single_name_is_a_list_of_one() -> None:
    assert [m.name for m in make_metrics("accuracy")] == ["accuracy"]


@pytest.mark.parametrize(
    ("make", "outputs", "targets", "error", "text"),
    [
        (Accuracy, SCORES, LABELS[:3], ShapeError, r"targets \(5,\) for outputs \(5, 3\)"),
        (Accuracy, SCORES, LABELS + 0.5, DataError, "choose metrics such as 'mse'"),
        (Accuracy, SCORES[:, 0], LABELS + 0.5, DataError, "choose metrics such as 'mse'"),
        (Accuracy, np.array(1.0), np.array(1.0), ShapeError, r"outputs \(N, ...\)"),
        (ConfusionMatrix, SCORES, LABELS - 1, DataError, "labels >= 0; received -1"),
        (TopAccuracy, SCORES[:, 0], LABELS, ShapeError, r"outputs \(N, C, ...\) and labels"),
        (TopAccuracy, SCORES, LABELS + 1, DataError, "integers from 0 to 2 as labels; received"),
        (TopAccuracy, SCORES, LABELS + 0.5, DataError, "received float64, from 0.5"),
        (NAMED["mse"], SCORES, LABELS, ShapeError, "of one shape"),
        (lambda: TopAccuracy(0), SCORES, LABELS, ArgumentError, "k >= 1"),
        (lambda: TopAccuracy(1, ties="?"), SCORES, LABELS, ArgumentError, "'win' or 'lose'"),  # type: ignore[arg-type]
        (lambda: Mean("m"), SCORES, LABELS, ArgumentError, "a function of outputs and targets"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    make: Any, outputs: Any, targets: Any, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        make().update(outputs, targets)


def test_a_state_of_another_metric_is_refused() -> None:
    with pytest.raises(CheckpointError, match="metric accuracy: requires right, count"):
        Accuracy().load_state_dict({"total": 1.0})
