"""pow in vector form: how exact it is over the whole range, and C's special cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chainrule.compiler.codegen.target import Target

from .accuracy import TARGETS, ulps, wider
from .elements import Array, evaluate

BOUNDS = {"float32": 0.6, "float64": 1.5}  # units in the last place


def _cases(dtype: Any, name: str) -> tuple[Array, Array]:
    """Return bases and exponents whose powers cover all exponents of the type."""
    rng, size, limits = np.random.default_rng(3), 40_000, np.finfo(dtype)
    log2 = rng.uniform(limits.minexp - limits.nmant - 1, limits.maxexp, size)
    if name == "ordinary":
        return rng.uniform(0.01, 100, size).astype(dtype), rng.uniform(-9, 9, size).astype(dtype)
    if name == "near one":
        x = (1 + rng.choice([-0.25, 0.25], size) * rng.random(size)).astype(dtype)
    else:  # subnormal bases as well
        exponents = rng.integers(limits.minexp - 20, limits.maxexp, size)
        x = np.ldexp(rng.uniform(1, 2, size), exponents).astype(dtype)
    x = x[x != 1]
    return x, (log2[: x.size] / np.log2(x.astype(np.float64))).astype(dtype)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("name", ["ordinary", "near one", "all exponents"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_powers_are_exact_to_the_stated_bound(dtype: Any, name: str, target: Target) -> None:
    x, y = _cases(dtype, name)
    wide = wider(dtype)
    with np.errstate(all="ignore"):
        exact = np.power(x.astype(wide), y.astype(wide))
    assert ulps(evaluate("pow", x, y, target=target), exact) < BOUNDS[np.dtype(dtype).name]


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_powers_of_special_numbers_are_those_of_c(dtype: Any, target: Target) -> None:
    limits = np.finfo(dtype)
    positive = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 1e9 + 1, 2.0**53 - 1, np.inf, np.nan,
                limits.max, limits.tiny, limits.smallest_subnormal]  # fmt: skip
    numbers = np.array([*positive, *(-x for x in positive)]).astype(dtype)
    x, y = (a.ravel() for a in np.meshgrid(numbers, numbers))
    with np.errstate(all="ignore"):
        exact = np.power(x, y)
    found = evaluate("pow", x, y, target=target)
    np.testing.assert_array_max_ulp(found, exact, 1)
    known = ~np.isnan(exact)
    assert np.array_equal(np.signbit(found)[known], np.signbit(exact)[known])
