"""Every primitive on its samples: compiled equals eager, with gradients, natively."""

from __future__ import annotations

from typing import Any

import pytest
from tests.jit.helpers import assert_same, with_gradients
from tests.ops.samples import ALL, Sample, each_sample

import chainrule as cr
from chainrule.compiler.ir import Call

# What is computed by its NumPy kernel, between native segments.
CALLED = {
    "argsort", "cumulative_prod", "cumulative_sum", "linear_recurrence", "record_positions",
    "searchsorted", "top_k",
    "convolve",  # of integers
}  # fmt: skip


def leaves(sample: Sample, dtype: str) -> list[cr.Tensor]:
    inputs = sample.primitive.prepare(sample.arrays(dtype))
    return [cr.tensor(t.value, t.dtype, requires_grad=t.dtype.is_floating) for t in inputs]


def floating(inputs: list[cr.Tensor]) -> list[int]:
    return [k for k, t in enumerate(inputs) if t.dtype.is_floating]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@each_sample
def test_compiled_equals_eager(sample: Sample, dtype: str) -> None:
    inputs = leaves(sample, dtype)
    call: Any = sample.call
    if sample.primitive.differentiable:
        call = with_gradients(call, floating(inputs))
    assert_same(cr.compile(call)(*inputs), call(*inputs))


def test_all_others_are_native() -> None:
    called = set()
    for sample in ALL:
        lowered = cr.compile(sample.call).lower(*leaves(sample, "float32")).lowered
        if any(isinstance(kernel, Call) for kernel in lowered.program.kernels):
            called.add(sample.name)
    assert called == CALLED
