"""Functions of elements on vectors of every processor: exactly NumPy's results, of every type."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.compiler.codegen import elements

from chainrule import dtypes
from chainrule.compiler.codegen.elementary import ELEMENTARY
from chainrule.compiler.codegen.target import Target
from chainrule.compiler.ir.functions import FUNCTIONS
from chainrule.dtypes import DType

Array = np.ndarray[Any, Any]
TARGETS = {"host": elements.HOST, "AVX2": elements.AVX2, "SSE2": elements.SSE2}
EXACT = [name for name in FUNCTIONS if name not in ELEMENTARY and name != "where"]
KNOWN = [d for d in dtypes.ALL.values() if d.storage == d.compute]
CASES = [(name, d) for name in EXACT for d in KNOWN if d.kind in FUNCTIONS[name].kinds]


def numbers(dtype: DType) -> Array:
    """Return numbers of all sizes, and those at which functions change."""
    random = np.random.default_rng(7)
    if dtype is dtypes.bool:
        return np.array([False, True])
    if not dtype.is_floating:
        info = np.iinfo(dtype.storage)
        ends = [info.min, info.min + 1, info.max - 1, info.max, 0, 1, 2, 3, 7, 10, 31, 63]
        few = ends + ([-1, -2, -7] if dtype.kind == "int" else [])
        any_size = random.integers(info.min, info.max, 20, dtype.storage, endpoint=True)
        return np.unique(np.concatenate([np.array(few, dtype.storage), any_size]))
    info = np.finfo(dtype.storage)
    halves = np.arange(-9, 10) / 2
    edges = [np.inf, np.nan, info.max, info.smallest_normal, info.smallest_subnormal, 1 / 3, 1e-3,
             2.0**23, 2.0**23 - 0.5, 2.0**22 + 0.5, 2.0**52 - 0.5, 2.0**53, 1e19, 7.25]  # fmt: skip
    values = np.concatenate([halves, [-0.0], edges, np.negative(edges)])
    return np.concatenate([values, random.standard_normal(20) * 100]).astype(dtype.storage)


def arguments(name: str, dtype: DType) -> list[Array]:
    """Return all pairs of numbers, or all numbers."""
    x = numbers(dtype)
    if FUNCTIONS[name].arity == 1:
        return [x]
    grid = np.meshgrid(x, x)
    return [np.ascontiguousarray(g.ravel()) for g in grid]


def assert_same(found: Array, wanted: Array, arrays: list[Array]) -> None:
    """Demand equal numbers, equal signs of zeros, and NaN where NaN is."""
    same = (found == wanted) | ((found != found) & (wanted != wanted))
    if wanted.dtype.kind == "f":
        same &= (np.signbit(found) == np.signbit(wanted)) | (wanted != 0)
    wrong = np.flatnonzero(~same)
    shown = [(*[a[k] for a in arrays], found[k], wanted[k]) for k in wrong[:5]]
    assert not wrong.size, f"{wrong.size} of {found.size} differ: {shown}"


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize(("name", "dtype"), CASES, ids=lambda case: str(case))
def test_functions(name: str, dtype: DType, target: Target) -> None:
    arrays = arguments(name, dtype)
    with np.errstate(all="ignore"):
        wanted = np.asarray(FUNCTIONS[name].compute(*arrays))
    found = elements.evaluate(name, *arrays, target=target)
    assert_same(found, wanted.astype(found.dtype), arrays)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("dtype", KNOWN, ids=str)
def test_where(dtype: DType, target: Target) -> None:
    x = numbers(dtype)
    chosen = np.arange(x.size) % 3 == 1
    found = elements.evaluate("where", chosen, x, x[::-1].copy(), target=target)
    assert found.tobytes() == np.where(chosen, x, x[::-1]).tobytes()


def in_range(x: Array, to: DType) -> Array:
    """Return the numbers whose conversion NumPy defines, on every processor alike."""
    if x.dtype.kind != "f" or to.is_floating or to is dtypes.bool:
        return x
    info = np.iinfo(to.storage)
    with np.errstate(invalid="ignore"):
        return x[(np.trunc(x) >= info.min) & (np.trunc(x) < float(info.max))]


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("to", dtypes.ALL.values(), ids=str)
@pytest.mark.parametrize("source", KNOWN, ids=str)
def test_casts(source: DType, to: DType, target: Target) -> None:
    x = in_range(numbers(source), to)
    with np.errstate(all="ignore"):
        wanted = dtypes.encode(x.astype(to.compute), to)
    found = elements.evaluate("cast", x, result=to, target=target)
    assert_same(*[dtypes.decode(a, to) for a in (found, wanted)], [x])


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("dtype", [dtypes.float16, dtypes.bfloat16], ids=str)
def test_16_bit_floats_are_read_and_written_exactly(dtype: DType, target: Target) -> None:
    stored = np.arange(1 << 16, dtype=np.uint16).view(dtype.storage)
    values = dtypes.decode(stored, dtype)
    more = {"sources": (dtype,), "target": target}
    read = elements.evaluate("cast", stored, result=dtypes.float32, **more)
    assert_same(read, values, [stored])
    written = dtypes.decode(elements.evaluate("neg", stored, result=dtype, **more), dtype)
    assert_same(written, -values, [stored])
