"""log, log1p and erf in vector form: how exact they are over their whole range."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from chainrule.compiler.codegen.target import Target

from .accuracy import TARGETS, ulps, wider
from .elements import evaluate

SIZE = 40_000
FUNCTIONS = {"log": np.log, "log1p": np.log1p}


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_logarithms_are_exact_to_the_stated_bound(name: str, dtype: Any, target: Target) -> None:
    rng, limits = np.random.default_rng(7), np.finfo(dtype)
    exponents = rng.integers(limits.minexp - limits.nmant, limits.maxexp, SIZE)
    near = rng.uniform(-0.9, 1, SIZE) * np.exp2(rng.uniform(-30.0, 0.0, SIZE))
    every = np.ldexp(rng.uniform(1, 2, SIZE), exponents)
    x = np.concatenate([every, near + (name == "log")]).astype(dtype)
    exact = FUNCTIONS[name](x.astype(wider(dtype)))
    assert ulps(evaluate(name, x, target=target), exact) < (1 if name == "log" else 2.5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_logarithms_at_their_ends(name: str, dtype: Any) -> None:
    x = np.array([0.0, -0.0, 1.0, -1.0, -2.0, np.inf, -np.inf, np.nan], dtype)
    with np.errstate(all="ignore"):
        exact = FUNCTIONS[name](x)
    np.testing.assert_array_max_ulp(evaluate(name, x), exact, 1)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_error_function_is_exact_to_the_stated_bound(dtype: Any, target: Target) -> None:
    x = np.random.default_rng(8).uniform(-7, 7, SIZE)
    x = np.concatenate([x, x * 1e-3, x * 1e-9, [np.inf, -np.inf]]).astype(dtype)
    exact = np.array([math.erf(v) for v in x.tolist()])
    assert ulps(evaluate("erf", x, target=target), exact) < 2  # C's own error is one of it
    assert np.isnan(evaluate("erf", np.array([np.nan], dtype), target=target)[0])
