"""Transforms as operations give the same bits as on arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.data import Compose, Flatten, Lambda, Normalize, RandomCrop, ToFloat
from chainrule.data.expression import express, is_expressible

RANDOM = np.random.default_rng(0)
EXPRESSIBLE = [
    ToFloat(), ToFloat(0.3), Normalize(0.1307, 0.3081), Normalize((0.1, 0.2, 0.3), (1, 2, 3)),
    Normalize(5.0, (1, 2, 3), scale=1), Flatten(), Compose([ToFloat(), Normalize(0.4, 0.2, 1)]),
    Compose([Normalize((0.5,), (0.25,)), Flatten()]), Compose([]),
]  # fmt: skip


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.float64])
@pytest.mark.parametrize("transform", EXPRESSIBLE, ids=repr)
def test_the_same_bits(transform: Any, dtype: Any) -> None:
    batch = (RANDOM.random((7, 3, 4, 5)) * 255).astype(dtype)
    expected = transform(batch, np.random.default_rng(0))
    assert is_expressible(transform)
    for found in (
        express(transform, cr.tensor(batch)),
        cr.compile(lambda x: express(transform, x))(batch),
    ):
        assert found.value.dtype == expected.dtype
        np.testing.assert_array_equal(found.value, expected)


class Doubled(Normalize):
    def __call__(self, batch: Any, rng: Any) -> Any:
        return 2 * super().__call__(batch, rng)


@pytest.mark.parametrize(
    "transform",
    [None, Lambda(lambda x, rng: x), RandomCrop(4), Doubled(0.0, 1.0), lambda x, rng: x,
     Compose([Flatten(), Lambda(lambda x, rng: x)])],
)  # fmt: skip
def test_all_else_is_not_expressible(transform: Any) -> None:
    assert not is_expressible(transform)
