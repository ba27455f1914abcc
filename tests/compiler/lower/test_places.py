"""Rows that are looked up, parts that are put together: each element comes from where it should."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.compiler.lower.running import assert_equal, kinds

import chainrule as cr
from chainrule import functional as F

RANDOM = np.random.default_rng(0)


def floats(*shape: int) -> np.ndarray[Any, Any]:
    return RANDOM.integers(-8, 9, shape) / 8


INDICES = {
    "none": np.zeros((0,), np.int64),
    "repeated": np.array([[1, 1, 4], [0, 1, 4]]),
    "all": np.arange(5)[::-1].copy(),
}


@pytest.mark.parametrize("name", INDICES)
def test_embeddings_and_the_gradients_of_their_tables(name: str) -> None:
    """The gradient of a row is the sum over all places that looked it up."""
    index, table = INDICES[name], floats(5, 3)
    assert_equal(lambda t, i: F.embedding(i, t), table, index)

    def loss(t: Any, i: Any) -> Any:
        rows = F.embedding(i, t)
        return (rows * rows).sum()

    low = assert_equal(lambda t, i: cr.grad(lambda t: loss(t, i))(t), table, index)
    assert ("scatter" in kinds(low.program)) == bool(index.size)


def joined(axis: int) -> Any:
    def f(x: Any, y: Any) -> Any:
        return cr.concat([x * 2.0, y, x], axis=axis)

    return f


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_parts_are_put_one_after_the_other(axis: int) -> None:
    shape = [2, 3, 4]
    shape[axis] = 5
    x, y = floats(2, 3, 4), floats(*shape)
    assert_equal(joined(axis), x, y)

    def loss(x: Any, y: Any) -> Any:
        z = joined(axis)(x, y)
        return (z * z).sum()

    assert_equal(cr.grad(loss, (0, 1)), x, y)


@pytest.mark.parametrize("images", [3, 32])
def test_branches_are_joined_along_channels(images: int) -> None:
    """Results of convolutions, in either layout, and an input that lies row by row."""

    def f(x: Any, w: Any, v: Any) -> Any:
        first = F.relu(F.conv2d(x, w, padding=1))
        return F.conv2d(cr.concat([first, x, F.max_pool2d(x, 3, stride=1, padding=1)], axis=1), v)

    arrays = floats(images, 3, 5, 4), floats(4, 3, 3, 3), floats(6, 10, 2, 2)
    assert_equal(f, *arrays)
    assert_equal(cr.grad(lambda *a: (f(*a) ** 2).sum(), (0, 1, 2)), *arrays)
