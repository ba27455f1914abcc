"""Weights that are packed as vectors: panels of several of them, the last one of fewer."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.compiler.codegen import native
from tests.compiler.codegen.agreement import check
from tests.compiler.codegen.contractions import contract, operands, result, sums

from chainrule import dtypes
from chainrule.compiler.codegen.contraction.schedule import choose_plan
from chainrule.compiler.codegen.contraction.tiling import choose_tile
from chainrule.compiler.codegen.generate import generate
from chainrule.compiler.codegen.target import Target
from chainrule.compiler.ir import Contract
from chainrule.compiler.ir.expr import make, read

LANES = native.HOST.lanes(4)


def packed(m: int, vectors: int, k: int, batch: int = 1, lanes: int = LANES, apart: int = 0,
           dtype: dtypes.DType = dtypes.float32) -> Contract:  # fmt: skip
    """Return products with packed matrices, [batch][vector][k][lane], rows of a ``apart``."""
    loops, row, n = (batch, m, vectors, lanes, k), k + apart, vectors * lanes
    b = (n * k, 0, k * lanes, 1, lanes)
    return contract(
        loops, "bmnnk", (m * row, row, 0, 0, 1), b, (m * n, n, lanes, 1, 0), dtype=dtype
    )


def exact(kernel: Contract, target: Target = native.HOST) -> None:
    arrays = operands(kernel)
    native.run(generate(kernel, target), arrays)
    found = result(kernel, kernel.stores[0], arrays)
    np.testing.assert_array_equal(found, sums(kernel, arrays))


@pytest.mark.parametrize("vectors", [1, 2, 3, 4, 5, 7, 22])
@pytest.mark.parametrize("rows", [1, 3, 7, 16, 50])
def test_any_number_of_vectors(rows: int, vectors: int) -> None:
    kernel = packed(rows, vectors, 9, batch=2)
    plan = choose_plan(kernel, native.HOST)
    assert not plan.packed
    assert plan.panels == math.ceil(vectors / plan.vectors)
    exact(kernel)


@pytest.mark.parametrize("registers", [16, 32])
@pytest.mark.parametrize("rows", [3, 7, 13])
def test_long_sums_are_cut_and_read_where_they_lie(rows: int, registers: int) -> None:
    kernel = packed(rows, 7, 2000)
    target = replace(native.HOST, registers=registers, l2_bytes=1 << 16)
    plan = choose_plan(kernel, target)
    assert not plan.packed
    assert math.prod(plan.k_blocks) > 1
    exact(kernel, target)


@pytest.mark.parametrize("dtype", [dtypes.float64, dtypes.float16, dtypes.bfloat16], ids=str)
def test_other_types(dtype: dtypes.DType) -> None:
    lanes = native.HOST.lanes(max(dtype.itemsize, 4))
    exact(packed(7, 5, 11, lanes=lanes, dtype=dtype))


@pytest.mark.parametrize("lanes", [LANES // 2, 2 * LANES, LANES + 1])
def test_lanes_that_are_no_vector(lanes: int) -> None:
    exact(packed(7, 5, 11, lanes=lanes))


def test_rows_that_lie_apart_and_are_updated_once() -> None:
    kernel = packed(7, 11, 300, batch=3, apart=5)
    (store,) = kernel.stores
    store.value = make("add", dtypes.float32, (read(store.buffer, store.place), store.value))
    arrays = operands(kernel)
    before = result(kernel, store, arrays).copy()
    native.run(generate(kernel, native.HOST), arrays)
    np.testing.assert_array_equal(result(kernel, store, arrays), before + sums(kernel, arrays))


def test_long_formulas_of_the_last_panel() -> None:
    """What a bias adds belongs to its lane, in panels of any number of vectors."""
    vectors, n = 7, 7 * LANES
    check(f"""\
input x: float32[{7 * 20}]
input w: float32[{20 * n}]
input b: float32[{n}]
output y: float32[{7 * n}]
contract m0<7, n0<{vectors}, n1<{LANES}, k0<20
    acc0 = x[20*m0 + k0] * w[{20 * LANES}*n0 + n1 + {LANES}*k0]
    y[{n}*m0 + {LANES}*n0 + n1] = tanh(exp(neg(abs(log1p(abs(add(acc0, b[{LANES}*n0 + n1])))))))
""")


@pytest.mark.parametrize("registers", [16, 32])
def test_tiles_fit_into_registers(registers: int) -> None:
    for rows in range(1, 70):
        for vectors in range(1, 70):
            nv, (size,) = choose_tile([rows], vectors, registers, spread=False)
            assert size * nv + min(size, nv) + 1 <= registers
            assert nv <= vectors


@pytest.mark.parametrize("rows", [4, 7, 8])
def test_few_rows_are_cut_into_tiles_of_many_sums(rows: int) -> None:
    """Seven rows are four and three: six and one would wait for the last one's two sums."""
    assert choose_tile([7, rows], 64, 16, spread=False) == (3, [4])
