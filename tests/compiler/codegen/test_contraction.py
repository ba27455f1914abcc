"""Contractions: exact sums of small integers, in every layout, remainder and data type."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from tests.compiler.codegen import native
from tests.compiler.codegen.contractions import (
    contract,
    convolution,
    matmul,
    operands,
    result,
    sums,
    weight_gradient,
)

from chainrule import dtypes
from chainrule.compiler.codegen.contraction.schedule import choose_plan
from chainrule.compiler.codegen.generate import generate
from chainrule.compiler.ir import Buffer, Contract, Guard, Place, Store
from chainrule.compiler.ir import expr as ir
from chainrule.compiler.ir.interpret import run_kernel
from chainrule.compiler.ir.verify import verify_kernel
from chainrule.dtypes import DType

Arrays = dict[Buffer, np.ndarray[Any, Any]]


def run(kernel: Contract) -> Arrays:
    arrays = operands(kernel)
    native.run(generate(kernel, native.HOST), arrays)
    return arrays


def check(kernel: Contract) -> None:
    """Demand the exact sums, and that nothing else of the result is written."""
    arrays = run(kernel)
    (store,) = kernel.stores
    np.testing.assert_array_equal(result(kernel, store, arrays), sums(kernel, arrays))
    written = math.prod(n for n, r in zip(kernel.loops, kernel.roles, strict=True) if r != "k")
    rest = dtypes.decode(arrays[store.buffer], store.buffer.dtype) == 77
    assert rest.sum() >= store.buffer.size - written


def by_interpreter(kernel: Contract) -> None:
    """Demand what the interpreter computes (guards are its own affair)."""
    verify_kernel(kernel)
    arrays = operands(kernel)
    expected = {buffer: array.copy() for buffer, array in arrays.items()}
    run_kernel(kernel, expected)
    native.run(generate(kernel, native.HOST), arrays)
    for buffer, array in arrays.items():
        np.testing.assert_allclose(array, expected[buffer], rtol=1e-6, err_msg=buffer.name)


TRANSPOSED = list(itertools.product((False, True), repeat=3))


@pytest.mark.parametrize(("ta", "tb", "tout"), TRANSPOSED)
@pytest.mark.parametrize("shape", [(17, 33, 19), (3, 65, 130), (64, 64, 64), (1, 7, 5)], ids=str)
def test_products_of_matrices_in_every_layout(
    shape: tuple[int, int, int], ta: bool, tb: bool, tout: bool
) -> None:
    check(matmul(*shape, ta=ta, tb=tb, tout=tout))


@pytest.mark.parametrize(("ta", "tb", "tout"), TRANSPOSED)
def test_batches_of_products(ta: bool, tb: bool, tout: bool) -> None:
    check(matmul(5, 18, 7, batch=3, ta=ta, tb=tb, tout=tout))


@pytest.mark.parametrize("extent", [1, 2, 6, 15, 16, 17, 31, 47, 63, 97])
@pytest.mark.parametrize("of", ["m", "n", "k"])
def test_remainders(extent: int, of: str) -> None:
    check(matmul(**{"m": 8, "n": 32, "k": 9, of: extent}))


def test_a_sum_over_nothing_is_zero() -> None:
    kernel = matmul(5, 18, 0)
    by_interpreter(kernel)
    arrays = run(kernel)
    assert (arrays[kernel.stores[0].buffer] == 0).all()


@pytest.mark.parametrize("dtype", [dtypes.float64, dtypes.float16, dtypes.bfloat16], ids=str)
@pytest.mark.parametrize("tb", [False, True])
def test_other_types(dtype: DType, tb: bool) -> None:
    check(matmul(9, 35, 7, tb=tb, dtype=dtype))


def test_16_bit_floats_are_summed_in_float32() -> None:
    kernel = matmul(4, 16, 4096, dtype=dtypes.bfloat16)
    arrays = run(kernel)
    kept = result(kernel, kernel.stores[0], arrays).astype(np.float64)
    np.testing.assert_allclose(kept, sums(kernel, arrays), rtol=2.0**-8)


@pytest.mark.parametrize("shape", [(40, 48, 9000), (6, 64, 9000), (200, 200, 2100)], ids=str)
@pytest.mark.parametrize("tb", [False, True])
def test_partial_sums_over_blocks_of_k(shape: tuple[int, int, int], tb: bool) -> None:
    kernel = matmul(*shape, tb=tb)
    if not tb:
        assert math.prod(choose_plan(kernel, native.HOST).k_blocks) > 1
    check(kernel)


CONVOLUTIONS = {
    "plain": {"n": 2, "size": 9, "c": 5, "oc": 19, "window": 3},
    "stride": {"n": 2, "size": 11, "c": 4, "oc": 17, "window": 3, "stride": 2},
    "dilation": {"n": 1, "size": 12, "c": 3, "oc": 16, "window": 3, "dilation": 2},
    "groups": {"n": 2, "size": 7, "c": 3, "oc": 5, "window": 3, "groups": 4},
    "depthwise": {"n": 2, "size": 8, "c": 1, "oc": 1, "window": 3, "groups": 37},
    "all": {"n": 2, "size": 13, "c": 2, "oc": 3, "window": 3, "stride": 2, "dilation": 2,
            "groups": 3},
    "one tap": {"n": 3, "size": 5, "c": 17, "oc": 33, "window": 1},
}  # fmt: skip


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolutions(name: str) -> None:
    check(convolution(**CONVOLUTIONS[name]))


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("channels", [(3, 16), (17, 5)], ids=str)
def test_gradients_of_weights(stride: int, channels: tuple[int, int]) -> None:
    check(weight_gradient(3, 9, *channels, 3, stride=stride))


# --- what is done with the sums ---------------------------------------------------------------


def with_epilogue(shape: tuple[int, int, int], tout: bool = False) -> Contract:
    """Return a product that adds a bias, is rectified, and is stored twice: in another type too."""
    m, n, _ = shape
    kernel = matmul(*shape, tout=tout)
    (store,) = kernel.stores
    total = store.value
    bias = ir.read(Buffer("bias", dtypes.float32, n, "input"), Place(0, (0, 0, 1, 0)))
    moved = ir.make("add", dtypes.float32, (total, bias))
    zero = ir.const(0.0, dtypes.float32)
    first = Store(store.buffer, store.place, ir.make("maximum", dtypes.float32, (moved, zero)))
    sign = ir.make("gt", dtypes.bool, (moved, zero))
    mask = Store(Buffer("mask", dtypes.bool, m * n), Place(0, (m * n, n, 1, 0)), sign)
    return Contract(kernel.loops, kernel.roles, kernel.a, kernel.b, [first, mask])


@pytest.mark.parametrize("tout", [False, True])
@pytest.mark.parametrize("shape", [(7, 37, 11), (40, 48, 3000)], ids=str)
def test_epilogues(shape: tuple[int, int, int], tout: bool) -> None:
    kernel = with_epilogue(shape, tout)
    arrays = operands(kernel)
    bias = next(n.payload[0] for n in ir.walk([kernel.stores[0].value]) if n.kind == "read")
    arrays[bias] = np.arange(-5, bias.size - 5, dtype=np.float32)
    native.run(generate(kernel, native.HOST), arrays)
    wanted = sums(kernel, arrays) + arrays[bias]
    first, mask = (result(kernel, s, arrays) for s in kernel.stores)
    np.testing.assert_array_equal(first, np.maximum(wanted, 0))
    np.testing.assert_array_equal(mask, wanted > 0)


# --- borders -----------------------------------------------------------------------------------


def innermost(images: int, size: int, c: int, oc: int, window: int, pad: int,
              stride: int = 1, dilation: int = 1) -> Contract:  # fmt: skip
    """Return a convolution with the batch innermost, whose loops over taps are cut at borders.

    Loops: rows, columns, channels of the result, images; channels of the image, window.
    """
    o = (size + 2 * pad - dilation * (window - 1) - 1) // stride + 1
    loops = (o, o, oc, images, c, window, window)
    row, cell = images * size, images
    image = Place(
        -pad * (row + cell),
        (stride * row, stride * cell, 0, 1, size * row, dilation * row, dilation * cell),
    )
    guards = (
        Guard(Place(-pad, (stride, 0, 0, 0, 0, dilation, 0)), size),
        Guard(Place(-pad, (0, stride, 0, 0, 0, 0, dilation)), size),
    )
    weight = (0, 0, c * window**2, 0, window**2, window, 1)
    result = (o * images, images, o * o * images, 1, 0, 0, 0)
    plain = contract(loops, "mmnmkkk", (0,) * 7, weight, result)
    x = ir.read(Buffer("x", dtypes.float32, c * size * row, "input"), image, guards)
    return Contract(loops, plain.roles, x, plain.b, plain.stores)


@pytest.mark.parametrize(("window", "pad"), [(3, 1), (5, 2), (3, 2), (2, 1), (1, 1), (3, 4)])
@pytest.mark.parametrize("stride", [1, 2])
def test_loops_over_taps_are_cut_at_borders(window: int, pad: int, stride: int) -> None:
    by_interpreter(innermost(32, 6, 3, 5, window, pad, stride))


@pytest.mark.parametrize("images", [16, 32, 48, 7])
def test_borders_with_dilation(images: int) -> None:
    by_interpreter(innermost(images, 7, 2, 3, 3, 2, dilation=2))


def test_guards_that_never_hold_leave_sums_over_nothing() -> None:
    kernel = innermost(32, 2, 3, 4, 1, 3)  # a frame of zeros as wide as three images
    by_interpreter(kernel)
    arrays = run(kernel)
    assert (result(kernel, kernel.stores[0], arrays)[0] == 0).all()
