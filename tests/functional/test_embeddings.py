"""Bags of embeddings, and gradients that are shared by frequency."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import functional as F
from chainrule.errors import ArgumentError, BoundsError, DTypeError, ShapeError

TABLE = np.array([[1.0, -1.0], [10.0, -10.0], [100.0, -100.0]])


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("sum", [[101, -101], [0, 0], [10, -10]]), ("mean", [[50.5, -50.5], [0, 0], [10, -10]]),
     ("max", [[100, -1], [0, 0], [10, -10]])],
)  # fmt: skip
def test_bags_by_hand_with_one_that_is_empty(mode: str, expected: Any) -> None:
    found = F.embedding_bag([0, 2, 1], TABLE, [0, 2, 2], mode=mode)
    np.testing.assert_array_equal(found.numpy(), expected)


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_padding_does_not_count(mode: str) -> None:
    rows = F.embedding_bag([[0, 1], [1, 1]], TABLE, mode=mode, padding_idx=1)
    line = F.embedding_bag([0, 1, 1, 1], TABLE, [0, 2], mode=mode, padding_idx=1)
    np.testing.assert_array_equal(rows.numpy(), [[1, -1], [0, 0]])
    np.testing.assert_array_equal(line.numpy(), rows.numpy())


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_no_indices_at_all(mode: str) -> None:
    empty = np.zeros((2, 0), int)
    assert not F.embedding_bag(empty, TABLE, mode=mode).numpy().any()
    assert not F.embedding_bag(empty[0], TABLE, [0, 0], mode=mode).numpy().any()


def test_gradients_are_shared_by_frequency() -> None:
    table = cr.tensor(TABLE, requires_grad=True)
    y = F.embedding(np.array([0, 2, 2]), table, scale_grad_by_freq=True)
    np.testing.assert_array_equal(y.numpy(), TABLE[[0, 2, 2]])
    y.sum().backward()
    assert table.grad is not None
    np.testing.assert_array_equal(table.grad.numpy(), [[1, 1], [0, 0], [1, 1]])


@pytest.mark.parametrize(
    ("arguments", "options", "error", "text"),
    [
        (([[0, 3]], TABLE), {}, BoundsError, "from 0 to 2"),
        (([[0.0]], TABLE), {}, DTypeError, "integer indices"),
        (([0], TABLE), {}, ShapeError, "with offsets"),
        (([0, 1], TABLE, [1]), {}, ArgumentError, r"offsets\[0\] == 0"),
        (([[0]], TABLE), {"mode": "min"}, ArgumentError, "'max'"),
        (([[0]], TABLE, None, [[1.0]]), {}, ArgumentError, "only for 'sum'"),
        (([[0]], TABLE, None, [1.0]), {"mode": "sum"}, ShapeError, "per_sample_weights"),
    ],
)
def test_bad_input(arguments: Any, options: Any, error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        F.embedding_bag(*arguments, **options)
