"""Vector functions: errors in units in the last place over the whole range, and special values."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.compiler.codegen import elements

from chainrule.compiler.codegen.elementary import ELEMENTARY
from chainrule.compiler.codegen.elementary.accuracy import BOUNDS

Array = np.ndarray[Any, Any]
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "accuracy.md"
EXACT: dict[str, Callable[..., Any]] = {
    "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "tanh": np.tanh,
    "sinh": np.sinh, "cosh": np.cosh, "sin": np.sin, "cos": np.cos, "asin": np.arcsin,
    "acos": np.arccos, "atan": np.arctan, "asinh": np.arcsinh, "acosh": np.arccosh,
    "atanh": np.arctanh, "atan2": np.arctan2, "pow": np.power,
    "erf": np.vectorize(math.erf, otypes=[np.float64]),
}  # fmt: skip
TYPES = {"float32": np.float64, "float64": np.longdouble}
UNARY = [name for name in EXACT if name not in ("atan2", "pow")]
wider = pytest.mark.skipif(
    np.finfo(np.longdouble).nmant < 63, reason="long double is no wider than double"
)


def everywhere(dtype: str) -> Array:
    """Return bit patterns of all exponents, NaNs among them, and numbers around 0."""
    random = np.random.default_rng(0)
    if dtype == "float32":
        bits = np.arange(0, 1 << 32, 65521, dtype=np.uint64).astype(np.uint32)
    else:
        bits = random.integers(0, 1 << 64, 40000, dtype=np.uint64)
    near = [random.uniform(-width, width, 20000).astype(dtype) for width in (1, 10, 100, 720)]
    return np.concatenate([bits.view(dtype), *near])


def ulps(found: Array, exact: Array) -> Array:
    """Return errors in units in the last place; infinity where NaN or an infinity is wrong."""
    rounded = exact.astype(found.dtype)
    least = np.finfo(found.dtype).smallest_normal
    unit = np.spacing(np.maximum(np.abs(rounded), least)).astype(np.longdouble)
    error = np.abs(found.astype(np.longdouble) - exact.astype(np.longdouble)) / unit
    error[~np.isfinite(error)] = np.inf
    same = (found == rounded) | (np.isnan(found) & np.isnan(rounded))
    error[same & ~np.isfinite(rounded)] = 0.0
    return error


def worst(name: str, *arrays: Array) -> tuple[float, list[Any]]:
    """Return the largest error, and where it is."""
    dtype = arrays[0].dtype.name
    with np.errstate(all="ignore"):
        exact = EXACT[name](*[a.astype(TYPES[dtype]) for a in arrays])
        error = ulps(elements.evaluate(name, *arrays), np.asarray(exact))
    at = int(np.argmax(error))
    return float(error[at]), [a[at] for a in arrays]


def bound(name: str, dtype: str) -> float:
    return BOUNDS[name][dtype == "float64"]


def test_every_function_has_a_bound() -> None:
    assert set(BOUNDS) == set(ELEMENTARY) == set(EXACT)


@pytest.mark.parametrize("dtype", ["float32", pytest.param("float64", marks=wider)])
@pytest.mark.parametrize("name", UNARY)
def test_errors_are_within_the_bounds(name: str, dtype: str) -> None:
    error, at = worst(name, everywhere(dtype))
    assert error <= bound(name, dtype), at


@pytest.mark.parametrize("dtype", ["float32", pytest.param("float64", marks=wider)])
@pytest.mark.parametrize("name", ["atan2", "pow"])
def test_errors_of_functions_of_two_numbers(name: str, dtype: str) -> None:
    random, x = np.random.default_rng(1), everywhere(dtype)
    pairs = [(x, random.permutation(x)), (np.exp(random.uniform(-9, 9, 20000)).astype(dtype),
                                          random.uniform(-9, 9, 20000).astype(dtype))]  # fmt: skip
    for a, b in pairs:
        error, at = worst(name, a, b)
        assert error <= bound(name, dtype), at


@pytest.mark.parametrize("width", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("name", UNARY)
def test_every_width_gives_the_same_numbers(name: str, width: int) -> None:
    x = np.linspace(-3, 3, 97, dtype=np.float32)
    one, several = (elements.evaluate(name, x, width=w) for w in (8, width))
    assert one.tobytes() == several.tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", UNARY)
def test_special_values(name: str, dtype: str) -> None:
    info = np.finfo(dtype)
    x = np.array([0.0, 1.0, np.inf, np.nan, info.smallest_subnormal, info.max], dtype)
    x = np.concatenate([x, -x])
    with np.errstate(all="ignore"):
        exact = EXACT[name](x.astype(np.float64)).astype(dtype)
    found = elements.evaluate(name, x)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(exact))
    np.testing.assert_array_equal(np.isinf(found), np.isinf(exact))
    zero = found == 0
    np.testing.assert_array_equal(zero, exact == 0)
    np.testing.assert_array_equal(np.signbit(found[zero]), np.signbit(exact[zero]))
    np.testing.assert_allclose(found, exact, rtol=4 * info.eps, atol=info.smallest_subnormal)


@pytest.mark.parametrize("name", UNARY)
def test_nan_stays_nan_whatever_its_bits_are(name: str) -> None:
    bits = 0x7F800001 + 4099 * np.arange(1000, dtype=np.uint32)
    x = np.concatenate([bits, bits | 0x80000000]).view(np.float32)
    assert np.isnan(elements.evaluate(name, x)).all()


def test_the_page_states_the_bounds() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if "| `" in line]
    stated = {row[0].strip("`"): (float(row[2]), float(row[4])) for row in rows}
    assert stated == BOUNDS
    for _, single, most, double, most64 in rows:
        assert float(single) <= float(most)
        assert float(double) <= float(most64)
