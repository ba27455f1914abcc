"""Formulas cut where guards begin and end."""

from __future__ import annotations

from typing import Any

import numpy as np
from tests.compiler.lower.running import assert_equal

import chainrule as cr
from chainrule.compiler.ir import Map
from chainrule.compiler.ir.expr import walk
from chainrule.compiler.ir.program import values_of

Array = np.ndarray[Any, Any]


def draw(*shape: int) -> Array:
    return np.random.default_rng(sum(shape)).standard_normal(shape)


def gradient(sizes: tuple[int, ...]) -> Any:
    """The gradient of a function of the parts of x: dear to compute, and different in each part."""

    def loss(x: Any) -> Any:
        parts = cr.split(x, sizes, axis=-1)
        return sum(cr.sum(cr.exp(part * (k + 1.0)) * cr.tanh(part)) for k, part in enumerate(parts))

    return lambda x: cr.grad(loss)(x)


def conditions(program: Any) -> int:
    nodes = [n for k in program.kernels for n in walk(values_of(k))]
    return sum(node.kind == "inside" for node in nodes)


def test_equal_parts_are_stores_of_one_map() -> None:
    low = assert_equal(gradient((32, 32, 32)), draw(3, 96))
    (kernel,) = low.program.kernels
    assert isinstance(kernel, Map)
    assert (kernel.loops, len(kernel.stores), conditions(low.program)) == ((3, 32), 3, 0)


def test_unequal_parts_are_maps_of_their_own() -> None:
    low = assert_equal(gradient((64, 32, 32)), draw(2, 128))
    assert sorted(k.loops for k in low.program.kernels) == [(2, 32), (2, 64)]
    assert conditions(low.program) == 0


def test_short_parts_stay_one_formula() -> None:
    low = assert_equal(gradient((4, 4)), draw(2, 8))
    assert len(low.program.kernels) == 1
    assert conditions(low.program) > 0


def test_parts_that_overlap_are_cut_at_every_end() -> None:
    def f(x: Any) -> Any:
        a = cr.pad(cr.exp(x) * cr.tanh(x), [(0, 0), (0, 32)])
        b = cr.pad(cr.tanh(x * 2.0) * cr.exp(-x), [(0, 0), (32, 0)])
        return a + b

    assert_equal(f, draw(2, 64))


def test_guards_on_two_axes_are_left_alone() -> None:
    def f(x: Any) -> Any:
        return cr.pad(cr.exp(x), [(20, 0), (0, 0)]) + cr.pad(cr.tanh(x), [(0, 20), (0, 0)]) * (
            cr.pad(x * cr.exp(x), [(20, 0), (0, 0)])
        )

    assert_equal(f, draw(20, 20))
    assert_equal(lambda x: cr.pad(cr.exp(x), [(20, 3), (3, 20)]) * 2.0, draw(20, 20))
