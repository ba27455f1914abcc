"""Networks of 1 to 300 layers in one line; signals and gradients get through."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import functional as F
from chainrule import nn
from chainrule.errors import ArgumentError
from chainrule.nn import mlp
from chainrule.ops.random import Generator


@pytest.mark.parametrize(
    "sizes", [(4, 3), ([4, 3],), (4, [5], 3), (4, 5, 6, 3), ([4, 5], 6, [3]), (4, [], 3)]
)
def test_sizes_come_one_by_one_or_in_lists(sizes: Any) -> None:
    flat = [n for size in sizes for n in (size if isinstance(size, list) else [size])]
    model = nn.MLP(*sizes)
    widths = [layer.in_features for layer in model if isinstance(layer, nn.Linear)]
    assert [*widths, 3] == flat
    assert model(cr.ones((2, 4))).shape == (2, 3)


@pytest.mark.parametrize("activation", sorted(mlp._ACTIVATIONS))
def test_signals_and_gradients_get_through_100_layers(activation: str) -> None:
    model = nn.MLP(50, [50] * 100, 10, activation=activation, generator=Generator(0))
    x = cr.random.normal((4, 50), generator=Generator(1))
    y = model(x)
    F.cross_entropy(y, [0, 1, 2, 3]).backward()
    first = model[0].weight.grad
    assert first is not None
    assert 1e-4 < y.numpy().std() < 100
    assert 1e-6 < np.linalg.norm(first.numpy()) < 1e4


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_300_layers(activation: str) -> None:
    model = nn.MLP(20, [30] * 300, 5, activation=activation, generator=Generator(0))
    assert sum(isinstance(layer, nn.Linear) for layer in model) == 301
    loss = F.cross_entropy(model(cr.ones((2, 20))), [0, 1])
    loss.backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert np.isfinite(parameter.grad.numpy()).all(), name
    first = model[0].weight.grad
    assert first is not None
    assert np.abs(first.numpy()).max() > 1e-8


def test_the_order_inside_of_a_hidden_layer() -> None:
    model = nn.MLP(4, 5, 3, activation=nn.Tanh, norm="batch", dropout=0.1)
    kinds = [type(layer).__name__ for layer in model]
    assert kinds == ["Linear", "BatchNorm1d", "Tanh", "Dropout", "Linear"]
    assert model[3].p == 0.1


@pytest.mark.parametrize("init", ["auto", "default", *mlp._INITIALISERS])
def test_a_seed_decides_the_start(init: str) -> None:
    a, b = (nn.MLP(4, 5, 3, init=init, generator=Generator(7)) for _ in range(2))
    for p, q in zip(a.parameters(), b.parameters(), strict=True):
        np.testing.assert_array_equal(p.numpy(), q.numpy())


def test_orthogonal_start() -> None:
    w = nn.MLP(6, 6, init="orthogonal", dtype="float64")[0].weight.numpy()
    np.testing.assert_allclose(w @ w.T, np.eye(6), atol=1e-12)


def test_sigmoid_starts_as_a_tanh_network() -> None:
    """The biases of the second layer take the mean 1/2 of the first away."""
    model = nn.MLP(4, 50, 3, activation="sigmoid", dtype="float64")
    second = model[2]
    np.testing.assert_allclose(second.bias.numpy(), -0.5 * second.weight.numpy().sum(axis=1))


def test_without_bias() -> None:
    model = nn.MLP(4, 5, 3, bias=False, activation="sigmoid")
    assert [name for name, _ in model.named_parameters()] == ["0.weight", "2.weight"]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: nn.MLP(3), "at least 2 sizes"),
        (lambda: nn.MLP(3, 0, 2), "each >= 1"),
        (lambda: nn.MLP(3, 2, activation="rlu"), "activation of 'celu'"),
        (lambda: nn.MLP(3, 2, init="_kaiming_std"), "init of 'auto'"),
        (lambda: nn.MLP(3, 2, norm="instance"), "norm of 'batch', 'layer', None"),
        (lambda: nn.MLP(3, 4, 2, dropout=1.5), "0 <= p <= 1"),
    ],
)
def test_errors(call: Any, text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        call()
