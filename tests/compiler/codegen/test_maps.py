"""Maps and fills: rows, remainders, guards, gathers and units, against the interpreter."""

from __future__ import annotations

import numpy as np
import pytest
from tests.compiler.codegen import native
from tests.compiler.codegen.agreement import check

from chainrule import dtypes
from chainrule.compiler.codegen.generate import generate
from chainrule.compiler.ir import parse_program

TYPES = [d for d in dtypes.ALL if d != "bool"]


def units(text: str) -> int:
    (kernel,) = parse_program(text).kernels
    return generate(kernel, native.HOST).units


@pytest.mark.parametrize("length", [0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 129])
@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "bfloat16"])
def test_rows_of_every_length(dtype: str, length: int) -> None:
    check(f"""\
input x: {dtype}[500]
output y: {dtype}[500]
map i0<3, i1<{length}
    y[140*i0 + i1 + 1] = add(x[{length}*i0 + i1], x[i0])
""")


@pytest.mark.parametrize("place", ["40*i1 + i0", "2*i1 + 80*i0", "40*i0 + 39 - i1"])
@pytest.mark.parametrize("dtype", TYPES)
def test_results_apart_and_backwards(dtype: str, place: str) -> None:
    check(f"""\
input x: {dtype}[3200]
output y: {dtype}[3200]
map i0<40, i1<37
    y[{place}] = mul(x[37*i0 + i1], x[3*i1 + 4])
""")


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("width", [7, 16, 67])
def test_guards_that_are_uniform_along_rows(dtype: str, width: int) -> None:
    """Where whole rows are outside, vectors come from zeros instead; nothing else is read."""
    memory = check(f"""\
input x: {dtype}[{14 * width}]
output y: {dtype}[{20 * width}]
map i0<20, i1<{width}
    y[{width}*i0 + i1] = add(x[{width}*i0 + i1 - {3 * width} | 0 <= i0 - 3 < 14], x[i1])
""")
    kind = dtypes.dtype(dtype)
    x, y = (dtypes.decode(memory[name], kind).reshape(-1, width) for name in "xy")
    np.testing.assert_array_equal(y[:3], np.broadcast_to(x[0], (3, width)))
    np.testing.assert_array_equal(y[17:], np.broadcast_to(x[0], (3, width)))


GUARDS = {
    "along rows": "x[40*i0 + i1 - 5 | 0 <= i1 - 5 < 30]",
    "both": "x[40*i0 + i1 - 45 | 0 <= i0 - 1 < 9, 0 <= i1 - 5 < 30]",
    "diagonal": "x[40*i0 + i1 | 0 <= i0 - i1 + 9 < 13]",
    "apart": "x[3*i1 + i0 - 4 | 0 <= i1 - 2 < 33]",
    "backwards": "x[40*i0 - i1 + 39 | 0 <= 30 - i1 < 29]",
    "one element": "x[7*i0 - 14 | 0 <= i0 - 2 < 5]",
    "every other": "x[i1 + 20*i0 | 0 <= 2*i1 - 9 < 41, 0 <= i0 - 1 < 100]",
    "never": "x[i1 | 0 <= i0 - 50 < 3]",
    "always none": "x[i1 | 0 <= i1 - 100 < 20]",
}


@pytest.mark.parametrize("read", GUARDS.values(), ids=GUARDS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int8", "bool"])
def test_guards(dtype: str, read: str) -> None:
    combined = f"or({read}, x[i1])" if dtype == "bool" else f"sub({read}, x[i1])"
    check(f"""\
input x: {dtype}[480]
output y: {dtype}[480]
output z: {dtype}[480]
map i0<12, i1<40
    y[40*i0 + i1] = {combined}
    z[12*i1 + i0] = {read}
""")


def test_conditions_and_positions() -> None:
    check("""\
input x: float32[700]
output y: int64[700]
output z: float32[700]
map i0<20, i1<35
    y[35*i0 + i1] = where(inside(0 <= i0 - i1 + 3 < 9), index(2*i0 - 3*i1), index(i0 + 4))
    z[35*i0 + i1] = where(inside(0 <= i0 - 7 < 5), x[35*i0 + i1], float32(index(i1)))
""")


@pytest.mark.parametrize("index", ["int32", "int64", "uint8"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "bool", "int8"])
def test_gathers(dtype: str, index: str) -> None:
    check(f"""\
input x: {dtype}[630]
input n: {index}[630]
output y: {dtype}[630]
map i0<9, i1<67
    y[67*i0 + i1] = x[i0; 67*mod(n[67*i0 + i1], 9:{index}), 1*mod(n[i0], 13:{index})]
""")


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
@pytest.mark.parametrize("loops", [(20011,), (3, 20011), (300, 67), (5, 2, 1009), (2003, 3, 5)],
                         ids=str)  # fmt: skip
def test_large_maps_are_cut_into_units(dtype: str, loops: tuple[int, ...]) -> None:
    """One row, long rows, and rows that are short or not neighbours in memory."""
    names = [f"i{k}" for k in range(len(loops))]
    steps = [int(np.prod(loops[k + 1 :])) + k for k in range(len(loops) - 1)] + [1]
    steps = [s * 2 if k == 0 and len(loops) > 1 else s for k, s in enumerate(steps)]
    place = " + ".join(f"{s}*{n}" for s, n in zip(steps, names, strict=True))
    size = sum(s * (n - 1) for s, n in zip(steps, loops, strict=True)) + 1
    text = f"""\
input x: {dtype}[{size}]
output y: {dtype}[{size}]
map {", ".join(f"{n}<{length}" for n, length in zip(names, loops, strict=True))}
    y[{place}] = add(x[{place}], x[{names[0]}])
"""
    assert units(text) > 1
    check(text)


def test_what_is_updated_in_place_is_read_before() -> None:
    """All values are computed before anything is stored: two arrays change places."""
    memory = check("""\
state s: float32[1000]
state t: float32[1000]
map i0<1000
    s[i0] = t[i0]
    t[i0] = s[i0]
""", s=np.arange(1000), t=-np.arange(1000))  # fmt: skip
    np.testing.assert_array_equal(memory["t"], np.arange(1000))


def test_maps_without_loops() -> None:
    memory = check("""\
input x: float32[3]
output y: float32[3]
output f: bool[1]
map
    y[2] = exp(x[1])
    f[0] = gt(x[0 | 0 <= 5 < 3], -1.0)
""", x=[7.0, 1.0, 2.0])  # fmt: skip
    np.testing.assert_allclose(memory["y"][2], np.e, rtol=1e-6)
    assert memory["f"][0]


@pytest.mark.parametrize("dtype", dtypes.ALL)
def test_fills(dtype: str) -> None:
    text = f"""\
state a: {dtype}[20000]
state b: {dtype}[900]
fill {"true" if dtype == "bool" else "3" if dtype[0] in "ui" else "-0.75"}
    i0<3, i1<3000: a[3001*i0 + i1]
    i0<9000: a[2*i0 + 1]
    i0<0, i1<9: b[i0 + i1]
    i0<17, i1<13: b[17*i1 + i0]
    b[899]
    i0<4, i1<25: b[30*i0 + i1 + 600]
"""
    assert units(text) > 2
    check(text)


@pytest.mark.parametrize("value", ["nan", "-inf", "-0.0", "1e-45", "3.4e+38", "0.1"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16"])
def test_fills_write_the_nearest_number(dtype: str, value: str) -> None:
    memory = check(f"state a: {dtype}[21]\nfill {value}\n    i0<21: a[i0]")
    kind = dtypes.dtype(dtype)
    wanted = dtypes.encode(np.full(21, float(value), kind.compute), kind)
    found = memory["a"]
    assert found.tobytes() == wanted.tobytes() or value == "nan"
    assert np.isnan(dtypes.decode(found, kind)).all() == (value == "nan")
