"""The page computes scalar graphs as the package does, operation by operation."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest

import chainrule as cr
from chainrule.graph import PRIMITIVES, Primitive

from .conftest import Open

# Bits, and what is decided by bits, stays with the package.
WITHOUT = {"bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_invert", "bitwise_left_shift",
           "bitwise_right_shift", "isnan", "isinf", "isfinite", "signbit", "cast"}  # fmt: skip
SCALARS = sorted(n for n, p in PRIMITIVES.items() if p.scalar is not None and n not in WITHOUT)


def arity(primitive: Primitive) -> int:
    return len(inspect.signature(primitive.kernel).parameters)


def test_the_page_knows_every_operation_of_elements(show: Open) -> None:
    page = show(cr.ComputationalGraph(cr.input("x") + 1.0))
    assert sorted(page.evaluate("Object.keys(SCALARS)")) == SCALARS


def test_values_and_derivatives_are_the_packages(show: Open) -> None:
    """Compare at three points of each operation's domain, in one page."""
    page = show(cr.ComputationalGraph(cr.input("x") + 1.0))
    for name in SCALARS:
        primitive = PRIMITIVES[name]
        low, high = primitive.domain
        for part in (0.21, 0.5321, 0.83):
            points = [low + (high - low) * ((part + 0.37 * k) % 1) for k in range(arity(primitive))]
            inputs = [cr.tensor(p, "float64", requires_grad=True) for p in points]
            if name == "where":
                inputs[0] = cr.tensor(points[0] > 0)
            result = primitive(*inputs)
            given = [x.item() for x in inputs]
            value, local = page.evaluate(
                "([n, x]) => [Number(SCALARS[n].value(...x)), SCALARS[n].local.map(f => f(...x))]",
                [name, given],
            )
            assert value == pytest.approx(float(result.item()), rel=1e-9, abs=1e-12), name
            if result.requires_grad:
                result.backward()
                expected = [0.0 if x.grad is None else x.grad.item() for x in inputs]
                assert local[: len(given)] == pytest.approx(expected, rel=1e-7, abs=1e-12), name


def test_ties_and_kinks(show: Open) -> None:
    page = show(cr.ComputationalGraph(cr.input("x") + 1.0))
    assert page.evaluate("SCALARS.maximum.local.map((f) => f(2, 2))") == [0.5, 0.5]
    assert page.evaluate("SCALARS.relu.local[0](0)") == 0
    assert page.evaluate("SCALARS.abs.local[0](0)") == 0
    assert page.evaluate("[0.5, 1.5, 2.5, -0.5, -1.5].map(SCALARS.round.value)") == [
        float(np.round(x)) for x in (0.5, 1.5, 2.5, -0.5, -1.5)
    ]
    assert page.evaluate("SCALARS.pow.local[0](0, 0)") == 0
    assert page.evaluate("SCALARS.erf.value(6)") == math.erf(6)
