"""Loops in time, compiled: values and gradients, and what they cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.compiler.lower.running import assert_equal, kinds, lowering

import chainrule as cr
from chainrule import functional as F

LENGTH, BATCH, HIDDEN = 4, 3, 5


def draw(*shape: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(sum(shape)).standard_normal(shape) * 0.6


def lstm(h: Any, xs: Any, w: Any, u: Any, reverse: bool = False) -> Any:
    def cell(state: Any, x: Any) -> tuple[Any, Any]:
        h, c = state
        i, f, g, o = cr.split(x @ u + h @ w, HIDDEN, axis=-1)
        c = F.sigmoid(f) * c + F.sigmoid(i) * F.tanh(g)
        h = F.sigmoid(o) * F.tanh(c)
        return (h, c), h * h

    (h, c), ys = cr.scan(cell, (h, h), xs, reverse=reverse)
    return (h * c).sum() + ys.sum()


def rnn(h: Any, xs: Any, w: Any, u: Any, reverse: bool = False) -> Any:
    def cell(h: Any, x: Any) -> tuple[Any, Any]:
        new = F.tanh(h @ w + F.linear(x, u.T))
        return new, new * h

    h, ys = cr.scan(cell, h, xs, reverse=reverse)
    return h.sum() + (ys * ys).sum()


def inputs(gates: int) -> list[np.ndarray[Any, Any]]:
    return [
        draw(BATCH, HIDDEN), draw(LENGTH, BATCH, 2), draw(HIDDEN, gates * HIDDEN),
        draw(2, gates * HIDDEN),
    ]  # fmt: skip


def slopes(f: Any, **more: Any) -> Any:
    return lambda *xs: list(cr.grad(lambda *ys: f(*ys, **more), (0, 1, 2, 3))(*xs))


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(("f", "gates"), [(lstm, 4), (rnn, 1)])
def test_gradients_are_those_of_the_loop(f: Any, gates: int, reverse: bool) -> None:
    assert_equal(slopes(f, reverse=reverse), *inputs(gates))


@pytest.mark.parametrize(("f", "gates"), [(lstm, 4), (rnn, 1)])
def test_second_derivatives(f: Any, gates: int) -> None:
    def curvature(*xs: Any) -> Any:
        h, w = slopes(f)(*xs)[::2]
        return (h * h).sum() + (w * w).sum()

    assert_equal(slopes(curvature), *inputs(gates))


def test_the_gradient_of_a_weight_is_one_product_of_all_turns() -> None:
    h, xs, w, u = inputs(1)
    low = lowering(lambda w: cr.grad(lambda w: rnn(h, xs, w, u))(w), w)
    products = [k for k in low.optimised().kernels if getattr(k, "roles", "").count("k") == 2]
    assert [sorted(k.loops) for k in products] == [sorted((LENGTH, BATCH, HIDDEN, HIDDEN))]


def test_the_gradient_of_a_turn_takes_the_products_that_the_turn_made() -> None:
    h, xs, w, u = inputs(1)
    forward = kinds(lowering(lambda w: rnn(h, xs, w, u), w).optimised())
    both = kinds(lowering(lambda w: cr.grad(lambda w: rnn(h, xs, w, u))(w), w).optimised())
    back = LENGTH - 1  # the first turn's h is a number
    assert both.count("contract") <= forward.count("contract") + back + 1


def test_an_array_that_is_stacked_and_then_transposed_is_not_mistaken() -> None:
    def f(x: Any) -> Any:
        _, rows = cr.scan(lambda h, _: (h + 1.0, h * 2.0), x, None, length=3)
        turned = cr.permute_dims(rows, (0, 2, 1))
        total, _ = cr.scan(lambda h, row: (h + row * row, None), x * 0.0, turned)
        return total

    assert_equal(f, draw(4, 4))


def test_a_sum_stays_one_where_stacking_would_take_more_memory() -> None:
    h, xs, w, u = draw(200, 2), draw(LENGTH, 200, 2), draw(2, 2), draw(2, 2)
    assert_equal(slopes(rnn), h, xs, w, u)
