"""Every primitive's chain rule, on its samples, against finite differences."""

from __future__ import annotations

from typing import Any

import pytest
from tests.ops.samples import ALL, Sample

import chainrule as cr
from chainrule.graph import PRIMITIVES, NotDifferentiable, Tensor


def results(value: Any) -> tuple[Tensor, ...]:
    """Return the results of an operation, of which there may be several."""
    return value if isinstance(value, tuple) else (value,)


def differentiable(sample: Sample) -> bool:
    """Whether the sample has a floating input and a floating result with a derivative."""
    primitive, types = sample.primitive, [cr.tensor(a).dtype for a in sample.arrays()]
    kinds = primitive.dtype(*types, **sample.attributes)
    floating = any(k.is_floating for k in (kinds if isinstance(kinds, tuple) else (kinds,)))
    return primitive.differentiable and floating and any(t.is_floating for t in types)


@pytest.mark.parametrize("sample", [s for s in ALL if differentiable(s) and s.smooth], ids=str)
def test_first_and_second_derivatives_agree_with_differences(sample: Sample) -> None:
    cr.check_gradients(sample.call, sample.arrays(), order=2, kinks=sample.primitive.kinks)


@pytest.mark.parametrize("sample", [s for s in ALL if differentiable(s)], ids=str)
def test_gradients_have_the_type_of_their_inputs(sample: Sample) -> None:
    arrays = sample.arrays("float32")
    leaves = [cr.tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays]
    total = sum(cr.sum(t) for t in results(sample.call(*leaves)) if t.dtype.is_floating)
    assert isinstance(total, Tensor)
    if total.requires_grad:
        total.backward()
    for leaf in leaves:
        if leaf.grad is not None:
            assert leaf.grad.type == leaf.type


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_what_has_no_derivative_says_why(name: str) -> None:
    rules = PRIMITIVES[name].vjp
    if isinstance(rules, NotDifferentiable):
        assert rules.reason
    elif isinstance(rules, tuple):
        sample = next(s for s in ALL if s.name == name)
        assert len(rules) == len(sample.inputs)
