"""Sine and cosine in vector form: how exact they are for small, reduced and huge angles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chainrule.compiler.codegen.target import Target

from .accuracy import TARGETS, ulps, wider
from .elements import Array, evaluate

FUNCTIONS = {"sin": np.sin, "cos": np.cos}
SIZE = 40_000
LARGEST = {np.float32: 2.0**17, np.float64: 2.0**30}  # that is reduced in vector form


def _angles(dtype: Any, name: str) -> Array:
    rng = np.random.default_rng(4)
    signs = rng.choice([-1.0, 1.0], SIZE)
    if name == "of one turn":
        angles = rng.uniform(0, 7, SIZE)
    elif name == "tiny":
        angles = np.ldexp(rng.uniform(1, 2, SIZE), rng.integers(np.finfo(dtype).minexp, 0, SIZE))
    elif name == "reduced":
        angles = rng.uniform(0, LARGEST[dtype], SIZE)
    else:  # from where the library computes, and next to it
        exponents = rng.integers(np.log2(LARGEST[dtype]) - 1, np.finfo(dtype).maxexp, SIZE)
        angles = np.ldexp(rng.uniform(1, 2, SIZE), exponents)
    return (signs * angles).astype(dtype)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("angles", ["of one turn", "tiny", "reduced", "huge"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_sine_and_cosine_are_exact_to_the_stated_bound(
    name: str, dtype: Any, angles: str, target: Target
) -> None:
    x = _angles(dtype, angles)
    exact = FUNCTIONS[name](x.astype(wider(dtype)))
    assert ulps(evaluate(name, x, target=target), exact) < 1.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_digits_that_cancel_are_not_lost(name: str, dtype: Any) -> None:
    """Multiples of pi/2, rounded: what remains is a few digits beyond the angle's."""
    turns = np.arange(1, 80_000)
    x = (turns * (np.pi / 2)).astype(dtype)
    exact = FUNCTIONS[name](x.astype(wider(dtype)))
    assert ulps(evaluate(name, x), exact) < 1.0


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_special_angles(dtype: Any, target: Target) -> None:
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, np.finfo(dtype).smallest_subnormal], dtype)
    sine, cosine = evaluate("sin", x, target=target), evaluate("cos", x, target=target)
    assert np.array_equal(sine, [*x[:2], np.nan, np.nan, np.nan, x[5]], equal_nan=True)
    assert list(np.signbit(sine[:2])) == [False, True]
    assert np.array_equal(cosine, [1, 1, np.nan, np.nan, np.nan, 1], equal_nan=True)
