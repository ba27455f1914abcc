"""Containers behave as the lists and dictionaries that they stand for."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn
from chainrule.errors import ArgumentError


def test_sequential_is_a_sequence() -> None:
    a, b, c = nn.ReLU(), nn.Tanh(), nn.Linear(2, 2)
    model = nn.Sequential(a, b)
    assert model.append(c) is model
    assert (len(model), model[0], model[-1]) == (3, a, c)
    assert list(model) == [a, b, c]
    part = model[1:]
    assert isinstance(part, nn.Sequential)
    assert list(part) == [b, c]
    model[0] = b
    assert model[0] is b
    assert model.extend([a, a])[4] is a
    for index in (5, -6, "5"):
        with pytest.raises(IndexError, match="Sequential of 5 modules"):
            model[index]


def test_sequential_by_name() -> None:
    for mapping in ({"in": nn.ReLU(), "out": nn.Tanh()}, OrderedDict(a=nn.ReLU(), b=nn.Tanh())):
        model = nn.Sequential(mapping)
        assert [name for name, _ in model.named_children()] == list(mapping)
        assert model[0] is model[next(iter(mapping))]


def test_an_empty_sequential_is_the_identity() -> None:
    x = cr.ones(2)
    assert nn.Sequential()(x) is x


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: nn.Sequential(nn.ReLU), "received ReLU; wrap a function in nn.Lambda"),
        (lambda: nn.Sequential(nn.ReLU(), cr.tanh), "requires modules"),
        (lambda: nn.Sequential({"a.b": nn.ReLU()}), "name without a dot"),
        (lambda: nn.Sequential({"forward": nn.ReLU()}), "not that of a method"),
        (lambda: nn.ModuleDict({"": nn.ReLU()}), "received ''"),
        (lambda: nn.ModuleList([1]), "received int"),
        (lambda: nn.Residual(cr.tanh), "requires modules"),
    ],
)
def test_what_is_no_module_is_refused(make: Any, text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        make()


def test_module_list() -> None:
    layers = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
    assert len(layers) == 3
    assert len(list(layers.parameters())) == 6
    assert len(layers[:2]) == 2
    assert nn.ModuleList().append(layers[0])[0] is layers[0]
    with pytest.raises(NotImplementedError, match="ModuleList must define forward"):
        layers(cr.ones(2))


def test_module_dict() -> None:
    heads = nn.ModuleDict({"a": nn.ReLU()})
    heads["b"] = nn.Tanh()
    heads.update({"a": nn.Linear(2, 2)})
    assert list(heads) == heads.keys() == ["a", "b"]
    assert "a" in heads
    assert "c" not in heads
    assert [type(m).__name__ for m in heads.values()] == ["Linear", "Tanh"]
    assert [name for name, _ in heads.items()] == ["a", "b"]
    assert [name for name, _ in heads.named_parameters()] == ["a.weight", "a.bias"]


def test_residual_with_a_shortcut() -> None:
    model = nn.Residual(nn.Lambda(lambda x: x * 2), nn.Lambda(lambda x: x * 10))
    assert model(cr.tensor([1.0])).tolist() == [12.0]


def test_parallel_needs_a_slice_for_each_module() -> None:
    with pytest.raises(ArgumentError, match="2 slices along axis 1; received 3"):
        nn.Parallel(nn.ReLU(), nn.ReLU())(cr.ones((2, 3)))


def test_lists_and_dictionaries_of_parameters() -> None:
    listed = nn.ParameterList([np.ones(2, np.float32)]).append(nn.Parameter(np.zeros(3)))
    listed[-1] = np.ones(4)
    assert [p.shape for p in listed] == [(2,), (4,)]
    assert all(isinstance(p, nn.Parameter) for p in listed)
    with pytest.raises(LookupError, match="ParameterList of 2 parameters has no 2"):
        listed[2]
    named = nn.ParameterDict({"a": np.ones(2)})
    named["b"] = np.zeros(1)
    assert named.keys() == ["a", "b"]
    assert "a" in named
    assert [name for name, _ in named.items()] == ["a", "b"]
    with pytest.raises(ArgumentError, match="not that of a method; received 'update'"):
        named["update"] = np.ones(1)
