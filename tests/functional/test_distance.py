"""Norms, similarities, embedding, padding: what is easily forgotten."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.functional.samples import spaced

import chainrule as cr
from chainrule import functional as F
from chainrule.errors import ArgumentError, BoundsError, DTypeError, ShapeError

X, Y = spaced(3, 4), spaced(3, 4, seed=1)


@pytest.mark.parametrize("p", [1, 2, 3.5, np.inf])
@pytest.mark.parametrize("axis", [0, 1])
def test_norm(p: float, axis: int) -> None:
    expected = np.linalg.norm(X, ord=p, axis=axis)
    np.testing.assert_allclose(F.vector_norm(X, p=p, axis=axis).numpy(), expected)


def test_the_zero_vector_has_a_gradient() -> None:
    for function in (F.vector_norm, F.normalize, lambda v: F.cosine_similarity(v, cr.ones((1, 3)))):
        x = cr.tensor(np.zeros((1, 3)), requires_grad=True)
        function(x).sum().backward()
        assert x.grad is not None
        assert np.isfinite(x.grad.numpy()).all()


def test_normalize_gives_length_1() -> None:
    np.testing.assert_allclose(np.linalg.norm(F.normalize(X).numpy(), axis=1), 1)


def test_cosine_similarity() -> None:
    expected = (X * Y).sum(1) / (np.linalg.norm(X, axis=1) * np.linalg.norm(Y, axis=1))
    np.testing.assert_allclose(F.cosine_similarity(X, Y).numpy(), expected)


def test_pairwise_distance() -> None:
    expected = np.linalg.norm(X - Y + 1e-6, axis=1, keepdims=True)
    np.testing.assert_allclose(F.pairwise_distance(X, Y, keepdims=True).numpy(), expected)


def test_the_padding_row_of_an_embedding_is_not_trained() -> None:
    table = cr.tensor(X, requires_grad=True)
    rows = F.embedding([[2, 0], [2, 2]], table, padding_idx=2)
    np.testing.assert_array_equal(rows.numpy(), X[[[2, 0], [2, 2]]])
    rows.sum().backward()
    assert table.grad is not None
    assert table.grad.numpy().sum(axis=1).tolist() == [4.0, 0.0, 0.0]


def test_rows_that_are_used_often_sum_their_gradients() -> None:
    table = cr.tensor(X, requires_grad=True)
    F.embedding([1, 1, 1], table).sum().backward()
    assert table.grad is not None
    assert table.grad.numpy()[:, 0].tolist() == [0.0, 3.0, 0.0]


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular", "constant"])
def test_padding_is_that_of_numpy(mode: str) -> None:
    pairs = [(2, 1), (0, 3)]
    names = {"replicate": "edge", "circular": "wrap"}
    expected = np.pad(X, pairs, mode=names.get(mode, mode))  # type: ignore[call-overload]
    np.testing.assert_array_equal(F.pad(X, pairs, mode=mode).numpy(), expected)
    last = np.pad(X, [(0, 0), (1, 1)], mode=names.get(mode, mode))  # type: ignore[call-overload]
    np.testing.assert_array_equal(F.pad(X, [(1, 1)], mode=mode).numpy(), last)


def test_padding_crops() -> None:
    np.testing.assert_array_equal(F.pad(X, [(-1, 0)], mode="replicate").numpy(), X[:, 1:])
    np.testing.assert_array_equal(F.pad(X, [(0, -2)]).numpy(), X[:, :-2])


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: F.vector_norm(X, p=0), ArgumentError, "p > 0"),
        (lambda: F.embedding([0, 3], X), BoundsError, "indices from 0 to 2.*received index 3"),
        (lambda: F.embedding([0, -1], X), BoundsError, "received index -1"),
        (lambda: F.embedding([0.5], X), DTypeError, "integer indices"),
        (lambda: F.pad(X, [(1, 1)], mode="mirror"), ArgumentError, "mode of constant"),
        (lambda: F.pad(X, [(1, 1)] * 3), ArgumentError, "at most 2 pairs"),
        (lambda: F.pad(X, [(0, 4)], mode="reflect"), ShapeError, "from -4 to 3"),
        (lambda: F.pad(X, [(5, 0)], mode="circular"), ShapeError, "from -4 to 4"),
        (lambda: F.unflatten(X, 1, (3, -1)), ShapeError, "product 4"),
        (lambda: F.linear(X, np.ones((2, 3))), ShapeError, r"x.shape\[-1\] == 3"),
    ],
)
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()
