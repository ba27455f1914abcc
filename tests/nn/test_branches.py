"""Containers with several inputs and outputs: nested tuples, shared parameters, wrong inputs."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn
from chainrule.errors import ArgumentError, ShapeError


def test_tables_nest() -> None:
    inner = nn.ParallelTable(nn.Lambda(cr.negative), nn.Identity())
    model = nn.Sequential(
        nn.ConcatTable(nn.Identity(), nn.ConcatTable(nn.Identity(), nn.ReLU())),
        nn.ParallelTable(nn.Identity(), inner),
    )
    a, (b, c) = model(cr.tensor([-1.0, 2.0]))
    assert (a.tolist(), b.tolist(), c.tolist()) == ([-1, 2], [1, -2], [0, 2])


def test_a_graph_of_tables_is_compiled_with_its_gradients() -> None:
    model = nn.Sequential(
        nn.ConcatTable(nn.Linear(3, 3), nn.Sequential(nn.Linear(3, 3), nn.Tanh())),
        nn.MapTable(nn.Linear(3, 2)),
        nn.ConcatTable(nn.CMulTable(), nn.CAddTable(), nn.SelectTable(0)),
        nn.FlattenTable(),
    )

    def step(x: cr.Tensor) -> tuple[object, ...]:
        outputs = model(x)
        (outputs[0] * outputs[1] + outputs[2]).sum().backward()
        gradients = [p.grad for p in model.parameters()]
        model.zero_grad()
        return (*outputs, *gradients)

    x = cr.random.normal((4, 3), generator=cr.Generator(1))
    for mine, other in zip(cr.compile(step)(x), step(x), strict=True):
        np.testing.assert_allclose(mine.numpy(), other.numpy(), rtol=2e-5, atol=1e-5)


def test_the_gradient_of_the_input_is_the_sum_over_the_branches() -> None:
    x = cr.tensor([1.0, 2.0], requires_grad=True)
    a, b = nn.ConcatTable(nn.Lambda(lambda v: 3 * v), nn.Lambda(lambda v: v * v))(x)
    (a + b).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [3 + 2, 3 + 4]


def test_map_table_has_one_set_of_parameters() -> None:
    model = nn.MapTable(nn.Linear(2, 1))
    assert model.num_parameters() == 3
    model((cr.ones((1, 2)), cr.ones((1, 2))))[1].sum().backward()
    assert model.module.weight.grad.tolist() == [[1.0, 1.0]]


def test_bottle_gives_the_first_axes_back() -> None:
    layer = nn.Conv2d(2, 3, 2)
    x = cr.random.normal((4, 5, 2, 3, 3), generator=cr.Generator(0))
    y = nn.Bottle(layer, input_dims=4)(x)
    np.testing.assert_array_equal(y[1].numpy(), layer(x[1]).numpy())
    assert nn.Bottle(nn.Linear(3, 2))(cr.ones((0, 7, 3))).shape == (0, 7, 2)


def test_depth_concat_centres_what_is_smaller() -> None:
    ones = [nn.Lambda(lambda x, n=n: cr.ones((1, 1, n))) for n in (5, 2, 1)]
    y = nn.DepthConcat(*ones)(cr.zeros((1,)))
    assert y.tolist() == [[[1, 1, 1, 1, 1], [0, 1, 1, 0, 0], [0, 0, 1, 0, 0]]]


def test_what_is_no_tuple_is_an_error() -> None:
    x = cr.ones((2, 3))
    with pytest.raises(ArgumentError, match="a tuple of 2 entries; received Tensor"):
        nn.ParallelTable(nn.ReLU(), nn.ReLU())(x)
    with pytest.raises(ArgumentError, match="a tuple of 2 entries; received 3 entries"):
        nn.ParallelTable(nn.ReLU(), nn.ReLU())((x, x, x))
    with pytest.raises(ArgumentError, match="a tuple of tensors; received Tensor"):
        nn.MapTable(nn.ReLU())(x)
    with pytest.raises(ShapeError, match="at least input_dims = 4 axes"):
        nn.Bottle(nn.ReLU(), 4)(x)
    with pytest.raises(ArgumentError, match="requires modules; received function"):
        nn.ConcatTable(lambda x: x)  # type: ignore[arg-type]
