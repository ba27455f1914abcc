"""How kernels are cut into units of work: by what they cost, and evenly."""

from __future__ import annotations

import numpy as np
import pytest
from tests.compiler.codegen import native
from tests.compiler.codegen.contractions import matmul, operands, result, sums

from chainrule import dtypes
from chainrule.compiler.codegen.contraction.emit import generate_contract
from chainrule.compiler.codegen.contraction.schedule import choose_plan
from chainrule.compiler.codegen.map import generate_map
from chainrule.compiler.ir.cost import copies
from chainrule.compiler.ir.expr import Buffer, Expr, Place, make, read
from chainrule.compiler.ir.kernels import Map, Store


def chain(x: Expr, *functions: str) -> Expr:
    for name in functions:
        x = make(name, x.dtype, (x,))
    return x


def mapped(shape: tuple[int, ...], *functions: str) -> Map:
    size = int(np.prod(shape))
    x, y = (Buffer(name, dtypes.float32, size) for name in "xy")
    place = Place(0, (shape[1], 1))
    return Map(shape, [Store(y, place, chain(read(x, place), *functions))])


def test_a_dear_formula_counts_as_many_copies() -> None:
    (cheap,), (dear,) = ([s.value for s in mapped((8, 8), *f).stores] for f in ([], ["tanh"] * 4))
    assert copies([cheap], 1) == 1.0
    assert copies([dear], 1) > 4.0


@pytest.mark.parametrize(("functions", "shared"), [([], False), (["tanh"] * 4, True)])
def test_few_elements_are_shared_if_they_are_dear(functions: list[str], shared: bool) -> None:
    code = generate_map(mapped((32, 100), *functions), native.HOST)
    assert (code.units > 1) == shared


@pytest.mark.parametrize("functions", [["tanh"] * 4, ["exp", "neg", "exp"]])
@pytest.mark.parametrize("shape", [(32, 100), (1, 3001)])
def test_units_do_each_element_once(shape: tuple[int, int], functions: list[str]) -> None:
    kernel = mapped(shape, *functions)
    x, y = kernel.stores[0].value, kernel.stores[0].buffer
    while x.args:
        (x,) = x.args
    values = np.linspace(-1, 1, y.size, dtype=np.float32)
    arrays = {x.payload[0]: values, y: np.zeros(y.size, np.float32)}
    native.run(generate_map(kernel, native.HOST), arrays)
    for name in functions:
        values = {"tanh": np.tanh, "exp": np.exp, "neg": np.negative}[name](values)
    np.testing.assert_allclose(arrays[y], values, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("rows", [17, 32, 45, 64])
def test_few_rows_are_one_chunk(rows: int) -> None:
    kernel = matmul(rows, 1024, 256)
    plan = choose_plan(kernel, native.HOST)
    assert plan.chunk_lengths == (rows,)
    arrays = operands(kernel)
    native.run(generate_contract(kernel, native.HOST), arrays)
    (store,) = kernel.stores
    np.testing.assert_array_equal(result(kernel, store, arrays), sums(kernel, arrays))
