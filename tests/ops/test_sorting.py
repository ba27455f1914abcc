"""Sorting and searching: NumPy's results, stable order, first hit, NaN, gradients of the values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chainrule as cr
from chainrule.errors import ArgumentError, ChainruleError, GraphError, ShapeError

RNG = np.random.default_rng


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool"])
def test_sort(dtype: str, axis: int) -> None:
    x = (RNG(0).standard_normal((6, 7)) * 2 + 4).astype(dtype)
    order = cr.argsort(x, axis=axis)
    assert order.dtype is cr.int64
    np.testing.assert_array_equal(order.numpy(), np.argsort(x, axis, kind="stable"))
    np.testing.assert_array_equal(cr.sort(x, axis=axis).numpy(), np.sort(x, axis))
    down = cr.sort(x, axis=axis, descending=True)
    np.testing.assert_array_equal(down.numpy(), np.flip(np.sort(x, axis), axis))


@given(st.lists(st.integers(0, 3), max_size=8))
def test_descending_order_is_stable(values: list[int]) -> None:
    expected = sorted(range(len(values)), key=lambda k: -values[k])
    x = cr.tensor(values, dtype="int64")
    assert cr.argsort(x, descending=True).tolist() == expected


def test_nan_counts_as_the_largest() -> None:
    x = [1.0, np.nan, 3.0]
    assert cr.argsort(x).tolist() == [0, 2, 1]
    assert cr.argsort(x, descending=True).tolist() == [1, 2, 0]


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("axis", [0, -1])
def test_top_k(axis: int, largest: bool) -> None:
    x = RNG(0).standard_normal((5, 6))
    values, places = cr.top_k(x, 3, axis=axis, largest=largest)
    ordered = np.sort(x, axis)
    ordered = np.flip(ordered, axis) if largest else ordered
    np.testing.assert_array_equal(values.numpy(), np.take(ordered, range(3), axis))
    np.testing.assert_array_equal(np.take_along_axis(x, places.numpy(), axis), values.numpy())


def test_top_k_takes_the_first_of_equals() -> None:
    assert cr.top_k([1, 2, 2, 2], 2)[1].tolist() == [1, 2]
    assert cr.top_k([2, 1, 1, 1], 2, largest=False)[1].tolist() == [1, 2]


def test_gradients_follow_the_values() -> None:
    x = RNG(0).permutation(12).reshape(3, 4) / 4
    cr.check_gradients(lambda x: cr.sort(x * x, axis=0, descending=True), [x])
    cr.check_gradients(lambda x: cr.top_k(x * x, 2)[0], [x])
    node = cr.tensor([3.0, 1.0, 2.0], requires_grad=True)
    (cr.sort(node) * cr.tensor([10.0, 20.0, 30.0])).sum().backward()
    assert node.grad is not None
    assert node.grad.tolist() == [30, 10, 20]


SHAPES = [(5,), (4, 7), (200, 100, 4), (9, 50, 100), (100, 9, 50), (3, 20000), (20000, 33)]


@pytest.mark.parametrize("dtype", ["float32", "int8", "bool"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_argmax_and_argmin_take_the_first_hit(shape: tuple[int, ...], dtype: str) -> None:
    x = RNG(0).integers(0, 4, shape).astype(dtype)
    for axis in (*range(len(shape)), None):
        for keepdims in (False, True):
            for ours, numpys in ((cr.argmax, np.argmax), (cr.argmin, np.argmin)):
                got = ours(x, axis=axis, keepdims=keepdims)
                assert got.dtype is cr.int64
                np.testing.assert_array_equal(got.numpy(), numpys(x, axis, keepdims=keepdims))


def test_argmax_of_a_view_and_of_nan() -> None:
    x = RNG(0).standard_normal((60, 9, 70)).astype(np.float32)
    x[RNG(1).random(x.shape) < 0.01] = np.nan
    view = np.broadcast_to(x[:, ::2, None], (60, 5, 3, 70))
    for got, array, axis in (
        (cr.argmax(x, axis=1), x, 1),
        (cr.argmax(view, axis=1), view, 1),
        (cr.argmax(x.transpose(0, 2, 1), axis=-1), x.transpose(0, 2, 1), -1),
    ):
        np.testing.assert_array_equal(got.numpy(), array.argmax(axis))
    np.testing.assert_array_equal(cr.argmin(x, axis=1).numpy(), x.argmin(1))


def test_methods() -> None:
    x = cr.tensor([[1.0, 5.0], [7.0, 7.0]])
    assert x.argmax().item() == 2
    assert x.argmin(axis=0, keepdims=True).tolist() == [[0, 0]]


@pytest.mark.parametrize("side", ["left", "right"])
def test_searchsorted(side: Any) -> None:
    ordered = np.sort(RNG(0).integers(0, 20, 15))
    values = RNG(1).integers(-2, 22, (4, 5))
    got = cr.searchsorted(ordered, values, side=side)
    np.testing.assert_array_equal(got.numpy(), np.searchsorted(ordered, values, side))


def test_unique_values() -> None:
    assert cr.unique_values([[3, 1], [3, 2]]).tolist() == [1, 2, 3]
    assert cr.unique_values([]).shape == (0,)
    assert cr.unique_values([np.nan, 1.0, np.nan]).shape == (3,)
    half = cr.unique_values(cr.tensor([2.0, 1.0, 2.0], dtype="bfloat16"))
    assert (half.dtype, half.tolist()) == (cr.bfloat16, [1.0, 2.0])


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: cr.sort([1, 2], axis=1), ShapeError, "an axis in [-1, 1)"),
        (lambda: cr.top_k([1, 2], 3), ShapeError, "0 <= k <= 2"),
        (lambda: cr.top_k([1, 2], -1), ShapeError, "k = -1"),
        (lambda: cr.argmax(np.zeros((2, 0)), axis=1), ShapeError, "at least one element"),
        (lambda: cr.argmin([]), ShapeError, "at least one element"),
        (lambda: cr.argmax([1], axis=2), ShapeError, "an axis in"),
        (lambda: cr.searchsorted([[1]], [1]), ShapeError, "one axis"),
        (lambda: cr.searchsorted([1], [1], side="middle"), ArgumentError, "'middle'"),
        (lambda: cr.unique_values(cr.input("x")), GraphError, "known values"),
    ],
)
def test_errors(call: Callable[[], Any], error: type[ChainruleError], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert text in str(caught.value)
