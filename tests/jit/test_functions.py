"""Every function of ``chainrule.functional`` on its samples: compiled equals eager."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.functional.samples import ALL, Sample
from tests.jit.helpers import assert_same, with_gradients

import chainrule as cr


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sample", ALL, ids=str)
def test_compiled_equals_eager(sample: Sample, dtype: str) -> None:
    """Inputs that are arrays are traced; numbers among them are static in both."""
    leaves = sample.leaves()
    places = [k for k, value in enumerate(leaves) if isinstance(value, np.ndarray)]
    inputs = [leaf(leaves[k], dtype) for k in places]

    def call(*given: Any) -> Any:
        arguments = sample.leaves()
        for k, value in zip(places, given, strict=True):
            arguments[k] = value
        return sample.call(*sample.filled(arguments))

    both = with_gradients(call, [k for k, t in enumerate(inputs) if t.requires_grad])
    assert_same(cr.compile(both)(*inputs), both(*inputs))


def leaf(value: np.ndarray, dtype: str) -> cr.Tensor:
    floating = value.dtype.kind == "f"
    return cr.tensor(value.astype(dtype) if floating else value, requires_grad=floating)
