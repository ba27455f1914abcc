"""Attention: numbers from hand, what masks hide, positions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from tests.functional.samples import spaced

import chainrule as cr
from chainrule import functional as F
from chainrule.errors import DTypeError, ShapeError


def test_weights_by_hand() -> None:
    """Scores 0 and log 3: weights 1/4 and 3/4."""
    q, k = cr.tensor([[1.0]]), cr.tensor([[0.0], [math.log(3)]])
    y = F.scaled_dot_product_attention(q, k, cr.tensor([[4.0], [8.0]]))
    assert y.item() == pytest.approx(7.0, rel=1e-6)
    half = F.scaled_dot_product_attention(q, 2 * k, cr.tensor([[4.0], [8.0]]), scale=0.5)
    assert half.item() == pytest.approx(7.0, rel=1e-6)


def test_the_future_has_no_gradient() -> None:
    x = [cr.tensor(spaced(5, 4, seed=k), requires_grad=True) for k in range(3)]
    y = F.scaled_dot_product_attention(*x, is_causal=True)
    y[2].sum().backward()
    for part in x[1:]:
        assert part.grad is not None
        assert part.grad.numpy()[:3].any()
        assert not part.grad.numpy()[3:].any()


def test_a_query_that_sees_nothing_gets_zeros_and_no_gradient() -> None:
    q, k, v = (cr.tensor(spaced(2, 4, seed=n), requires_grad=True) for n in range(3))
    seen = np.array([[True, False], [False, False]])
    for mask in (seen, np.where(seen, 0.0, -np.inf)):
        q.grad = None
        y = F.scaled_dot_product_attention(q, k, v, mask)
        assert not y.numpy()[1].any()
        y.sum().backward()
        assert q.grad is not None
        assert not q.grad.numpy()[1].any()
        assert np.isfinite(q.grad.numpy()).all()


def test_boolean_and_additive_masks_agree() -> None:
    q, k, v = (spaced(3, 4, seed=n) for n in range(3))
    seen = np.tril(np.ones((3, 3), bool))
    expected = F.scaled_dot_product_attention(q, k, v, is_causal=True).numpy()
    for mask in (seen, np.where(seen, 0.0, -np.inf)):
        found = F.scaled_dot_product_attention(q, k, v, mask).numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_positions_are_waves() -> None:
    waves = F.positional_encoding(cr.zeros((7, 3, 6), dtype="float64"), axis=0).numpy()
    t = np.arange(7)
    np.testing.assert_allclose(waves[:, 1, 0], np.sin(t), rtol=1e-12)
    np.testing.assert_allclose(waves[:, 2, 3], np.cos(t / 10000 ** (2 / 6)), rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: F.scaled_dot_product_attention(x, x[:, :2], x), ShapeError, "S, E"),
        (lambda x: F.scaled_dot_product_attention(x, x, x[:2]), ShapeError, "value"),
        (lambda x: F.scaled_dot_product_attention(x, x, x, [[1, 0, 1]]), DTypeError, "booleans"),
        (lambda x: F.scaled_dot_product_attention(x, x, x, enable_gqa=True), ShapeError, "heads"),
        (lambda x: F.positional_encoding(x, axis=1), ShapeError, "axis of time"),
    ],
)  # fmt: skip
def test_bad_input(call: Any, error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        call(cr.ones((3, 4)))
