"""Elementwise kernels that read across memory: whole squares, what is left of them, all types."""

from __future__ import annotations

import pytest
from tests.compiler.codegen import native
from tests.compiler.codegen.agreement import check

from chainrule import dtypes
from chainrule.compiler.codegen.generate import generate
from chainrule.compiler.ir import parse_program

TYPES = [d for d in dtypes.ALL if d != "bool"]


def transposition(rows: int, columns: int, dtype: str = "float32", value: str = "") -> str:
    read = f"x[{rows}*i1 + i0 + 3]"
    return f"""\
input x: {dtype}[{rows * columns + 8}]
output y: {dtype}[{rows * columns + 8}]
map i0<{rows}, i1<{columns}
    y[{columns}*i0 + i1 + 5] = {value.format(read) if value else read}
"""


@pytest.mark.parametrize("rows", [16, 32, 127, 131, 200])
@pytest.mark.parametrize("columns", [16, 128, 129, 143, 300])
def test_every_remainder(rows: int, columns: int) -> None:
    check(transposition(rows, columns))


@pytest.mark.parametrize("dtype", TYPES)
def test_every_type(dtype: str) -> None:
    check(transposition(150, 140, dtype))
    check(transposition(150, 140, dtype, "add({0}, {0})"))


def test_several_reads_both_ways_and_gathered_ones() -> None:
    check("""\
input x: float32[40000]
input b: float32[400]
output y: float32[20000]
output z: float32[20000]
map i0<130, i1<140
    a = mul(x[130*i1 + i0], x[140*i0 + i1])
    y[140*i0 + i1] = add(a, x[131*i1 + 2*i0])
    z[140*i0 + i1] = sub(add(b[i0], x[260*i1 + i0 + 7]), b[2*i1])
""")


def test_more_loops_around_and_between() -> None:
    check("""\
input x: float32[40000]
output y: float32[40000]
map i0<3, i1<40, i2<5, i3<33
    y[13000*i0 + 165*i1 + 33*i2 + i3] = x[13000*i0 + 200*i3 + i1 + 40*i2]
""")


def test_reads_with_guards_stay_as_they_are() -> None:
    check("""\
input x: float32[40000]
output y: float32[40000]
map i0<150, i1<150
    y[150*i0 + i1] = add(x[150*i1 + i0 - 150 | 0 <= i1 - 1 < 140], x[150*i1 + i0])
""")


def test_rows_are_shared_among_threads() -> None:
    (kernel,) = parse_program(transposition(512, 512)).kernels
    assert generate(kernel, native.HOST).units >= 8
