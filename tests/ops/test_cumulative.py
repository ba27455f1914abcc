"""Running totals: NumPy's results, and derivatives of second order, with zeros too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError, ChainruleError, ShapeError

RNG = np.random.default_rng
PAIRS: list[tuple[Callable[..., cr.Tensor], Callable[..., Any]]] = [
    (cr.cumulative_sum, np.cumsum),
    (cr.cumulative_prod, np.cumprod),
    (cr.cumulative_max, np.maximum.accumulate),
    (cr.cumulative_min, np.minimum.accumulate),
]


@pytest.mark.parametrize(("ours", "numpys"), PAIRS)
@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("shape", [(3, 4), (1, 1), (0, 2), (2, 0), (2, 3, 4)], ids=str)
def test_is_numpys(
    shape: tuple[int, ...], axis: int, ours: Callable[..., Any], numpys: Callable[..., Any]
) -> None:
    x = RNG(0).standard_normal(shape)
    np.testing.assert_allclose(ours(x, axis=axis).numpy(), numpys(x, axis=axis), rtol=1e-14)
    cr.check_gradients(lambda x: ours(x * x, axis=axis), [x])


@pytest.mark.parametrize("zeros", [[0], [1], [3], [1, 2], [0, 3], [0, 1, 2, 3]])
def test_product_with_zeros(zeros: list[int]) -> None:
    x = np.array([1.5, -0.5, 2.0, 0.7])
    x[zeros] = 0
    cr.check_gradients(cr.cumulative_prod, [x], order=3)
    cr.check_gradients(cr.prod, [x])


def test_types_are_those_of_sums() -> None:
    for kind, expected in (("bool", "int64"), ("int8", "int64"), ("uint8", "uint64")):
        x = cr.tensor([1, 1, 1], dtype=kind)
        assert str(cr.cumulative_sum(x).dtype) == expected
        assert cr.cumulative_sum(x).tolist() == [1, 2, 3]
    assert cr.cumulative_sum([1, 2], dtype="int8").dtype is cr.int8
    assert cr.cumulative_prod([1.5, 2.0], dtype="float64").tolist() == [1.5, 3.0]
    assert cr.cumulative_max(cr.tensor([1, 2], dtype="int8")).dtype is cr.int8


def test_include_initial() -> None:
    assert cr.cumulative_sum([1, 2], include_initial=True).tolist() == [0, 1, 3]
    assert cr.cumulative_prod([[2], [3]], axis=1, include_initial=True).tolist() == [[1, 2], [1, 3]]


def test_extremes_with_ties_and_nan() -> None:
    x = cr.tensor([2.0, 2.0, 1.0], requires_grad=True)
    cr.cumulative_max(x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [3, 0, 0]
    for ours in (cr.cumulative_max, cr.cumulative_min):
        np.testing.assert_array_equal(ours([1.0, np.nan, 5.0]).numpy(), [1, np.nan, np.nan])


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("axis", [0, -1])
def test_linear_recurrence(axis: int, reverse: bool) -> None:
    a, b = RNG(0).standard_normal((2, 4, 3))
    got = np.moveaxis(cr.linear_recurrence(a, b, axis=axis, reverse=reverse).numpy(), axis, 0)
    weights, steps = np.moveaxis(a, axis, 0), np.moveaxis(b, axis, 0)
    y = np.zeros_like(steps[0])
    order = range(len(steps))
    for t in reversed(order) if reverse else order:
        y = weights[t] * y + steps[t]
        np.testing.assert_allclose(got[t], y, rtol=1e-12)
    cr.check_gradients(
        lambda a, b: cr.linear_recurrence(a, b, axis=axis, reverse=reverse), [a, b], order=3
    )


@pytest.mark.parametrize("n", [0, 1, 2, 5])
@pytest.mark.parametrize("axis", [0, -1])
def test_diff(axis: int, n: int) -> None:
    x = RNG(0).standard_normal((3, 4))
    np.testing.assert_allclose(cr.diff(x, axis=axis, n=n).numpy(), np.diff(x, n, axis))


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: cr.cumulative_sum([[1]]), ShapeError, "axis=..."),
        (lambda: cr.cumulative_prod(1.0), ShapeError, "axis=..."),
        (lambda: cr.cumulative_max([1], axis=1), ShapeError, "an axis in [-1, 1)"),
        (lambda: cr.linear_recurrence([1.0], [1.0, 2.0]), ShapeError, "two equal shapes"),
        (lambda: cr.diff([1], n=-1), ArgumentError, "n >= 0"),
    ],
)
def test_errors(call: Callable[[], Any], error: type[ChainruleError], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert text in str(caught.value)
