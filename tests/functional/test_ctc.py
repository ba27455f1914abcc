"""CTC against the sum over all ways to write a text; what cannot be written; bad input."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from tests.functional.samples import spaced

import chainrule as cr
from chainrule import functional as F
from chainrule.errors import (
    ArgumentError,
    BoundsError,
    DataError,
    DTypeError,
    LossWarning,
    ShapeError,
)

LOGS = F.log_softmax(cr.tensor(spaced(4, 2, 3)))


def written(path: tuple[int, ...], blank: int) -> list[int]:
    """What a path says: repeated symbols once, without blanks."""
    return [symbol for symbol, _ in itertools.groupby(path) if symbol != blank]


def by_enumeration(logs: np.ndarray, text: list[int], blank: int = 0) -> float:
    steps, classes = logs.shape
    total = sum(
        math.exp(sum(logs[t, symbol] for t, symbol in enumerate(path)))
        for path in itertools.product(range(classes), repeat=steps)
        if written(path, blank) == text
    )
    return -math.log(total) if total else math.inf


@pytest.mark.parametrize("text", [[], [1], [2, 1], [1, 1], [1, 2, 1], [2, 2, 1], [1, 2, 1, 2]])
@pytest.mark.parametrize("steps", [3, 4])
def test_it_is_the_sum_over_all_ways(text: list[int], steps: int) -> None:
    found = F.ctc_loss(LOGS[:, 0], np.array(text, int), steps, len(text), reduction="none")
    expected = by_enumeration(LOGS.numpy()[:steps, 0], text)
    assert found.item() == pytest.approx(expected, rel=1e-12)


def test_another_blank() -> None:
    found = F.ctc_loss(LOGS[:, 1], np.array([0, 0]), 4, 2, blank=2, reduction="none")
    assert found.item() == pytest.approx(by_enumeration(LOGS.numpy()[:, 1], [0, 0], 2), rel=1e-12)


def test_reductions() -> None:
    call = lambda **options: F.ctc_loss(LOGS, [[1, 2], [2, 0]], [4, 3], [2, 1], **options).numpy()
    each = call(reduction="none")
    assert call(reduction="sum") == pytest.approx(each.sum())
    assert call() == pytest.approx((each[0] / 2 + each[1]) / 2)


def test_targets_in_rows_and_in_line_agree() -> None:
    rows = F.ctc_loss(LOGS, [[1, 2], [2, 7]], [4, 3], [2, 1], reduction="none")
    line = F.ctc_loss(LOGS, [1, 2, 2], [4, 3], [2, 1], reduction="none")
    np.testing.assert_array_equal(rows.numpy(), line.numpy())


@pytest.mark.parametrize("zero", [False, True])
def test_a_text_that_does_not_fit_has_no_gradient(zero: bool) -> None:
    """Two equal labels need a blank between them: three steps."""
    logs = cr.tensor(LOGS.numpy(), requires_grad=True)
    loss = F.ctc_loss(logs, [[1, 1], [1, 2]], [2, 2], [2, 2], reduction="none", zero_infinity=zero)
    assert loss.numpy()[0] == (0 if zero else math.inf)
    loss.sum().backward()
    assert logs.grad is not None
    assert not logs.grad.numpy()[:, 0].any()
    assert logs.grad.numpy()[:2, 1].any()
    assert np.isfinite(logs.grad.numpy()).all()


def test_certain_symbols() -> None:
    """Probabilities 0 and 1: the only way costs nothing, any other text infinitely much."""
    with np.errstate(divide="ignore"):
        logs = cr.tensor(np.log(np.eye(3)[[0, 1, 1, 2]]), requires_grad=True)
    assert F.ctc_loss(logs, np.array([1, 2]), 4, 2).item() == 0
    with pytest.warns(LossWarning, match="the loss is inf"):
        assert F.ctc_loss(logs, np.array([2, 1]), 4, 2).item() == math.inf


def test_a_long_input_in_float32() -> None:
    logs = F.log_softmax(cr.zeros((400, 1, 5)))
    loss = F.ctc_loss(logs, np.full((1, 20), 3), [400], [20], reduction="sum")
    assert 400 < loss.item() < 400 * math.log(5)


def test_an_empty_batch() -> None:
    loss = F.ctc_loss(cr.zeros((4, 0, 3)), np.zeros((0, 2), int), np.zeros(0, int),
                      np.zeros(0, int), reduction="none")  # fmt: skip
    assert loss.shape == (0,)


def test_scores_learn_a_text() -> None:
    scores = cr.tensor(np.zeros((8, 1, 4)), requires_grad=True)
    for _ in range(15):
        loss = F.ctc_loss(F.log_softmax(scores), [[1, 2, 2, 3]], [8], [4])
        loss.backward()
        scores = cr.tensor(scores.numpy() - 4 * scores.grad.numpy(), requires_grad=True)
    assert written(tuple(scores.numpy()[:, 0].argmax(-1).tolist()), 0) == [1, 2, 2, 3]


@pytest.mark.parametrize(
    ("arguments", "options", "error", "text"),
    [
        ((LOGS, [[1]], [4, 4], [1, 1]), {}, ShapeError, r"targets \(2, S\)"),
        ((LOGS, [[1], [2]], [4], [1, 1]), {}, ShapeError, r"lengths of shape \(2,\)"),
        ((LOGS, [[1], [2]], [4, 5], [1, 1]), {}, BoundsError, "from 0 to 4"),
        ((LOGS, [[1], [2]], [4, 4], [1, 2]), {}, BoundsError, "from 0 to 1"),
        ((LOGS, [[1], [3]], [4, 4], [1, 1]), {}, DataError, "received label 3"),
        ((LOGS, [[1], [0]], [4, 4], [1, 1]), {}, DataError, "the blank 0"),
        ((LOGS, [1, 2, 1], [4, 4], [1, 1]), {}, ShapeError, "the sum of target_lengths"),
        ((LOGS, [[1.0], [2.0]], [4, 4], [1, 1]), {}, DTypeError, "integer targets"),
        ((LOGS, [[1], [2]], [4, 4], [1, 1]), {"blank": 3}, ArgumentError, "blank < C"),
        ((LOGS, [[1], [2]], [4, 4], [1, 1]), {"reduction": "max"}, ArgumentError, "reduction"),
    ],
)
def test_bad_input(arguments: Any, options: Any, error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        F.ctc_loss(*arguments, **options)
