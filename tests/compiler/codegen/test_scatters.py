"""Scatters: sums where indices meet, vectors and units along parallel loops."""

from __future__ import annotations

import numpy as np
import pytest
from tests.compiler.codegen import native
from tests.compiler.codegen.agreement import check

from chainrule.compiler.codegen.generate import generate
from chainrule.compiler.ir import parse_program

TYPES = ["float32", "float64", "float16", "bfloat16", "int32", "int64", "uint8"]


def embedding(dtype: str, rows: int, length: int, index: str = "int64", more: str = "") -> str:
    """Return the gradient of an embedding: rows are added to a table of 8, their places read."""
    return f"""\
input x: {dtype}[{rows * length}]
input n: {index}[{rows}]
state s: {dtype}[{8 * length + 40}]
scatter i0<{length} | k0<{rows}
    s[i0; {length}*n[k0]] += x[{length}*k0 + i0{more}]
"""


@pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 15, 16, 17, 33, 64, 67])
@pytest.mark.parametrize("dtype", TYPES)
def test_rows_of_a_table(dtype: str, length: int) -> None:
    random = np.random.default_rng(1)
    x, s = random.integers(0, 4, 20 * length), np.ones(8 * length + 40)
    n = random.integers(0, 8, 20)
    memory = check(embedding(dtype, 20, length), x=x, n=n, s=s)
    if dtype in ("float32", "int64"):
        wanted = s.copy()
        np.add.at(wanted[: 8 * length].reshape(8, length), n, x.reshape(20, length))
        np.testing.assert_array_equal(memory["s"], wanted)


@pytest.mark.parametrize("index", ["int32", "int16", "uint8", "int64"])
def test_indices_of_every_type(index: str) -> None:
    check(embedding("float32", 20, 19, index), n=np.arange(20) * 5 % 8)


@pytest.mark.parametrize("index", ["int32", "int64"])
def test_steps_may_be_negative(index: str) -> None:
    check(f"""\
input x: float32[60]
input n: {index}[20]
state s: float32[70]
scatter i0<3 | k0<20
    s[20*i0 + 19; -2*n[k0], 1*mod(n[k0], 2:{index})] += x[20*i0 + k0]
""", n=np.arange(20) * 7 % 10)  # fmt: skip


def test_every_sum_is_rounded_to_what_memory_holds() -> None:
    """In bfloat16, 256 + 1 is 256: the order and the type of the sums are seen in the result."""
    text = "input x: bfloat16[9]\nstate s: bfloat16[4]\nscatter | k0<9\n    s[1; 2*0] += x[k0]\n"
    memory = check(text, x=[256.0, *[1.0] * 8], s=np.zeros(4))
    assert memory["s"][1] == np.float32(256).view(np.uint32) >> 16


@pytest.mark.parametrize(
    "line",
    {
        "indices that differ from lane to lane": "s[i0; 40*mod(n[i0 + k0], 9)] += x[i0 + 5*k0]",
        "results apart": "s[3*i0; 120*mod(n[k0], 3)] += x[i0 + 33*k0]",
        "guards": "s[i0; 40*mod(n[k0], 9)] += x[i0 + 33*k0 - 3 | 0 <= i0 - 3 < 25]",
        "uniform guards": "s[i0; 40*mod(n[k0], 9)] += x[i0 + 33*k0 - 66 | 0 <= k0 - 2 < 4]",
        "formulas": "s[i0; 40*mod(n[k0], 9)] += exp(neg(mul(x[i0 + 33*k0], x[k0])))",
        "positions": "s[i0; 40*mod(n[k0], 9)] += float32(index(i0 - k0))",
        "several indices": "s[i0; 40*mod(n[k0], 3), 120*mod(n[k0 + 9], 3)] += x[i0 + 33*k0]",
    }.items(),
    ids=lambda item: item[0],
)
def test_places_and_values(line: tuple[str, str]) -> None:
    check(f"""\
input x: float32[500]
input n: int64[60]
state s: float32[1400]
scatter i0<33 | k0<9
    {line[1]}
""", n=np.random.default_rng(3).integers(0, 1000, 60))  # fmt: skip


@pytest.mark.parametrize("loops", ["i0<0 | k0<9", "i0<3 | k0<0", "|", "i0<5 |", "| k0<7"])
def test_few_loops_or_none(loops: str) -> None:
    at, of = "3*i0" if "i0" in loops else "0", "k0" if "k0" in loops else "4"
    text = "input x: float64[9]\ninput n: int64[9]\nstate s: float64[20]\n"
    text += f"scatter {loops}\n    s[{at}; 1*n[{of}]] += x[{of}]\n"
    memory = check(text, n=np.arange(9) % 3, x=np.ones(9), s=np.zeros(20))
    turns = {"i0<0 | k0<9": 0, "i0<3 | k0<0": 0, "|": 1, "i0<5 |": 5, "| k0<7": 7}
    assert memory["s"].sum() == turns[loops]


@pytest.mark.parametrize(("outer", "length", "rows"), [(6, 67, 80), (1, 2050, 11), (500, 5, 9)])
def test_large_scatters_are_cut_into_units(outer: int, length: int, rows: int) -> None:
    """Units have parallel indices: what meets is added in order, in one of them."""
    text = f"""\
input x: float32[{outer * length * rows}]
input n: int32[{outer * rows}]
state s: float32[{outer * length * 4}]
scatter i0<{outer}, i1<{length} | k0<{rows}
    s[{4 * length}*i0 + i1; {length}*n[{rows}*i0 + k0]] += x[{rows * length}*i0 + i1 + {length}*k0]
"""
    (kernel,) = parse_program(text).kernels
    assert generate(kernel, native.HOST).units > 1
    random = np.random.default_rng(8)
    check(text, n=random.integers(0, 4, outer * rows))
