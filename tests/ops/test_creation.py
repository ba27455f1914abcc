"""Creation: what NumPy makes, in chainrule's default types, and clear errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chainrule as cr
from chainrule.errors import (
    ArgumentError,
    BoundsError,
    ChainruleError,
    DTypeError,
    MemoryLimitError,
    ShapeError,
)


@pytest.mark.parametrize(("make", "value"), [(cr.zeros, 0), (cr.ones, 1), (cr.empty, 0)])
@pytest.mark.parametrize("shape", [(), 3, (2, 3), (0, 2), [2, 1]])
def test_filled(make: Callable[..., cr.Tensor], value: float, shape: Any) -> None:
    made = make(shape)
    assert made.dtype is cr.float32
    np.testing.assert_array_equal(made.numpy(), np.full(shape, value, np.float32))


@pytest.mark.parametrize("kind", ["bool", "uint8", "int64", "float16", "bfloat16", "float64"])
def test_every_type(kind: str) -> None:
    assert str(cr.ones(2, dtype=kind).dtype) == kind
    assert cr.ones(2, dtype=kind).tolist() == [1, 1]
    assert cr.full(2, 1, dtype=kind).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("value", "kind"),
    [(1, cr.int64), (1.5, cr.float32), (True, cr.bool), (np.float64(2), cr.float64)],
)
def test_full_takes_the_type_of_its_value(value: Any, kind: cr.DType) -> None:
    assert cr.full((2,), value).dtype is kind


def test_like_takes_shape_and_type() -> None:
    x = cr.tensor([[1, 2]], dtype="int32")
    for made, value in ((cr.zeros_like(x), 0), (cr.ones_like(x), 1), (cr.full_like(x, 7), 7)):
        assert made.dtype is cr.int32
        assert made.tolist() == [[value, value]]
    assert cr.empty_like(x).tolist() == [[0, 0]]
    assert cr.zeros_like(x, dtype="float64").dtype is cr.float64


def test_like_works_on_a_symbolic_tensor_of_known_shape() -> None:
    assert cr.ones_like(cr.input("x", shape=(2, 3))).shape == (2, 3)
    with pytest.raises(ShapeError, match="known shape"):
        cr.ones_like(cr.input("x"))


@given(st.integers(-20, 20), st.integers(-20, 20), st.integers(-5, 5).filter(bool))
def test_arange_of_integers(start: int, stop: int, step: int) -> None:
    made = cr.arange(start, stop, step)
    assert made.dtype is cr.int64
    np.testing.assert_array_equal(made.numpy(), np.arange(start, stop, step))


@given(st.floats(-5, 5), st.floats(-5, 5), st.sampled_from([0.25, -0.5, 1.5]))
def test_arange_of_floats(start: float, stop: float, step: float) -> None:
    made = cr.arange(start, stop, step)
    expected = np.arange(start, stop, step)
    assert made.shape == expected.shape
    np.testing.assert_allclose(made.numpy(), expected, rtol=1e-6, atol=1e-6)


def test_arange_of_one_number() -> None:
    assert cr.arange(4).tolist() == [0, 1, 2, 3]
    assert cr.arange(-1).shape == (0,)
    assert cr.arange(3, dtype="float32").dtype is cr.float32


@pytest.mark.parametrize("endpoint", [True, False])
@pytest.mark.parametrize("num", [0, 1, 2, 7])
def test_linspace(num: int, endpoint: bool) -> None:
    made = cr.linspace(-1, 2, num, endpoint=endpoint, dtype="float64")
    np.testing.assert_allclose(made.numpy(), np.linspace(-1, 2, num, endpoint=endpoint))


@pytest.mark.parametrize("k", [-3, -1, 0, 1, 4])
@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (4, 2), (2, 3, 3), (0, 2)])
def test_matrices(shape: tuple[int, ...], k: int) -> None:
    x = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    np.testing.assert_array_equal(cr.tril(x, k=k).numpy(), np.tril(x, k))
    np.testing.assert_array_equal(cr.triu(x, k=k).numpy(), np.triu(x, k))
    np.testing.assert_array_equal(cr.eye(*shape[-2:], k=k).numpy(), np.eye(*shape[-2:], k))


def test_triangles_are_differentiable() -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    cr.check_gradients(lambda x: cr.tril(x * x, k=-1), [x])
    cr.check_gradients(lambda x: cr.triu(x * x), [x])


@pytest.mark.parametrize("indexing", ["xy", "ij"])
@pytest.mark.parametrize("lengths", [(3,), (2, 3), (2, 3, 4), ()])
def test_meshgrid(lengths: tuple[int, ...], indexing: Any) -> None:
    axes = [np.arange(n) for n in lengths]
    expected = np.meshgrid(*axes, indexing=indexing)
    made = cr.meshgrid(*axes, indexing=indexing)
    assert len(made) == len(expected)
    for a, b in zip(made, expected, strict=True):
        np.testing.assert_array_equal(a.numpy(), b)


def test_asarray() -> None:
    x = cr.tensor([1.0, 2.0])
    assert cr.asarray(x) is x
    assert cr.asarray(x, dtype="float64").dtype is cr.float64
    assert cr.asarray(x, copy=True) is not x
    array = np.zeros(2, np.float32)
    shared, own = cr.asarray(array), cr.asarray(array, copy=True)
    array[0] = 5
    assert (shared.tolist(), own.tolist()) == ([5, 0], [0, 0])


def test_one_hot() -> None:
    made = cr.one_hot([[0, 2], [1, 1]], 3, dtype="float64")
    assert made.dtype is cr.float64
    np.testing.assert_array_equal(made.numpy(), np.eye(3)[[[0, 2], [1, 1]]])
    assert cr.one_hot([], 3).shape == (0, 3)


def test_one_hot_of_a_symbolic_tensor() -> None:
    labels = cr.input("labels", dtype="int64")
    graph = cr.ComputationalGraph(cr.one_hot(labels, 3))
    assert graph.forward(labels=[2, 0]).tolist() == [[0, 0, 1], [1, 0, 0]]


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: cr.zeros((2, -1)), ShapeError, "integers >= 0; received (2, -1)"),
        (lambda: cr.zeros((2.0,)), ShapeError, "integers >= 0"),
        (lambda: cr.ones((1 << 40, 1 << 20)), MemoryLimitError, "bytes of memory"),
        (lambda: cr.full(2, [1, 2]), ShapeError, "one value"),
        (lambda: cr.arange(0, 1, 0), ArgumentError, "a step other than 0"),
        (lambda: cr.arange(0, float("inf")), ArgumentError, "finite numbers"),
        (lambda: cr.linspace(0, 1, -1), ShapeError, ">= 0"),
        (lambda: cr.tril([1.0]), ShapeError, "2 axes or more"),
        (lambda: cr.meshgrid([[1]]), ArgumentError, "axes of one dimension"),
        (lambda: cr.meshgrid([1], indexing="ji"), ArgumentError, "indexing 'ji'"),
        (lambda: cr.one_hot([0, 3], 3), BoundsError, "indices in [0, 3); received index 3"),
        (lambda: cr.one_hot([-1], 3), BoundsError, "received index -1"),
        (lambda: cr.one_hot([0.5], 3), DTypeError, "indices that are integers"),
        (lambda: cr.zeros(2, dtype="complex64"), DTypeError, "no complex"),
    ],
)
def test_errors(make: Callable[[], Any], error: type[ChainruleError], text: str) -> None:
    with pytest.raises(error) as caught:
        make()
    assert text in str(caught.value)
