"""Linear regression: the closed form, the descent, and that they agree."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.errors import ArgumentError, ShapeError
from chainrule.models import LinearRegression


def test_one_variable_by_hand() -> None:
    # x = 1, 2, 3 and y = 2, 2, 5: slope 1.5, intercept 0, residuals 0.5, -1, 0.5
    model = LinearRegression().fit([1.0, 2.0, 3.0], [2.0, 2.0, 5.0])
    assert model.slope == pytest.approx(1.5)
    assert model.intercept == pytest.approx(0.0, abs=1e-6)
    assert model.r2([1.0, 2.0, 3.0], [2.0, 2.0, 5.0]) == pytest.approx(1 - 1.5 / 6)


def test_many_variables_and_targets() -> None:
    random = np.random.default_rng(0)
    x, weight = random.standard_normal((100, 3)), random.standard_normal((2, 3))
    model = LinearRegression(3, 2).fit(x, x @ weight.T + [1.0, -2.0])
    np.testing.assert_allclose(model.linear.weight.value, weight, rtol=1e-5)
    np.testing.assert_allclose(model.linear.bias.value, [1.0, -2.0], rtol=1e-5)


def test_descent_finds_the_closed_form() -> None:
    random = np.random.default_rng(1)
    x = random.standard_normal((200, 2))
    y = x @ [1.0, -3.0] + 0.5 + 0.1 * random.standard_normal(200)
    exact, walked, stochastic = (LinearRegression(2) for _ in range(3))
    exact.fit(x, y)
    losses = walked.fit_sgd(x, y, lr=0.2, epochs=200)
    stochastic.fit_sgd(x, y, lr=0.02, epochs=60, batch_size=10)
    assert losses[-1] < losses[0]
    np.testing.assert_allclose(walked.linear.weight.value, exact.linear.weight.value, atol=1e-4)
    np.testing.assert_allclose(stochastic.linear.weight.value, exact.linear.weight.value, atol=0.05)


def test_dependent_columns_have_the_smallest_solution() -> None:
    x = np.repeat(np.arange(5.0)[:, None], 2, axis=1)
    model = LinearRegression(2).fit(x, 2 * np.arange(5.0))
    np.testing.assert_allclose(model.linear.weight.value, [[1.0, 1.0]], atol=1e-6)


def test_regularisation_shrinks() -> None:
    x, y = np.arange(5.0), 2 * np.arange(5.0)
    # centred: sum x y = 20, sum x^2 = 10, so the slope is 20 / (10 + 10)
    assert LinearRegression().fit(x, y, l2=10.0).slope == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("x", "y"), [(np.ones((3, 2)), np.ones(3)), (np.ones(3), np.ones(2)), ([], [])]
)
def test_wrong_shapes(x: object, y: object) -> None:
    with pytest.raises(ShapeError, match="fit: requires x"):
        LinearRegression().fit(x, y)


def test_negative_regularisation() -> None:
    with pytest.raises(ArgumentError, match="l2 >= 0"):
        LinearRegression().fit([1.0], [1.0], l2=-1.0)
