"""Every primitive on its samples: lowered, and after all passes, it is what NumPy computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.compiler.lower.running import Lowering, assert_close, assert_equal, several
from tests.ops.samples import ALL, Sample, each_sample

import chainrule as cr
from chainrule import dtypes


def graph(sample: Sample, inputs: list[cr.Tensor]) -> Lowering:
    symbols = [cr.input(f"x{k}", t.shape, t.dtype) for k, t in enumerate(inputs)]
    return Lowering(several(sample.call(*symbols)), (), symbols)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@each_sample
def test_programs_compute_what_the_kernels_do(sample: Sample, dtype: str) -> None:
    inputs = sample.primitive.prepare(sample.arrays(dtype))
    expected = [t.value for t in several(sample.call(*inputs))]
    for run in graph(sample, inputs).stages(*[t.value for t in inputs]):
        assert_close(run.outputs, expected)
        assert run.failed == []


@pytest.mark.parametrize("half", [dtypes.float16, dtypes.bfloat16], ids=str)
@each_sample
def test_half_precision_is_rounded_where_it_is_stored(sample: Sample, half: dtypes.DType) -> None:
    arrays = sample.arrays("float32")
    if not all(a.dtype == np.float32 for a in arrays):
        return
    inputs = [cr.tensor(a, half) for a in arrays]
    expected = several(sample.call(*inputs))
    eps = 2.0**-7 if half is dtypes.bfloat16 else 2.0**-10
    low = graph(sample, inputs)
    for found, node in zip(low.run(*[t.value for t in inputs]).outputs, expected, strict=True):
        rough = eps if node.dtype in (half, dtypes.float32) else 0.0
        np.testing.assert_allclose(found, node.value, rtol=rough, atol=rough)


def slopes(sample: Sample) -> Callable[..., list[cr.Tensor]]:
    """Return the function that gives the gradients of a weighted sum of a sample's results."""

    def weighted(*inputs: Any) -> Any:
        total: Any = 0.0
        for y in several(sample.call(*inputs)):
            if y.dtype.is_floating:
                weights = np.linspace(-1, 1, y.size).reshape(y.shape).astype(y.dtype.compute)
                total = total + (y * cr.asarray(weights)).sum()
        return total

    def gradients(*inputs: Any) -> list[cr.Tensor]:
        floating = tuple(k for k, x in enumerate(inputs) if x.dtype.is_floating)
        return list(cr.grad(weighted, floating)(*inputs)) if floating else []

    return gradients


@pytest.mark.parametrize("sample", [s for s in ALL if s.smooth], ids=str)
def test_gradients_are_programs_as_well(sample: Sample) -> None:
    inputs = sample.primitive.prepare(sample.arrays("float64"))
    if any(y.dtype.is_floating for y in several(sample.call(*inputs))):
        assert_equal(slopes(sample), *[t.value for t in inputs])
