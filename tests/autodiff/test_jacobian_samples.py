"""The patterns of all primitives, functions and layers, on their samples.

A pattern that misses an entry is noticed by ``jacobian`` itself, with a warning, which is an error.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.functional import samples as functional
from tests.nn import samples as layers
from tests.nn.samples import activations
from tests.ops import samples as ops

import chainrule as cr


def dense_by_rows(f, x):
    y, pullback = cr.vjp(f, x)
    rows = [pullback(unit.reshape(y.shape))[0].value.ravel() for unit in np.eye(y.size)]
    return np.array(rows).reshape(y.size, x.size)


def check(f, inputs):
    """Compare the Jacobian with respect to each floating input with the one computed by rows."""
    for k, x in enumerate(inputs):
        if not isinstance(x, cr.Tensor) or not x.dtype.is_floating:
            continue
        of_one = lambda v, k=k: f(*inputs[:k], v, *inputs[k + 1 :])
        for part in range(len(results(of_one(x)))):
            one = lambda v, of_one=of_one, part=part: results(of_one(v))[part]
            if one(x).dtype.is_floating:
                operator = cr.jacobian(one, x)
                assert_allclose(operator.todense().value, dense_by_rows(one, x), atol=1e-12)


def results(value):
    return value if isinstance(value, tuple | list) else (value,)


SMALL = [s for s in ops.ALL if sum(x.size for x in s.arrays()) <= 500]


@pytest.mark.parametrize("sample", SMALL, ids=str)
def test_primitives(sample):
    inputs = sample.primitive.prepare(sample.arrays())
    check(sample.call, [x.detach() for x in inputs])


@pytest.mark.parametrize("sample", functional.ALL, ids=str)
def test_functions(sample):
    check(sample.call, [cr.tensor(x) if isinstance(x, np.ndarray) else x for x in sample.inputs])


def takes_one_floating_batch(sample):
    """Whether a layer maps each sample of one floating input to a result of its own."""
    (first, *more), shape = sample.inputs, sample.shape
    return sample.batched and not more and first.dtype.kind == "f" and first.shape[:1] == shape[:1]


@pytest.mark.parametrize("sample", list(filter(takes_one_floating_batch, layers.ALL)), ids=str)
def test_layers_that_work_on_each_sample_alone(sample):
    layer, x = sample.make().eval(), sample.inputs[0]
    operator = cr.jacobian(layer, x)
    assert operator.nnz <= operator.shape[0] * operator.shape[1] // len(x)


MIXING = ("GLU", "LogSoftmax", "Softmax", "Softmin")


@pytest.mark.parametrize(
    "sample", [s for s in activations.SAMPLES if s.name not in MIXING], ids=str
)
def test_elementwise_layers_have_diagonal_jacobians(sample):
    operator = cr.jacobian(sample.make(), sample.inputs[0])
    assert operator.structure == "diagonal"
    assert operator.sweeps == 1
