"""asin, acos and atan in vector form: how exact they are, and what they are at their ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chainrule.compiler.codegen.target import Target

from .accuracy import TARGETS, ulps, wider
from .elements import evaluate

FUNCTIONS = {"asin": np.arcsin, "acos": np.arccos, "atan": np.arctan}
BOUNDS = {"asin": 2.5, "acos": 1.5, "atan": 2.0}
SIZE = 60_000


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_angles_are_exact_to_the_stated_bound(name: str, dtype: Any, target: Target) -> None:
    rng = np.random.default_rng(6)
    even = rng.uniform(-1, 1, SIZE)
    tiny = even * np.exp2(rng.integers(np.finfo(dtype).minexp, 0, SIZE))
    near_one = np.sign(even) - even * np.exp2(rng.uniform(-20.0, -1.0, SIZE))
    numbers = [even, tiny, near_one]
    if name == "atan":
        numbers += [4 * even, even * np.exp2(rng.integers(0, np.finfo(dtype).maxexp, SIZE))]
    x = np.concatenate(numbers).astype(dtype)
    exact = FUNCTIONS[name](x.astype(wider(dtype)))
    assert ulps(evaluate(name, x, target=target), exact) < BOUNDS[name]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_ends_and_what_has_no_angle(name: str, dtype: Any) -> None:
    x = np.array([0.0, -0.0, 1.0, -1.0, 1.5, -2.0, np.inf, -np.inf, np.nan], dtype)
    with np.errstate(invalid="ignore"):
        exact = FUNCTIONS[name](x)
    found = evaluate(name, x)
    np.testing.assert_array_max_ulp(found, exact, 1)
    assert np.array_equal(np.signbit(found[:4]), np.signbit(exact[:4]))
