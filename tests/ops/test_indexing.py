"""Indexing: x[...] as NumPy does it, and gathers and their adjoints, differentiable throughout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import (
    ArgumentError,
    BoundsError,
    ChainruleError,
    DTypeError,
    GraphError,
    ShapeError,
)
from chainrule.ops.scatter_kernel import add_flat, add_rows

RNG = np.random.default_rng
INDICES: list[Any] = [
    1,
    -1,
    slice(None, None, -1),
    (slice(2, 0, -1), 0, slice(None, None, 2)),
    (..., 1),
    (0, ..., None, -1),
    None,
    ...,
    (),
    slice(5, 9),
    [2, 0, 2],
    [],
    np.array([[0, -1], [1, 1]]),
    (slice(None), [0, 2]),
    ([0, 1], [2, 0]),
    ([[0], [2]], [1, 2]),
    (0, slice(None), [1, 3]),  # an integer counts as an array: the result's axis comes first
    ([0, 1], slice(None), [2, 3]),
    ([0, 1], ..., [2, 3]),
    (slice(None), 1, [0, 3]),
    (slice(None), [0, 2], 1),
    (None, [1, 2], None, 0),
    (np.int32(1), np.array(2)),
    RNG(1).random((3, 3, 4)) < 0.5,
    RNG(2).random((3, 3)) < 0.5,
    (slice(None), RNG(3).random(3) < 0.5),
    (RNG(4).random(3) < 0.5, 1, [2]),
    (slice(None, None, 2), RNG(5).random((3, 4)) < 0.5),
    np.zeros((3, 3, 4), bool),
    True,
    (False, slice(None)),
]


def sample() -> np.ndarray[Any, Any]:
    return RNG(0).standard_normal((3, 3, 4))


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_getitem_is_numpys(index: Any) -> None:
    x = sample()
    got = cr.tensor(x)[index]
    assert got.shape == x[index].shape
    np.testing.assert_array_equal(got.numpy(), x[index])


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_gradient_of_getitem_adds_up_where_it_was_read(index: Any) -> None:
    x = cr.tensor(sample(), requires_grad=True)
    y = x[index]
    g = RNG(9).standard_normal(y.shape)
    y.backward(g)
    expected = np.zeros(x.shape)
    np.add.at(expected, index, g)
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_getitem_on_random_indices(seed: int) -> None:
    rng = RNG(seed)
    for _ in range(100):
        shape = tuple(rng.integers(1, 5, rng.integers(0, 5)))
        x, index = rng.standard_normal(shape), random_index(rng, shape)
        try:
            expected = x[index]
        except IndexError:
            with pytest.raises(ChainruleError):
                cr.tensor(x)[index]
        else:
            got = cr.tensor(x)[index].numpy()
            assert got.shape == np.shape(expected), index
            np.testing.assert_array_equal(got, expected)


def random_index(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[Any, ...]:
    broadcast = tuple(rng.integers(1, 4, rng.integers(0, 3)))
    entries: list[Any] = []
    for length in shape[: rng.integers(0, len(shape) + 1)]:
        kind = rng.choice(["int", "slice", "array", "mask", "none", "dots"])
        if kind == "int":
            entries.append(int(rng.integers(-length - 1, length + 1)))
        elif kind == "slice":
            ends = [None if rng.random() < 0.3 else int(n) for n in rng.integers(-6, 7, 2)]
            entries.append(slice(*ends, int(rng.choice([-3, -2, -1, 1, 2]))))
        elif kind == "array":
            part = [n if rng.random() < 0.7 else 1 for n in broadcast]
            entries.append(rng.integers(-length, length, part))
        elif kind == "mask":
            entries.append(rng.random(length) < 0.5)
        elif kind == "none" or Ellipsis in [e for e in entries if not isinstance(e, np.ndarray)]:
            entries.append(None)
        else:
            entries.append(Ellipsis)
    return tuple(entries)


def test_second_derivatives_of_indexing() -> None:
    x = sample()
    places = np.array([[0, 2], [2, 2]])
    cr.check_gradients(lambda x: (x * x)[1:, ::-1, places], [x])
    cr.check_gradients(lambda x: (x * x)[places, [0, 1]], [x])
    cr.check_gradients(lambda x: (x * x)[x.value > 0], [x], eps=1e-6, rtol=1e-4)


def test_tensors_as_indices() -> None:
    x = sample()
    i = cr.tensor([2, 0], dtype="int32")
    np.testing.assert_array_equal(cr.tensor(x)[i, :, cr.tensor(1)].numpy(), x[[2, 0], :, 1])
    np.testing.assert_array_equal(cr.tensor(x)[cr.tensor(x) > 0].numpy(), x[x > 0])
    np.testing.assert_array_equal(cr.tensor(x)[: cr.tensor(2)].numpy(), x[:2])


def test_symbolic_indices() -> None:
    x, i = cr.input("x", shape=(3, 4)), cr.input("i", dtype="int64")
    graph = cr.ComputationalGraph(x[cr.arange(3), i].sum())
    values = RNG(0).standard_normal((3, 4)).astype(np.float32)
    assert graph.forward(x=values, i=[1, 0, -1]) == pytest.approx(
        values[[0, 1, 2], [1, 0, 3]].sum()
    )
    np.testing.assert_array_equal(graph.backward()["x"], np.eye(4)[[1, 0, 3]])


def test_take_on_unknown_shapes() -> None:
    x, i = cr.input("x"), cr.input("i", dtype="int64")
    graph = cr.ComputationalGraph(cr.take(x, i, axis=-1).sum())
    graph.forward(x=np.ones((2, 3)), i=[0, 0, 2])
    assert graph.backward()["x"].tolist() == [[2, 0, 1], [2, 0, 1]]


def test_a_tensor_can_be_iterated() -> None:
    assert [row.tolist() for row in cr.tensor([[1, 2], [3, 4]])] == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("index", "error", "text"),
    [
        (3, BoundsError, "-3 <= index < 3; received index 3 for axis 0 of length 3"),
        ((0, -4), BoundsError, "index -4 for axis 1 of length 3"),
        ([0, 5], BoundsError, "the axis has length 3; received index 5"),
        (([0, 1], [0, 4]), BoundsError, "received index 4"),
        ((0, 0, 0, 0), ShapeError, "at most 3 indices; received 4"),
        ((..., 0, ...), ArgumentError, "at most one ellipsis"),
        (1.0, DTypeError, "indices that are integers; received float32"),
        ("a", DTypeError, "numbers"),
        (slice(None, None, 0), ArgumentError, "a step other than 0"),
        (slice(0.5, None), ArgumentError, "slices of integers"),
        (np.ones((3, 2), bool), ShapeError, "mask of shape (3, 3)"),
        (([0, 1], [0, 1, 2]), ShapeError, "broadcast"),
    ],
    ids=str,
)
def test_errors_of_getitem(index: Any, error: type[ChainruleError], text: str) -> None:
    with pytest.raises(error) as caught:
        cr.tensor(sample())[index]
    assert text in str(caught.value)


def test_a_mask_must_be_known() -> None:
    x = cr.input("x", shape=(3,))
    with pytest.raises(GraphError, match=r"known values.*chainrule\.where"):
        x[x > 0]
    with pytest.raises(GraphError, match="nonzero"):
        cr.nonzero(x)


def test_nonzero_and_boolean_mask() -> None:
    x = np.array([[0, 7, 0], [8, 0, 9]])
    for got, expected in zip(cr.nonzero(x), np.nonzero(x), strict=True):
        assert got.dtype is cr.int64
        np.testing.assert_array_equal(got.numpy(), expected)
    assert cr.boolean_mask(x, [False, True]).tolist() == [[8, 0, 9]]
    assert cr.boolean_mask(x, [True, False, True], axis=-1).tolist() == [[0, 0], [8, 9]]
    with pytest.raises(ArgumentError, match="a bool mask"):
        cr.boolean_mask(x, [0, 1])
    with pytest.raises(ShapeError, match="at least one axis"):
        cr.nonzero(3)


# --- take, scatter_add and their relatives ---------------------------------------------------


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
@pytest.mark.parametrize("shape", [(), (0,), (4,), (2, 3)])
def test_take_and_scatter_add(shape: tuple[int, ...], axis: int) -> None:
    rng = RNG(0)
    x = rng.standard_normal((3, 4, 5))
    i = rng.integers(-3, 3, shape)
    np.testing.assert_array_equal(cr.take(x, i, axis=axis).numpy(), np.take(x, i, axis))
    updates = rng.standard_normal(np.take(x, i, axis).shape)
    expected = x.copy()
    np.add.at(expected, (slice(None),) * (axis % 3) + (i,), updates)
    got = cr.scatter_add(x, i, updates, axis=axis).numpy()
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)
    cr.check_gradients(lambda x, u: cr.scatter_add(x * x, i, u * u, axis=axis), [x, updates])


def test_take_of_one_axis_needs_none() -> None:
    assert cr.take([1, 2, 3], [2, -3]).tolist() == [3, 1]
    with pytest.raises(ShapeError, match=r"axis=\.\.\."):
        cr.take([[1, 2]], [0])


def test_take_of_a_broadcast_view() -> None:
    x = cr.broadcast_to(cr.tensor([1.0, 2.0]), (1000, 2))
    assert cr.take(x, [5, 7], axis=0).tolist() == [[1, 2], [1, 2]]


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_take_along_axis_and_add_along_axis(axis: int) -> None:
    rng = RNG(1)
    x = rng.standard_normal((3, 4, 2))
    shape = list(x.shape)
    shape[axis] = 5
    i = rng.integers(-2, 2, shape)
    expected = np.take_along_axis(x, i, axis)
    np.testing.assert_array_equal(cr.take_along_axis(x, i, axis=axis).numpy(), expected)
    grid = list(np.indices(shape))
    grid[axis] = i
    total = x.copy()
    np.add.at(total, tuple(grid), expected)
    got = cr.add_along_axis(x, i, expected, axis=axis).numpy()
    np.testing.assert_allclose(got, total, rtol=1e-12)
    cr.check_gradients(lambda x: cr.take_along_axis(x * x, i, axis=axis), [x])
    cr.check_gradients(lambda x, u: cr.add_along_axis(x * x, i, u * u, axis=axis), [x, expected])


def test_take_along_axis_broadcasts_the_other_axes() -> None:
    x = RNG(0).standard_normal((3, 4))
    i = np.array([[2, 0]])
    got = cr.take_along_axis(x, i, axis=1)
    np.testing.assert_array_equal(got.numpy(), np.take_along_axis(x, i, 1))


def test_updates_broadcast() -> None:
    assert cr.scatter_add(cr.zeros(3), [0, 2, 2], 1).tolist() == [1, 0, 2]
    assert cr.add_along_axis(cr.zeros((2, 2)), [[1], [0]], 1).tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: cr.take([1, 2], [2]), BoundsError, "-2 <= index < 2"),
        (lambda: cr.take(np.zeros((0, 2)), [0], axis=0), BoundsError, "length 0"),
        (lambda: cr.take([1, 2], [0], axis=1), ShapeError, "an axis in [-1, 1)"),
        (lambda: cr.scatter_add([1, 2], [-3], 1), BoundsError, "received index -3"),
        (lambda: cr.scatter_add([1, 2], [0], [1, 2]), ShapeError, "broadcast"),
        (lambda: cr.take_along_axis([[1, 2]], [0]), ShapeError, "indices of x's shape"),
        (lambda: cr.take_along_axis([[1, 2]], [[2]]), BoundsError, "received index 2"),
        (lambda: cr.take_along_axis([[1, 2], [3, 4]], [[0]] * 3), ShapeError, "broadcast"),
        (lambda: cr.add_along_axis([[1, 2]], [[2]], 1), BoundsError, "received index 2"),
        (lambda: cr.add_along_axis([[1, 2]], [[0], [0]], 1), ShapeError, "except along axis 1"),
        (lambda: cr.take([1, 2], [0.5]), DTypeError, "indices that are integers"),
    ],
)
def test_errors(call: Callable[[], Any], error: type[ChainruleError], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert text in str(caught.value)
    assert isinstance(caught.value, IndexError) == (error is BoundsError)


# --- the kernels: every way to add up gives the same -----------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
@pytest.mark.parametrize("columns", [1, 3, 40])
@pytest.mark.parametrize(
    ("length", "count", "skew"),
    [(50, 300, False), (50, 300, True), (5000, 30, False), (7, 0, False), (1, 20, False)],
)
def test_add_rows(length: int, count: int, skew: bool, columns: int, dtype: str) -> None:
    rng = RNG(length + count)
    rows = rng.integers(0, length, count)
    if skew:
        rows[rng.random(count) < 0.7] = 3
    updates = (rng.standard_normal((count, columns)) * 10).astype(dtype)
    expected = np.zeros((length, columns), dtype)
    np.add.at(expected, rows, updates)
    got = add_rows(updates, rows, length)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("dtype", ["float32", "int32"])
@pytest.mark.parametrize("size", [10, 100000])
def test_add_flat(size: int, dtype: str) -> None:
    rng = RNG(size)
    places, updates = rng.integers(0, size, 100), rng.integers(-5, 5, 100).astype(dtype)
    expected = np.zeros(size, dtype)
    np.add.at(expected, places, updates)
    np.testing.assert_array_equal(add_flat(updates, places, size), expected)
