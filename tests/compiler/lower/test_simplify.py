"""Formulas that are simpler than they are written: constants, and powers of known exponent."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from tests.compiler.codegen.elements import Array, Compiled, kernel

import chainrule as cr
from chainrule import dtypes, functional
from chainrule.compiler.ir.expr import Buffer, Place, const, read
from chainrule.compiler.ir.printer import print_program
from chainrule.compiler.lower.elements import Element, function

from .running import lowering

X = read(Buffer("x", dtypes.float32, 4), Place(0, (1,)))
YES = read(Buffer("yes", dtypes.bool, 4), Place(0, (1,)))
WHOLE = read(Buffer("whole", dtypes.int32, 4), Place(0, (1,)))
QUARTERS = [q / 4 for q in range(-10, 17)]


def number(value: Any, dtype: dtypes.DType = dtypes.float32) -> Element:
    return Element(const(value, dtype))


@cache
def _raise(exponent: float, dtype: dtypes.DType) -> Compiled:
    formula = kernel(lambda x: function("pow", Element(x), exponent).expr, (dtype,), 8)
    return Compiled(*formula)


def power(x: Array, exponent: float) -> Array:
    """Return x ** exponent, compiled with that exponent; the size is a multiple of 8."""
    result = np.empty_like(x)
    _raise(exponent, dtypes.of_array(x)).into(result, x)
    return result


def test_functions_of_constants_are_constants() -> None:
    assert function("sub", number(-0.75), number(1.0)).expr is const(-1.75, dtypes.float32)
    assert function("eq", number(-0.75), number(0.0)).expr is const(False, dtypes.bool)
    inner = const(float(np.float32(0.1) * np.float32(3.0)), dtypes.float32)
    assert function("mul", number(0.1), 3.0).expr is inner
    assert function("pow", number(2, dtypes.int32), -1).expr.kind == "pow"  # NumPy refuses


def test_conditions_that_are_constant_vanish() -> None:
    x, yes = Element(X), Element(YES)
    no = function("eq", number(-0.75), number(0.0))
    assert (yes & no).expr is const(False, dtypes.bool)
    assert (no | yes).expr is YES
    assert (yes & ~no).expr is YES
    assert (yes | ~no).expr is const(True, dtypes.bool)
    assert function("where", no, 1.0, x).expr is X
    assert function("where", ~no, x, 1.0).expr is X


def test_bits_of_integers_are_not_conditions() -> None:
    whole = Element(WHOLE)
    assert function("and", whole, 1).expr.kind == "and"
    assert function("or", whole, 0).expr.kind == "or"


def test_powers_that_need_no_logarithm() -> None:
    x = Element(X)
    assert function("pow", x, 1.0).expr is X
    assert function("pow", x, 0.0).expr is const(1.0, dtypes.float32)
    assert function("pow", x, 2.0).expr is (x * x).expr
    assert function("pow", x, -1.0).expr is (1.0 / x).expr
    assert function("pow", x, 2.3).expr.kind == "pow"
    assert function("pow", x, float("nan")).expr.kind == "pow"


@pytest.mark.parametrize("exponent", QUARTERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_powers_of_known_exponent_are_exact_to_the_stated_bound(
    dtype: Any, exponent: float
) -> None:
    rng, limits = np.random.default_rng(5), np.finfo(dtype)
    exponents = rng.integers(limits.minexp - 8, limits.maxexp, 20_000)
    x = np.ldexp(rng.uniform(1, 2, 20_000), exponents).astype(dtype)
    wider = np.float64 if dtype is np.float32 else np.longdouble
    wide = np.power(x.astype(wider), wider(exponent))
    with np.errstate(over="ignore"):
        exact = wide.astype(dtype)
    found = power(x, exponent)
    ok = np.isfinite(exact) & np.isfinite(found)
    edge = exact[ok != np.isfinite(exact)]  # rounded up to infinity
    assert np.all(edge > limits.max * (1 - 8 * limits.eps))
    error = np.abs(found[ok].astype(wider) - wide[ok]) / np.spacing(exact[ok])
    assert np.max(error) < (1.01 if exponent in (-1, 0, 0.5, 1, 2) else 4)


@pytest.mark.parametrize("exponent", QUARTERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_powers_of_known_exponent_keep_cs_special_cases(dtype: Any, exponent: float) -> None:
    x = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, -2.0], dtype)
    with np.errstate(all="ignore"):
        exact = np.power(x, np.full_like(x, exponent))
    found = power(x, exponent)
    np.testing.assert_allclose(found, exact, rtol=1e-6)
    known = ~np.isnan(exact)
    assert np.array_equal(np.signbit(found)[known], np.signbit(exact)[known])


def test_the_gradient_of_local_response_normalisation_takes_roots() -> None:
    def gradient(x: Any) -> Any:
        return cr.grad(lambda x: functional.local_response_norm(x, size=3).sum())(x)

    lowered = lowering(gradient, np.ones((1, 4, 2, 2), np.float32))
    text = print_program(lowered.program)
    assert "sqrt" in text
    assert "pow" not in text
