"""Reductions: every reducer along kept and along reduced loops, against the interpreter."""

from __future__ import annotations

import numpy as np
import pytest
from tests.compiler.codegen import native
from tests.compiler.codegen.agreement import check

from chainrule.compiler.codegen.generate import generate
from chainrule.compiler.ir import parse_program

NUMERIC = ("sum", "prod", "max", "min", "argmax", "argmin")
REDUCERS = [(name, dtype) for dtype in ("float32", "float64", "bfloat16", "int32", "uint8", "int64")
            for name in NUMERIC] + [("any", "bool"), ("all", "bool")]  # fmt: skip
LAYOUTS = {  # of 7 kept and 41 reduced elements
    "rows": ("41*i0 + k0", "i0"),
    "columns": ("i0 + 7*k0", "i0"),
    "rows, results apart": ("41*i0 + k0", "3*i0"),
    "columns, results apart": ("i0 + 7*k0", "3*i0"),
    "apart": ("82*i0 + 2*k0", "i0"),
    "backwards": ("41*i0 + 40 - k0", "6 - i0"),
}


def reduction(reducer: str, dtype: str, place: str, to: str, loops: str = "i0<7 | k0<41") -> str:
    kind = "int64" if reducer.startswith("arg") else dtype
    return f"""\
input x: {dtype}[600]
output y: {kind}[600]
reduce {loops}
    acc0 = {reducer}(x[{place}])
    y[{to}] = acc0
"""


def tame(reducer: str, dtype: str) -> np.ndarray:
    """Return numbers whose products and sums are exact, with ties."""
    random = np.random.default_rng(5)
    if reducer == "prod":
        return random.choice([1, 1, 1, 1, 2], 600)
    if dtype == "bfloat16":
        return random.integers(-3, 4, 600)
    return random.random(600) < (0.05 if reducer == "any" else 0.95) if dtype == "bool" else (
        random.integers(0, 9, 600)
    )  # fmt: skip


@pytest.mark.parametrize(("place", "to"), LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize(("reducer", "dtype"), REDUCERS)
def test_reducers_in_every_layout(reducer: str, dtype: str, place: str, to: str) -> None:
    check(reduction(reducer, dtype, place, to), x=tame(reducer, dtype))


@pytest.mark.parametrize("length", [1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 63, 64, 65, 100, 127, 130])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int16"])
def test_remainders_of_reduced_loops(dtype: str, length: int) -> None:
    loops = f"i0<3 | k0<{length}"
    for reducer in ("sum", "max", "argmin"):
        text = reduction(reducer, dtype, f"{length}*i0 + k0", "i0", loops)
        check(text, x=np.arange(600) * 37 % 41 - 20)


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 8, 15, 16, 17, 33, 63, 64, 65, 100, 130])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int16"])
def test_remainders_of_kept_loops(dtype: str, length: int) -> None:
    for reducer in ("sum", "max", "argmax"):
        text = reduction(reducer, dtype, f"i0 + {length}*k0", "i0", f"i0<{length} | k0<4")
        check(text, x=np.arange(600) * 37 % 41 - 20)


@pytest.mark.parametrize("layout", ["41*i0 + k0", "i0 + 7*k0"])
@pytest.mark.parametrize("reducer", ["max", "min", "argmax", "argmin"])
def test_the_first_nan_is_the_extreme(reducer: str, layout: str) -> None:
    x = np.arange(600, dtype=np.float32)
    x[[41 * 2 + 5, 41 * 2 + 38, 40, 250, 3, 41 * 5]] = np.nan
    memory = check(reduction(reducer, "float32", layout, "i0"), x=x)
    columns = x[:287].reshape(7, 41) if layout.startswith("41") else x[:287].reshape(41, 7).T
    wanted = getattr(np, reducer)(columns, axis=1)
    assert np.isnan(wanted).any() or reducer.startswith("arg")
    np.testing.assert_array_equal(memory["y"][:7], wanted)


@pytest.mark.parametrize("extreme", [np.inf, -np.inf])
@pytest.mark.parametrize("reducer", ["max", "min", "argmax", "argmin"])
def test_rows_of_infinities_have_a_first_one(reducer: str, extreme: float) -> None:
    memory = check(reduction(reducer, "float64", "41*i0 + k0", "i0"), x=np.full(600, extreme))
    assert (memory["y"][:7] == (0 if reducer.startswith("arg") else extreme)).all()


@pytest.mark.parametrize(("reducer", "dtype"), REDUCERS)
def test_reducing_nothing_gives_the_identity(reducer: str, dtype: str) -> None:
    for loops in ("i0<7 | k0<0", "i0<40 | k0<3, k1<0", "| k0<0"):
        place = "k0" if loops.startswith("|") else "i0"
        check(reduction(reducer, dtype, place, place.replace("k0", "0"), loops))


@pytest.mark.parametrize("loops", ["i0<0 | k0<5", "i0<3, i1<0 | k0<5", "i0<9 |", "|"])
def test_no_results_and_no_reduced_loops(loops: str) -> None:
    place = "i0" if "i0" in loops else "0"
    check(reduction("sum", "float32", place, place, loops))
    check(reduction("argmax", "float32", place, place, loops))


@pytest.mark.parametrize("axes", ["i0<5, i1<6 | k0<4, k1<3", "i0<2, i1<17 | k0<2, k1<5"])
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 2, 1, 3), (2, 0, 3, 1), (3, 2, 1, 0)], ids=str)
@pytest.mark.parametrize("reducer", ["sum", "argmax"])
def test_several_loops_in_every_order(reducer: str, order: tuple[int, ...], axes: str) -> None:
    """Positions count the reduced loops row by row, in whatever order memory has them."""
    names = ["i0", "i1", "k0", "k1"]
    lengths = [int(part.split("<")[1].strip(" |")) for part in axes.replace("|", ",").split(",")]
    terms, step = [], 1
    for axis in reversed(order):
        terms.append(f"{step}*{names[axis]}")
        step *= lengths[axis]
    text = reduction(reducer, "float32", " + ".join(terms), f"{lengths[1]}*i0 + i1", axes)
    check(text, x=np.random.default_rng(2).integers(0, 7, 600))


@pytest.mark.parametrize("place", ["41*i0 + k0", "i0 + 12*k0"])
def test_several_terms_and_stores(place: str) -> None:
    """Statistics of rows: terms of several types at once, results that use them all."""
    check(f"""\
input x: float32[600]
input w: float64[600]
output mean: float32[12]
output square: float64[12]
output best: int64[12]
output state: bool[12]
reduce i0<12 | k0<41
    a = x[{place}]
    acc0 = sum(a)
    acc1 = sum(mul(float64(a), w[{place}]))
    acc2 = argmax(a)
    acc3 = max(a)
    acc4 = any(gt(a, 3.8))
    mean[i0] = mul(acc0, 0.0243902)
    square[i0] = add(acc1, float64(x[i0]))
    best[i0] = add(acc2, index(i0))
    state[i0] = and(acc4, lt(acc0, acc3))
""")


WINDOWS = {
    "max": "max(x[20*i0 + i1 + 20*k0 + k1 - 21 | 0 <= i0 + k0 - 1 < 9, 0 <= i1 + k1 - 1 < 20])",
    "sum": "sum(x[40*i0 + 2*i1 + 20*k0 + k1 - 21 | 0 <= 2*i0 + k0 - 1 < 9,"
           " 0 <= 2*i1 + k1 - 1 < 20])",
    "where": "max(where(inside(0 <= i1 + k1 - 1 < 20), x[20*i0 + i1 + k1 + 20*k0], -inf))",
}  # fmt: skip


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
@pytest.mark.parametrize("columns", [8, 20])
def test_windows_with_borders(window: str, columns: int) -> None:
    check(f"""\
input x: float32[900]
output y: float32[180]
reduce i0<9, i1<{columns} | k0<3, k1<3
    acc0 = {window}
    y[20*i0 + i1] = acc0
""")


def test_gathers_are_reduced() -> None:
    check("""\
input x: float32[600]
input n: int64[600]
output y: float32[600]
reduce i0<9 | k0<45
    acc0 = sum(x[k0; 45*mod(n[45*i0 + k0], 13)])
    y[i0] = acc0
""")


@pytest.mark.parametrize(
    ("kept", "reduced", "place"),
    [(1, 30000, "k0"), (70, 900, "900*i0 + k0"), (900, 70, "i0 + 900*k0"), (40000, 2, "2*i0 + k0")],
)
def test_large_reductions_are_cut_into_units(kept: int, reduced: int, place: str) -> None:
    """Units are of results: each is reduced in the same order in whatever unit it is."""
    loops = f"i0<{kept} | k0<{reduced}" if kept > 1 else f"| k0<{reduced}"
    text = f"""\
input x: float32[{kept * reduced}]
output y: float32[{kept}]
reduce {loops}
    acc0 = sum(mul(x[{place}], 0.1))
    y[{"i0" if kept > 1 else "0"}] = acc0
"""
    (kernel,) = parse_program(text).kernels
    units = generate(kernel, native.HOST).units
    assert units > 1 if kept > 1 else units == 1
    assert units <= 600
    check(text)
