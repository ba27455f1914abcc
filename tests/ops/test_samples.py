"""Every primitive, on its samples: its rules tell the truth about its kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.ops.samples import ALL, Sample, each_sample

import chainrule as cr
from chainrule import dtypes
from chainrule.dtypes import Array
from chainrule.graph import PRIMITIVES, Tensor

HALF = [dtypes.float16, dtypes.bfloat16]


def results(value: Any) -> tuple[Tensor, ...]:
    """Return the results of an operation, of which there may be several."""
    return value if isinstance(value, tuple) else (value,)


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_every_primitive_has_samples(name: str) -> None:
    assert any(sample.name == name for sample in ALL)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@each_sample
def test_results_have_the_type_that_the_rules_say(sample: Sample, dtype: str) -> None:
    inputs = sample.primitive.prepare(sample.arrays(dtype))
    predicted = sample.primitive.infer([t.type for t in inputs], sample.attributes)
    values = sample.primitive.compute([t.value for t in inputs], sample.attributes)
    for kind, value in zip(
        predicted if isinstance(predicted, tuple) else (predicted,),
        values if isinstance(values, tuple) else (values,),
        strict=True,
    ):
        assert np.shape(value) == kind.shape
        assert np.asarray(value).dtype == kind.dtype.compute


@each_sample
def test_a_symbolic_node_has_the_same_type(sample: Sample) -> None:
    inputs = sample.primitive.prepare(sample.arrays())
    placeholders = [cr.input(f"x{k}", t.shape, t.dtype) for k, t in enumerate(inputs)]
    symbolic = results(sample.call(*placeholders))
    assert [t.type for t in symbolic] == [t.type for t in results(sample.call(*inputs))]
    unknown = [cr.input(f"x{k}", None, t.dtype) for k, t in enumerate(inputs)]
    for node, known in zip(results(sample.call(*unknown)), symbolic, strict=True):
        assert (node.type.shape, node.dtype) == (None, known.dtype)


@each_sample
def test_a_graph_computes_the_same(sample: Sample) -> None:
    inputs = sample.primitive.prepare(sample.arrays())
    placeholders = [cr.input(f"x{k}", t.shape, t.dtype) for k, t in enumerate(inputs)]
    outputs = results(sample.call(*placeholders))
    graph = cr.ComputationalGraph(outputs, order=placeholders)
    for found, expected in zip(
        graph.forward(*[t.value for t in inputs]), results(sample.call(*inputs)), strict=True
    ):
        np.testing.assert_array_equal(found, expected.value)


@each_sample
def test_the_kernel_leaves_its_inputs_alone(sample: Sample) -> None:
    arrays = sample.arrays()
    before = [array.copy() for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    sample.call(*arrays)
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)


def turned(array: Array) -> Array:
    """Return equal values whose first axis is innermost in memory."""
    return np.array(array, order="F")


def spaced(array: Array) -> Array:
    """Return equal values with gaps in between, in reverse order in memory."""
    wide = np.zeros([2 * n for n in array.shape], array.dtype)
    view = wide[(..., *[slice(None, None, -2)] * array.ndim)]
    view[...] = array
    return view


@pytest.mark.parametrize("layout", [turned, spaced])
@each_sample
def test_the_order_in_memory_does_not_matter(sample: Sample, layout: Any) -> None:
    arrays = sample.arrays()
    expected = results(sample.call(*arrays))
    found = results(sample.call(*map(layout, arrays)))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.value, other.value, rtol=1e-13, atol=1e-13, strict=True)


@each_sample
def test_inputs_may_be_broadcast_views(sample: Sample) -> None:
    """A view of one number (stride 0 everywhere) counts like an array full of it."""
    arrays = sample.arrays()
    if any(a.dtype.kind != "f" or not a.size for a in arrays):
        return
    views = [np.broadcast_to(a.flat[0], a.shape) for a in arrays]
    expected = results(sample.call(*[v.copy() for v in views]))
    for one, other in zip(results(sample.call(*views)), expected, strict=True):
        np.testing.assert_allclose(one.value, other.value, rtol=1e-13, strict=True)


@pytest.mark.parametrize("half", HALF, ids=str)
@each_sample
def test_half_precision_computes_in_float32(sample: Sample, half: dtypes.DType) -> None:
    arrays = sample.arrays("float32")
    if not all(a.dtype == np.float32 for a in arrays):
        return
    inputs = [cr.tensor(a, half) for a in arrays]
    singles = [t.value for t in inputs]
    for found, single in zip(
        results(sample.call(*inputs)), results(sample.call(*singles)), strict=True
    ):
        kind = half if single.dtype is dtypes.float32 and "dtype" not in sample.attributes else None
        assert found.dtype is (kind or single.dtype)
        np.testing.assert_array_equal(found.value, single.astype(found.dtype).value)
