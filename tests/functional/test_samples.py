"""Every function on its samples: numerical gradients, data types, and the symbolic graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.functional.samples import ALL, Sample

import chainrule as cr
from chainrule import functional as F
from chainrule.graph.trees import flatten_tree


def split(sample: Sample) -> tuple[list[np.ndarray], Callable[..., list[cr.Tensor]]]:
    """Return the floating inputs, and the call as a function of them alone."""
    leaves = sample.leaves()
    places = [
        k for k, value in enumerate(leaves)
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
    ]  # fmt: skip

    def call(*given: Any) -> list[cr.Tensor]:
        inputs = sample.leaves()
        for k, value in zip(places, given, strict=True):
            inputs[k] = value
        return flatten_tree(sample.call(*sample.filled(inputs)))[0]

    return [leaves[k] for k in places], call


def test_every_function_has_a_sample() -> None:
    assert {sample.name for sample in ALL} == set(F.__all__)


def test_names_are_listed_once() -> None:
    assert len(F.__all__) == len(set(F.__all__))


@pytest.mark.parametrize("sample", ALL, ids=str)
def test_first_and_second_derivatives_agree_with_differences(sample: Sample) -> None:
    inputs, call = split(sample)
    cr.check_gradients(call, inputs, kinks=sample.kinks)


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("sample", ALL, ids=str)
def test_results_and_gradients_keep_the_type(sample: Sample, kind: str) -> None:
    inputs, call = split(sample)
    leaves = [cr.tensor(a.astype(kind), requires_grad=True) for a in inputs]
    results = [y for y in call(*leaves) if y.dtype.is_floating]
    assert {str(y.dtype) for y in results} <= {kind}
    total = sum((y.sum() for y in results), start=cr.tensor(0.0))
    if leaves:  # there are none of what takes integers alone
        total.backward()
        assert {str(leaf.grad.dtype) for leaf in leaves if leaf.grad is not None} == {kind}


@pytest.mark.parametrize("sample", ALL, ids=str)
def test_the_symbolic_graph_gives_the_same(sample: Sample) -> None:
    inputs, call = split(sample)
    names = [f"x{k}" for k in range(len(inputs))]
    placeholders = [
        cr.input(name, a.shape, "float64") for name, a in zip(names, inputs, strict=True)
    ]
    graph = cr.ComputationalGraph(call(*placeholders), order=placeholders)
    eager = call(*[cr.tensor(a) for a in inputs])
    found = graph.forward(*inputs)
    for a, b in zip(found, eager, strict=True):
        np.testing.assert_array_equal(a, b.numpy())
    assert [y.shape for y in graph.outputs] == [y.shape for y in eager]
