"""Layers that learn the size of their input from the first call."""

from __future__ import annotations

import pytest

import chainrule as cr
from chainrule import nn
from chainrule.errors import ArgumentError, GraphError, ShapeError
from chainrule.ops.random import Generator


def test_a_model_learns_its_sizes_and_is_an_ordinary_one_then() -> None:
    model = nn.Sequential(
        nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(2, bias=False)
    ).eval()
    assert list(model.parameters()) == []
    model(cr.ones((1, 3, 6, 6)))
    assert [type(m) for m in model] == [nn.Conv2d, nn.BatchNorm2d, nn.Flatten, nn.Linear]
    assert model[3].weight.shape == (2, 64)
    assert not any(m.training for m in model.modules())
    assert model[0](cr.ones((2, 3, 8, 8))).shape == (2, 4, 6, 6)


def test_the_seed_decides_as_in_the_ordinary_layer() -> None:
    lazy = nn.LazyLinear(3, generator=Generator(5))
    lazy(cr.ones((1, 4)))
    plain = nn.Linear(4, 3, generator=Generator(5))
    assert lazy.weight.tolist() == plain.weight.tolist()


def test_errors() -> None:
    with pytest.raises(GraphError, match="call the model once"):
        cr.compile(nn.LazyLinear(3))(cr.ones((1, 4)))
    with pytest.raises(ShapeError, match="axis -3"):
        nn.LazyConv2d(4, 3)(cr.ones((3,)))
    with pytest.raises(ArgumentError, match="arguments of Linear"):
        nn.LazyLinear()(cr.ones((1, 4)))
