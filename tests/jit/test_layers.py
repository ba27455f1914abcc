"""Every layer and loss module on its samples: compiled equals eager, in training and evaluation.

Results, gradients of inputs and parameters, and the buffers that training moves.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from tests.jit.helpers import assert_close, assert_same, tolerance, with_gradients
from tests.nn.samples import MODES, Sample

import chainrule as cr
from chainrule import dtypes, nn


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("sample", "mode"), MODES, ids=str)
def test_compiled_equals_eager(sample: Sample, mode: str, dtype: str) -> None:
    ours, theirs = sample.make(dtype=dtype), sample.make(dtype=dtype)
    calls = []
    for made in (ours, theirs):
        getattr(made, mode)()
        places = [k for k, t in enumerate(sample.tensors(dtype)) if t.dtype.is_floating]
        call = partial(called, sample, made)
        calls.append(with_gradients(call, places, list(made.parameters())))
    compiled = cr.compile(calls[0])
    for _ in range(2):  # the second time with moved buffers and random counters
        assert_same(compiled(*leaves(sample, dtype)), calls[1](*leaves(sample, dtype)))
    state = ours.state_dict()
    for name, value in theirs.state_dict().items():
        assert_close(state[name], value, tolerance(dtypes.dtype(dtype)))


def called(sample: Sample, made: nn.Module, *tensors: cr.Tensor) -> list[Any]:
    return sample.call(made, tensors)


def leaves(sample: Sample, dtype: str) -> list[Any]:
    made = sample.tensors(dtype)
    return [cr.tensor(t.value, requires_grad=t.dtype.is_floating) for t in made]
