"""Creation, manipulation, reductions and sorting agree with NumPy as the standard asks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import chainrule as cr

SHAPES = hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4)
VALUES = st.floats(-100, 100, width=32)
ARRAYS = hnp.arrays(np.float64, SHAPES, elements=VALUES)
INTEGERS = hnp.arrays(np.int64, SHAPES, elements=st.integers(-5, 5))


def axes_of(x: np.ndarray) -> st.SearchStrategy[object]:
    single = st.integers(-x.ndim, x.ndim - 1)
    several = st.lists(st.integers(0, x.ndim - 1), unique=True, max_size=x.ndim).map(tuple)
    return st.one_of(st.none(), single, several)


def same(got: cr.Tensor, expected: object, rtol: float = 1e-12) -> None:
    wanted = np.asarray(expected)
    assert (got.shape, got.dtype.name) == (wanted.shape, wanted.dtype.name)
    np.testing.assert_allclose(got.value, wanted, rtol=rtol, atol=1e-9)


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "prod", "std", "var"])
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_statistics(name: str, data: st.DataObject) -> None:
    x = data.draw(ARRAYS)
    axis, keepdims = data.draw(axes_of(x)), data.draw(st.booleans())
    same(
        getattr(cr, name)(cr.asarray(x), axis=axis, keepdims=keepdims),
        getattr(np, name)(x, axis=axis, keepdims=keepdims),
        rtol=1e-9,
    )


@pytest.mark.parametrize("name", ["any", "all"])
@given(data=st.data())
def test_truth(name: str, data: st.DataObject) -> None:
    x = data.draw(INTEGERS)
    axis = data.draw(axes_of(x))
    same(getattr(cr, name)(cr.asarray(x), axis=axis), getattr(np, name)(x, axis=axis))


@pytest.mark.parametrize(
    ("dtype", "total"),
    [("int8", "int64"), ("uint8", "uint64"), ("bool", "int64"), ("float32", "float32")],
)
def test_sums_of_small_types_are_wide(dtype: str, total: str) -> None:
    assert cr.sum(cr.asarray(np.ones(300, dtype))).dtype.name == total
    assert cr.sum(cr.asarray(np.ones(300, dtype))).item() == 300


@given(data=st.data())
def test_searching_and_sorting(data: st.DataObject) -> None:
    x = data.draw(INTEGERS)
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    t = cr.asarray(x)
    for name in ("argmax", "argmin"):
        same(getattr(cr, name)(t, axis=axis), getattr(np, name)(x, axis=axis))
        same(getattr(cr, name)(t), getattr(np, name)(x))
    same(cr.sort(t, axis=axis), np.sort(x, axis=axis))
    same(cr.argsort(t, axis=axis), np.argsort(x, axis=axis, stable=True))
    same(cr.sort(t, axis=axis, descending=True), -np.sort(-x, axis=axis))
    same(cr.count_nonzero(t, axis=axis), np.count_nonzero(x, axis=axis))
    for got, expected in zip(cr.nonzero(t), np.nonzero(x), strict=True):
        same(got, expected)


@given(data=st.data())
def test_cumulative(data: st.DataObject) -> None:
    x = data.draw(ARRAYS)
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    same(cr.cumulative_sum(cr.asarray(x), axis=axis), np.cumulative_sum(x, axis=axis), rtol=1e-9)
    same(cr.cumulative_prod(cr.asarray(x), axis=axis), np.cumulative_prod(x, axis=axis), rtol=1e-9)


@given(data=st.data())
def test_manipulation(data: st.DataObject) -> None:
    x = data.draw(ARRAYS)
    t = cr.asarray(x)
    order = data.draw(st.permutations(range(x.ndim)))
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    shift = data.draw(st.integers(-5, 5))
    times = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=5))
    same(cr.permute_dims(t, tuple(order)), np.permute_dims(x, tuple(order)))
    same(cr.reshape(t, (-1,)), x.reshape(-1))
    same(cr.flip(t, axis=axis), np.flip(x, axis=axis))
    same(cr.roll(t, shift, axis=axis), np.roll(x, shift, axis=axis))
    same(cr.roll(t, shift), np.roll(x, shift))
    same(cr.expand_dims(t, axis=axis), np.expand_dims(x, axis=axis))
    same(cr.squeeze(cr.expand_dims(t, axis=axis), axis=axis), x)
    same(cr.tile(t, times), np.tile(x, times))
    same(cr.repeat(t, 2, axis=axis), np.repeat(x, 2, axis=axis))
    same(cr.moveaxis(t, axis, 0), np.moveaxis(x, axis, 0))
    same(cr.concat([t, t], axis=axis), np.concatenate([x, x], axis=axis))
    same(cr.stack([t, t], axis=axis), np.stack([x, x], axis=axis))
    for got, expected in zip(cr.unstack(t, axis=axis), np.unstack(x, axis=axis), strict=True):
        same(got, expected)


@given(shapes=hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3))
def test_broadcasting(shapes: hnp.BroadcastableShapes) -> None:
    xs = [np.ones(s) for s in shapes.input_shapes]
    for got, expected in zip(cr.broadcast_arrays(*xs), np.broadcast_arrays(*xs), strict=True):
        same(got, expected)
    same(cr.broadcast_to(xs[0], shapes.result_shape), np.broadcast_to(xs[0], shapes.result_shape))


@given(shapes=hnp.mutually_broadcastable_shapes(signature="(m?,n),(n,p?)->(m?,p?)", max_side=4))
def test_matmul(shapes: hnp.BroadcastableShapes) -> None:
    random = np.random.default_rng(0)
    a, b = (random.standard_normal(s) for s in shapes.input_shapes)
    same(cr.matmul(cr.asarray(a), cr.asarray(b)), np.matmul(a, b), rtol=1e-9)


@given(data=st.data())
def test_indexing(data: st.DataObject) -> None:
    x = data.draw(ARRAYS)
    t = cr.asarray(x)
    index = data.draw(hnp.basic_indices(x.shape, allow_newaxis=True))
    same(t[index], x[index])
    axis = data.draw(st.integers(0, x.ndim - 1))
    positions = data.draw(
        hnp.arrays(np.int64, st.integers(0, 5), elements=st.integers(0, x.shape[axis] - 1))
    )
    same(cr.take(t, cr.asarray(positions), axis=axis), np.take(x, positions, axis=axis))
    mask = data.draw(hnp.arrays(np.bool_, x.shape))
    same(t[cr.asarray(mask)], x[mask])


def test_creation() -> None:
    same(cr.zeros((2, 3), dtype="float64"), np.zeros((2, 3)))
    same(cr.ones((2,), dtype="int8"), np.ones(2, "int8"))
    same(cr.full((2, 2), 7), np.full((2, 2), 7))
    same(cr.arange(3), np.arange(3))
    same(cr.arange(1, 10, 3), np.arange(1, 10, 3))
    same(cr.arange(5, 0, -2), np.arange(5, 0, -2))
    same(cr.linspace(0.0, 1.0, 5, dtype="float64"), np.linspace(0, 1, 5))
    same(cr.linspace(0.0, 1.0, 5, dtype="float64", endpoint=False), np.linspace(0, 1, 5, False))
    same(cr.eye(3, 4, k=1, dtype="float64"), np.eye(3, 4, k=1))
    x = np.arange(12.0).reshape(3, 4)
    for k in (-2, 0, 1):
        same(cr.tril(cr.asarray(x), k=k), np.tril(x, k=k))
        same(cr.triu(cr.asarray(x), k=k), np.triu(x, k=k))
    for got, expected in zip(
        cr.meshgrid(cr.arange(2), cr.arange(3), indexing="ij"),
        np.meshgrid(np.arange(2), np.arange(3), indexing="ij"),
        strict=True,
    ):
        same(got, expected)
    assert cr.zeros((2,)).dtype is cr.float32
    assert cr.arange(3).dtype is cr.int64
    assert cr.arange(3.0).dtype is cr.float32
