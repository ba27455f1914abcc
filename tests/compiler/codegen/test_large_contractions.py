"""Schedules of contractions that are large, guarded or end in long formulas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.compiler.codegen import native
from tests.compiler.codegen.agreement import check
from tests.compiler.codegen.contractions import contract, matmul, operands, result, sums

from chainrule import dtypes
from chainrule.compiler.codegen.contraction.plan import Plan
from chainrule.compiler.codegen.contraction.schedule import choose_plan
from chainrule.compiler.codegen.generate import generate
from chainrule.compiler.codegen.target import Target
from chainrule.compiler.ir import Contract, parse_program
from chainrule.compiler.ir.expr import make, read


def plan_of(text: str, target: Target = native.HOST) -> Plan:
    kernel = parse_program(text).kernels[0]
    assert isinstance(kernel, Contract)
    return choose_plan(kernel, target)


def exact(kernel: Contract) -> None:
    arrays = operands(kernel)
    native.run(generate(kernel, native.HOST), arrays)
    found = result(kernel, kernel.stores[0], arrays)
    np.testing.assert_array_equal(found, sums(kernel, arrays))


# --- results with far rows ---------------------------------------------------------------------


@pytest.mark.parametrize("tb", [False, True])
@pytest.mark.parametrize("shape", [(300, 4100, 5), (130, 8209, 1), (1050, 1024, 3)], ids=str)
def test_results_with_far_rows_are_written_along(shape: tuple[int, int, int], tb: bool) -> None:
    kernel = matmul(*shape, tb=tb)
    assert choose_plan(kernel, native.HOST).along
    exact(kernel)


@pytest.mark.parametrize("shape", [(1100, 1030, 3), (4096, 1024, 2), (700, 2051, 1)], ids=str)
def test_every_row_is_updated_once(shape: tuple[int, int, int]) -> None:
    kernel = matmul(*shape)
    (store,) = kernel.stores
    store.value = make("add", dtypes.float32, (read(store.buffer, store.place), store.value))
    plan = choose_plan(kernel, native.HOST)
    assert plan.along
    assert plan.chunks > 1
    arrays = operands(kernel)
    before = result(kernel, store, arrays).copy()
    native.run(generate(kernel, native.HOST), arrays)
    np.testing.assert_array_equal(result(kernel, store, arrays), before + sums(kernel, arrays))


def test_far_rows_of_batches_and_sums_over_nothing() -> None:
    for kernel in (matmul(150, 4100, 2, batch=2), matmul(260, 4100, 0)):
        assert choose_plan(kernel, native.HOST).along
        exact(kernel)


def test_far_rows_with_a_formula() -> None:
    text = """\
input x: float32[1500]
input w: float32[20500]
input b: float32[4100]
output y: float32[1230000]
output z: bool[1230000]
contract m0<300, n0<4100, k0<5
    acc0 = x[5*m0 + k0] * w[4100*k0 + n0]
    a = add(acc0, b[n0])
    y[4100*m0 + n0] = maximum(a, 0.0)
    z[4100*m0 + n0] = gt(a, x[m0])
"""
    assert plan_of(text).along
    check(text)


# --- formulas ----------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [512, 523])
def test_what_updates_read_is_asked_for_early(columns: int) -> None:
    """The update of weights by a gradient that never lies in memory: momentum, in place."""
    size = 600 * columns
    text = f"""\
input x: float32[4200]
input g: float32[{7 * columns}]
state v: float32[{size}]
state w: float32[{size}]
contract m0<600, n0<{columns}, k0<7
    acc0 = x[600*k0 + m0] * g[{columns}*k0 + n0]
    a = add(mul(v[{columns}*m0 + n0], 0.75), acc0)
    v[{columns}*m0 + n0] = a
    w[{columns}*m0 + n0] = sub(w[{columns}*m0 + n0], mul(a, 0.125))
"""
    assert "llvm.prefetch" in generate(parse_program(text).kernels[0], native.HOST).text
    check(text)


LONG = "tanh(exp(neg(abs(log1p(abs(sin(mul(acc0, w[n0])))))))"


@pytest.mark.parametrize("shape", [(1, 5, 3), (13, 37, 4), (6, 16, 2), (40, 16, 1100)], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_long_formulas_are_loops_over_the_rows_of_a_tile(
    dtype: str, shape: tuple[int, int, int]
) -> None:
    m, n, k = shape
    formula = LONG if dtype == "float32" else LONG.replace("acc0", "mul(acc0, x[m0])")
    formula = f"add({formula}), acc0)"
    check(f"""\
input x: {dtype}[{m * k}]
input w: {dtype}[{k * n}]
output y: {dtype}[{m * n}]
output z: {dtype}[{m * n}]
contract m0<{m}, n0<{n}, k0<{k}
    acc0 = x[{k}*m0 + k0] * w[{n}*k0 + n0]
    y[{n}*m0 + n0] = {formula}
    z[{m}*n0 + m0] = cosh(mul(tanh(acc0), 0.5:{dtype}))
""")


# --- lanes along batches, one operand read where it lies ----------------------------------------


@pytest.mark.parametrize("lanes", [1, 3, 8, 16, 37, 130])
@pytest.mark.parametrize("dtype", [dtypes.float32, dtypes.float64, dtypes.bfloat16], ids=str)
def test_lanes_along_batches(dtype: dtypes.DType, lanes: int) -> None:
    """Depthwise: loops are batches, rows, k; every operand has the batches side by side."""
    loops = (lanes, 7, 5)
    kernel = contract(
        loops, "bmk", (1, lanes, 2 * lanes), (1, 0, lanes), (1, lanes, 0), dtype=dtype
    )
    if lanes > 1:
        plan = choose_plan(kernel, native.HOST)
        assert plan.kernel.roles[plan.lane] == "b"
        assert not plan.packed
    exact(kernel)


@pytest.mark.parametrize("steps", [(1, 2), (2, 1), (3, 3)], ids=str)
def test_lanes_that_lie_apart(steps: tuple[int, int]) -> None:
    left, right = steps
    exact(contract((37, 7, 5), "bmk", (left, 120, 900), (right, 0, 120), (1, 37, 0)))
    exact(contract((7, 37, 5), "mnk", (left, 0, 20), (0, right, 120), (37, 1, 0)))


def test_panels_that_lie_in_memory_already_are_not_copied() -> None:
    columns = native.HOST.lanes(4)  # of one panel
    kernel = matmul(40, columns, 30)
    assert not choose_plan(kernel, native.HOST).packed
    assert choose_plan(matmul(40, columns, 30, tb=True), native.HOST).packed
    exact(kernel)


@pytest.mark.parametrize("registers", [8, 16, 32])
@pytest.mark.parametrize("l2", [1 << 12, 1 << 16, 1 << 20])
def test_other_caches_and_registers_give_the_same(registers: int, l2: int) -> None:
    target = replace(native.HOST, registers=registers, l2_bytes=l2)
    for kernel in (matmul(70, 90, 200), matmul(33, 5, 300, batch=2, ta=True)):
        arrays = operands(kernel)
        native.run(generate(kernel, target), arrays)
        found = result(kernel, kernel.stores[0], arrays)
        np.testing.assert_array_equal(found, sums(kernel, arrays))


# --- guards ------------------------------------------------------------------------------------


def weight_gradient(images: int = 2, size: int = 6, c: int = 3, oc: int = 18, window: int = 3,
                    pad: int = 1, stride: int = 1, dilation: int = 1, groups: int = 1,
                    dtype: str = "float32", image: str = "m") -> str:  # fmt: skip
    """Return the gradient of a padded convolution's weights, the image being factor a or b."""
    o = (size + 2 * pad - dilation * (window - 1) - 1) // stride + 1
    full, out = c * groups, oc * groups
    of_image, of_result = ("m", "n") if image == "m" else ("n", "m")
    row, col = f"{stride}*k1 + {dilation}*{of_image}0", f"{stride}*k2 + {dilation}*{of_image}1"
    line, start = size * full, pad * (size + 1) * full
    x = (
        f"x[{size * line}*k0 + {stride * line}*k1 + {dilation * line}*{of_image}0"
        f" + {stride * full}*k2 + {dilation * full}*{of_image}1 + {c}*b0 + {of_image}2 - {start}"
        f" | 0 <= {row} - {pad} < {size}, 0 <= {col} - {pad} < {size}]"
    )
    g = f"g[{o * o * out}*k0 + {o * out}*k1 + {out}*k2 + {oc}*b0 + {of_result}0]"
    names = [f"b0<{groups}", *[f"{of_image}{k}<{n}" for k, n in enumerate((window, window, c))],
             f"{of_result}0<{oc}", f"k0<{images}", f"k1<{o}", f"k2<{o}"]  # fmt: skip
    weights = groups * window * window * c * oc
    to = (
        f"{weights // groups}*b0 + {window * c * oc}*{of_image}0 + {c * oc}*{of_image}1"
        f" + {oc}*{of_image}2 + {of_result}0"
    )
    factors = f"{x} * {g}" if image == "m" else f"{g} * {x}"
    return f"""\
input x: {dtype}[{images * size * line}]
input g: {dtype}[{images * o * o * out}]
output y: {dtype}[{weights}]
contract {", ".join(names)}
    acc0 = {factors}
    y[{to}] = acc0
"""


GRADIENTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "no padding": {"pad": 0},
    "stride": {"stride": 2, "size": 9},
    "dilation": {"dilation": 2, "pad": 2},
    "groups": {"groups": 3, "oc": 5},
    "depthwise": {"groups": 19, "c": 1, "oc": 1},
    "stride, dilation and groups": {"stride": 2, "dilation": 2, "groups": 2, "size": 11, "pad": 3},
    "padding wider than the image": {"size": 2, "pad": 4},
    "float64": {"dtype": "float64"},
    "float16": {"dtype": "float16"},
    "bfloat16": {"dtype": "bfloat16", "stride": 2},
    "long sums": {"images": 40, "size": 12, "c": 2, "oc": 16},
}


@pytest.mark.parametrize("image", ["m", "n"])
@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_of_weights_of_padded_convolutions(name: str, image: str) -> None:
    check(weight_gradient(**GRADIENTS[name], image=image))


@pytest.mark.parametrize("factor", ["a", "b"])
@pytest.mark.parametrize("length", [1, 3, 40, 4100])
def test_guards_that_cut_sums_short(length: int, factor: str) -> None:
    """A triangle, as in causal sums: row by row one element less, from all of them to nothing."""
    guard = {"a": f"0 <= k0 + m0 - 6 < {length}", "b": f"0 <= k0 + n0 - 16 < {length}"}[factor]
    a, b = (f" | {guard}" if factor == f else "" for f in "ab")
    memory = check(f"""\
input x: float32[{10 * length}]
input w: float32[{20 * length}]
output y: float32[200]
contract m0<10, n0<20, k0<{length}
    acc0 = x[{length}*m0 + k0{a}] * w[20*k0 + n0{b}]
    y[20*m0 + n0] = acc0
""", x=np.ones(10 * length), w=np.ones(20 * length))  # fmt: skip
    y = memory["y"].reshape(10, 20)
    ends = 6 - np.arange(10)[:, None] if factor == "a" else 16 - np.arange(20)[None]
    np.testing.assert_array_equal(y, np.broadcast_to(np.clip(length - abs(ends), 0, None), y.shape))


@pytest.mark.parametrize("step", [1, 2, 3])
def test_guarded_loops_that_are_cut_into_blocks(step: int) -> None:
    """The cut sum is so long that partial sums are kept between blocks of it."""
    text = f"""\
input x: float32[600000]
input w: float32[576000]
output y: float32[1920]
contract m0<30, n0<64, k0<9000
    acc0 = x[{step}*k0 + 600*m0 - 900 | 0 <= {step}*k0 + 600*m0 - 900 < 9000] * w[64*k0 + n0]
    y[64*m0 + n0] = acc0
"""
    assert np.prod(plan_of(text).k_blocks) > 1
    check(text)


def test_one_sum_is_stored_several_times() -> None:
    """acc0 is used by each store, in other types and places."""
    check("""\
input x: float32[54]
input w: float32[198]
output y: float64[297]
output z: int32[297]
state s: float16[297]
contract m0<9, n0<33, k0<6
    acc0 = x[6*m0 + k0] * w[33*k0 + n0]
    y[33*m0 + n0] = mul(float64(acc0), 2.0:float64)
    z[9*n0 + m0] = int32(floor(acc0))
    s[296 - 33*m0 - n0] = add(s[296 - 33*m0 - n0], float16(acc0))
""")


def test_partial_sums_of_several_panels() -> None:
    """A unit has several panels side by side, each with partial sums of its own."""
    kernel = matmul(64, 2100, 1500, tb=True)
    plan = choose_plan(kernel, native.HOST)
    assert np.prod(plan.k_blocks) > 1
    assert plan.group > 1
    exact(kernel)
