"""The nearest-neighbour classifier, by hand and against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.data import mnist
from chainrule.errors import ArgumentError, DataError, ShapeError
from chainrule.models import NearestNeighbour, nearest_neighbour

CORNERS = [[0.0, 0.0], [0.0, 1.0], [4.0, 0.0], [4.0, 1.0], [4.0, 2.0]]
LABELS = [0, 0, 1, 1, 1]


def test_the_nearest_sample_decides() -> None:
    model = NearestNeighbour().fit(CORNERS, LABELS)
    assert model.predict([[1.0, 0.0], [3.0, 0.0]]).tolist() == [0, 1]


def test_the_metrics_differ() -> None:
    # from (0, 0): L1 distances 3 and 4, L2 distances 3 and 2.83
    samples, labels, query = [[3.0, 0.0], [2.0, 2.0]], [0, 1], [[0.0, 0.0]]
    assert NearestNeighbour(metric="L1").fit(samples, labels).predict(query).tolist() == [0]
    assert NearestNeighbour(metric="L2").fit(samples, labels).predict(query).tolist() == [1]


def test_the_majority_of_k_wins_and_a_tie_goes_to_the_nearer() -> None:
    model = NearestNeighbour(k=5).fit(CORNERS, LABELS)
    assert model.predict([[0.0, 0.0]]).tolist() == [1]
    tied = NearestNeighbour(k=2).fit([[0.0, 0.0], [3.0, 0.0]], [1, 0])
    assert tied.predict([[1.0, 0.0], [2.0, 0.0]]).tolist() == [1, 0]


def test_training_accuracy_is_perfect_and_test_accuracy_is_not() -> None:
    digits = mnist("train")
    images, labels = digits.batch(np.arange(1500))
    others, their_labels = digits.batch(np.arange(1500, 1800))
    model = NearestNeighbour(k=1).fit(images, labels)
    assert model.accuracy(images, labels) == 1.0
    assert 0.8 < model.accuracy(others, their_labels) < 1.0


@given(st.integers(0, 10**6), st.integers(1, 4), st.sampled_from(["L1", "L2"]))
def test_distances_are_those_of_brute_force(seed: int, k: int, metric: str) -> None:
    random = np.random.default_rng(seed)
    samples, queries = random.standard_normal((9, 3)), random.standard_normal((4, 3))
    labels = random.integers(0, 3, 9)
    model = NearestNeighbour(k=k, metric=metric).fit(samples, labels)
    difference = queries[:, None] - samples
    exact = np.abs(difference).sum(-1) if metric == "L1" else np.sqrt((difference**2).sum(-1))
    np.testing.assert_allclose(model.distances(queries), exact, rtol=1e-4, atol=1e-4)
    votes = labels[np.argsort(exact, axis=1)[:, :k]]
    for guess, row in zip(model.predict(queries), votes, strict=True):
        counts = np.bincount(row, minlength=3)
        assert counts[guess] == counts.max()


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    samples, labels = random.standard_normal((50, 4)), random.integers(0, 5, 50)
    model = NearestNeighbour(k=3).fit(samples, labels)
    whole = model.predict(samples)
    monkeypatch.setattr(nearest_neighbour, "_BLOCK_BYTES", 1)
    assert model.predict(samples).tolist() == whole.tolist()


@pytest.mark.parametrize(
    ("act", "error", "text"),
    [
        (lambda: NearestNeighbour(metric="L3"), ArgumentError, "requires 'L1' or 'L2'"),
        (lambda: NearestNeighbour(k=0), ArgumentError, "requires k >= 1"),
        (lambda: NearestNeighbour(k=9).fit(CORNERS, LABELS), ArgumentError, "1 <= k <= 5"),
        (lambda: NearestNeighbour().fit(CORNERS, [0]), ShapeError, "5 samples, 1 labels"),
        (lambda: NearestNeighbour().fit([1.0], [0]), ShapeError, "one row a sample"),
        (lambda: NearestNeighbour().fit(CORNERS, [0.5] * 5), DataError, "integers >= 0"),
        (lambda: NearestNeighbour().predict(CORNERS), ArgumentError, "call fit"),
        (
            lambda: NearestNeighbour().fit(CORNERS, LABELS).predict([[1.0]]),
            ShapeError,
            "2 numbers a sample",
        ),
    ],
)
def test_errors(act: object, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        act()  # type: ignore[operator]
