"""Elements a few apart, backwards, and results that take turns in memory."""

from __future__ import annotations

import pytest
from tests.compiler.codegen.agreement import check

from chainrule import dtypes

TYPES = [d for d in dtypes.ALL if d != "bool"]
LENGTHS = [1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("step", [-1, 2, 3, 4, 5])
def test_reads_that_lie_apart(step: int, length: int) -> None:
    size = 5 * length * abs(step) + 9
    start = size - 3 - (4 * length * abs(step)) if step < 0 else 2
    moves = f"- {-step}" if step < 0 else f"+ {step}"
    check(f"""\
input x: float32[{size}]
output y: float32[{5 * length}]
map i0<5, i1<{length}
    y[{length}*i0 + i1] = neg(x[{length * abs(step)}*i0 {moves}*i1 + {start}])
""")


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("step", [-1, 2, 4])
def test_every_type(dtype: str, step: int) -> None:
    moves = f"- {-step}" if step < 0 else f"+ {step}"
    check(f"""\
input x: {dtype}[900]
output y: {dtype}[200]
map i0<4, i1<37
    y[40*i0 + i1] = add(x[200*i0 {moves}*i1 + 60], x[i1])
""")


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "bfloat16"])
def test_results_that_take_turns(dtype: str, count: int, length: int) -> None:
    stores = "\n".join(
        f"    y[{count * length}*i0 + {count}*i1 + {k + 1}] = mul(x[{length}*i0 + i1], x[{k}])"
        for k in range(count)
    )
    check(f"""\
input x: {dtype}[{5 * length + 4}]
output y: {dtype}[{5 * count * length + 2}]
map i0<5, i1<{length}
{stores}
""")


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("short", [2, 3, 4])
def test_short_rows(short: int, length: int) -> None:
    check(f"""\
input x: float32[{3 * length}]
input b: float32[{short}]
output y: float32[{3 * length * short}]
map i0<3, i1<{length}, i2<{short}
    y[{length * short}*i0 + {short}*i1 + i2] = add(x[{length}*i0 + i1], b[i2])
""")


def test_a_kernel_that_reads_what_it_writes_does_each_element_once() -> None:
    check("""\
state x: float32[190]
map i0<10, i1<19
    x[19*i0 + i1] = mul(x[19*i0 + i1], 3.0)
""")
