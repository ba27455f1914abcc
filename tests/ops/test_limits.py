"""Values and slopes at the places where a formula jumps, ties or would give NaN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr


def slopes(f: Callable[..., cr.Tensor], *values: Any) -> list[Any]:
    """Return the gradient of sum(f) with respect to each argument."""
    leaves = [cr.tensor(v, requires_grad=True) for v in values]
    f(*leaves).sum().backward()
    return [None if leaf.grad is None else leaf.grad.tolist() for leaf in leaves]


@pytest.mark.parametrize("f", [cr.maximum, cr.minimum])
def test_a_tie_gives_each_half_of_the_gradient(f: Any) -> None:
    assert slopes(f, [2.0, 1.0], [2.0, 1.0]) == [[0.5, 0.5], [0.5, 0.5]]


def test_a_winner_gets_the_whole_gradient() -> None:
    assert slopes(cr.maximum, [2.0, 1.0], [0.0, 3.0]) == [[1.0, 0.0], [0.0, 1.0]]
    assert slopes(cr.minimum, [2.0, 1.0], [0.0, 3.0]) == [[0.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize("f", [cr.max, cr.min])
def test_equal_extremes_share_the_gradient(f: Any) -> None:
    equal = [[3.0, 3.0, 3.0, 3.0]]
    assert slopes(lambda x: f(x, axis=1), equal) == [[[0.25] * 4]]


def test_slopes_at_kinks() -> None:
    assert slopes(cr.abs, [-2.0, 0.0, 2.0]) == [[-1.0, 0.0, 1.0]]
    assert slopes(cr.relu, [-2.0, 0.0, 2.0]) == [[0.0, 0.0, 1.0]]
    assert slopes(cr.sign, [-2.0, 0.0, 2.0]) == [None]
    assert slopes(lambda x: cr.clip(x, 0.0, 1.0), [-0.5, 0.0, 0.5, 1.0, 1.5]) == [[0, 1, 1, 1, 0]]


def test_power_of_zero() -> None:
    assert slopes(cr.pow, [0.0, 0.0, 0.0], [2.0, 1.0, 0.0]) == [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    assert slopes(lambda x: x**2, [-3.0, 0.0]) == [[-6.0, 0.0]]


def test_the_mixed_second_derivative_of_power_at_exponent_zero() -> None:
    """d/dy of y * x ** (y - 1) at y = 0 is 1 / x."""
    x, y = cr.tensor(4.0, requires_grad=True), cr.tensor(0.0, requires_grad=True)
    (x**y).backward(create_graph=True)
    assert x.grad is not None
    y.grad = None
    x.grad.backward()
    assert y.grad is not None
    assert y.grad.item() == 0.25


def test_product_with_zeros() -> None:
    assert slopes(cr.prod, [2.0, 0.0, 3.0]) == [[0.0, 6.0, 0.0]]
    assert slopes(cr.prod, [2.0, 0.0, 0.0]) == [[0.0, 0.0, 0.0]]


def test_nothing_overflows() -> None:
    big = cr.tensor([-1e4, 1e4])
    assert cr.sigmoid(big).tolist() == [0.0, 1.0]
    assert cr.logaddexp(big, 0.0).tolist() == [0.0, 1e4]
    assert cr.logsumexp(cr.tensor([1e4, 1e4 - 1e3])).item() == 1e4
    assert slopes(cr.sigmoid, [-1e4, 1e4]) == [[0.0, 0.0]]
    assert slopes(cr.logsumexp, [1e4, 0.0]) == [[1.0, 0.0]]


def test_the_branch_not_taken_does_not_spoil_the_gradient() -> None:
    safe = lambda x: cr.where(x > 0, cr.log(cr.where(x > 0, x, 1.0)), 0.0)
    assert slopes(safe, [0.0, 2.0]) == [[0.0, 0.5]]


def test_nan_wins() -> None:
    nan = cr.tensor([float("nan"), 1.0])
    for f in (cr.maximum, cr.minimum):
        assert np.isnan(f(nan, 0.0).value).tolist() == [True, False]
    for g in (cr.max, cr.min, cr.sum):
        assert np.isnan(g(nan).value)
    assert np.isnan(cr.relu(nan).value[0])


def test_means_of_nothing_are_nan() -> None:
    assert np.isnan(cr.mean(np.zeros((2, 0)), axis=1).value).all()
    assert np.isnan(cr.var(cr.tensor([1.0]), correction=1).value)


def test_integers_are_exact() -> None:
    large = cr.tensor([2**62 + 1])
    assert (large // 3).item() == (2**62 + 1) // 3
    assert (large % 3).item() == (2**62 + 1) % 3
    assert cr.square(cr.tensor([-3])).tolist() == [9]
