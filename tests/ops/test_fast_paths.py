"""Kernels that take another way for large arrays give the same as NumPy's plain one."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.ops.choice import _LARGE

RNG = np.random.default_rng(0)
SIZE = 2 * _LARGE
X, Y = RNG.standard_normal((2, SIZE)).astype(np.float32)
X[:4] = np.nan, np.inf, -np.inf, -0.0
CONDITION = RNG.random(SIZE) < 0.5


@pytest.mark.parametrize("x", [X, X[:1], np.float32(0), np.float32(-0.0), np.float32(2)])
@pytest.mark.parametrize("y", [Y, Y[:1], np.float32(0), np.float32(-0.0), np.float32(np.nan)])
def test_where_chooses_by_bits(x: np.ndarray, y: np.ndarray) -> None:
    chosen = cr.where(CONDITION, x, y).numpy()
    expected = np.where(CONDITION, x, y)
    np.testing.assert_array_equal(chosen.view(np.int32), expected.view(np.int32))


def test_where_of_views_and_other_types() -> None:
    x, c = 9 * X[4:].reshape(2, -1).T, CONDITION[4:].reshape(2, -1).T
    y = np.broadcast_to(Y[:2], x.shape)
    for kind in (np.float32, np.float64, np.int64):
        a, b = x.astype(kind), y.astype(kind)
        np.testing.assert_array_equal(cr.where(c, a, b).numpy(), np.where(c, a, b))


@pytest.mark.parametrize("axis", [0, 1, 2, (0, 2), -1])
@pytest.mark.parametrize("reduce", ["sum", "max", "min"])
@pytest.mark.parametrize("keepdims", [False, True])
def test_short_axes_are_folded(axis: int | tuple[int, ...], reduce: str, keepdims: bool) -> None:
    x = RNG.standard_normal((3, 8000, 2))
    result = getattr(cr, reduce)(x, axis=axis, keepdims=keepdims)
    expected = getattr(np, reduce)(x, axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(result.numpy(), expected, rtol=1e-12, atol=1e-12)
