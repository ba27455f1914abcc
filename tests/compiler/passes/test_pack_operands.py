"""Matrices that many products with few rows read are packed once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.compiler.lower.running import assert_equal
from tests.compiler.programs import data

import chainrule as cr
from chainrule.compiler.ir import Contract, Map, Program, interpret, parse_program, verify
from chainrule.compiler.passes.pack_operands import pack_operands

TURNS = 5


def draw(*shape: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(sum(shape)).standard_normal(shape) * 0.2


def loop(h: Any, w: Any) -> Any:
    return cr.scan(lambda h, _: (cr.tanh(h @ w), None), h, None, length=TURNS)[0]


def packings(program: Program) -> list[Map]:
    return [
        kernel for kernel in program.kernels
        if isinstance(kernel, Map) and kernel.stores[0].buffer.name.startswith("panels")
    ]  # fmt: skip


@pytest.mark.parametrize("turned", [False, True])
def test_a_loop_packs_its_weight_once(turned: bool) -> None:
    f = (lambda h, w: loop(h, w.T)) if turned else loop
    low = assert_equal(f, draw(3, 64), draw(64, 64))
    (kernel,) = packings(low.program)
    assert kernel.loops == (16, 64, 4)
    products = [k for k in low.program.kernels if isinstance(k, Contract)]
    assert len(products) == TURNS
    assert all(sorted(k.loops) == [3, 4, 16, 64] for k in products)


def test_forward_and_gradient_have_a_copy_each() -> None:
    low = assert_equal(
        lambda h, w: cr.grad(lambda h: loop(h, w).sum())(h), draw(3, 64), draw(64, 64)
    )
    assert len(packings(low.program)) == 2


@pytest.mark.parametrize(("rows", "columns"), [(3, 42), (130, 64)])
def test_odd_widths_and_many_rows_are_left_alone(rows: int, columns: int) -> None:
    low = assert_equal(loop, draw(rows, columns), draw(columns, columns))
    assert packings(low.program) == []


@pytest.mark.parametrize("vector_bytes", [16, 32, 64])
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_lanes_are_those_of_a_register(vector_bytes: int, dtype: str) -> None:
    text = program("v", dtype)
    text.vector_bytes = vector_bytes
    pack_operands(text)
    verify(text)
    lanes = vector_bytes // (8 if dtype == "float64" else 4)
    assert [kernel.loops for kernel in packings(text)] == [(32 // lanes, 3, lanes)]


PRODUCT = """
contract m0<2, k0<3, n0<32
    acc0 = x[3*m0 + k0] * w[32*k0 + n0]
    {out}[32*m0 + n0] = acc0
"""
CHANGE = """
map i0<96
    {what}[i0] = neg({what}[i0])
"""


def program(changed: str, dtype: str = "float32") -> Program:
    """Four products with one matrix; between the second and the third, something is changed."""
    buffers = ["input x: float32[6]", "state w: float32[96]", "state v: float32[96]"]
    buffers += [f"state y{k}: float32[64]" for k in range(4)]
    kernels = [PRODUCT.format(out=f"y{k}") for k in range(4)]
    kernels.insert(2, CHANGE.format(what=changed))
    return parse_program("\n".join([*buffers, *kernels]).replace("float32", dtype))


@pytest.mark.parametrize(("changed", "copies"), [("v", 1), ("w", 0)])
def test_a_matrix_that_changes_between_its_uses_is_not_packed(changed: str, copies: int) -> None:
    before, after = program(changed), program(changed)
    pack_operands(after)
    verify(after)
    assert len(packings(after)) == copies
    results = []
    for one in (before, after):
        memory = data(one)
        interpret(one, memory)
        results.append({b.name: a for b, a in memory.items() if b.kind == "state"})
    for name, expected in results[0].items():
        np.testing.assert_array_equal(results[1][name], expected)


def test_one_operand_of_a_product_is_packed() -> None:
    """Products of the same two matrices, each of which would do."""
    square = parse_program(
        """
input x: float32[1024]
state w: float32[1024]
state y: float32[1024]
"""
        + 4
        * """
contract m0<32, k0<32, n0<32
    acc0 = x[32*m0 + k0] * w[32*k0 + n0]
    y[32*m0 + n0] = add(y[32*m0 + n0], acc0)
"""
    )
    pack_operands(square)
    verify(square)
    assert len(packings(square)) == 1
