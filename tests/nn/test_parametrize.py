"""Weights that are computed from others: training, state, copies, compiled steps, removal."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from tests.functional.samples import spaced

import chainrule as cr
from chainrule import nn, optim
from chainrule.errors import ArgumentError
from chainrule.ops.random import Generator


def singular(weight: cr.Tensor) -> float:
    return float(np.linalg.svd(weight.numpy().reshape(weight.shape[0], -1))[1][0])


def test_weight_norm_starts_from_the_weight_and_trains_both_parts() -> None:
    plain = nn.Linear(4, 3, dtype="float64")
    layer = nn.weight_norm(copy.deepcopy(plain))
    np.testing.assert_allclose(layer.weight.numpy(), plain.weight.numpy())
    assert type(layer).__name__ == "ParametrizedLinear"
    assert isinstance(layer, nn.Linear)
    assert list(layer.state_dict()) == [
        "bias", "parametrizations.weight.original0", "parametrizations.weight.original1",
    ]  # fmt: skip
    held = layer.parametrizations["weight"]
    held.original0.assign(held.original0 * 2)
    np.testing.assert_allclose(layer.weight.numpy(), 2 * plain.weight.numpy())


def test_a_compiled_step_trains_what_the_weight_is_computed_from() -> None:
    x = cr.tensor(spaced(6, 4))

    def trained(compiled: bool) -> dict[str, np.ndarray]:
        made = nn.Linear(4, 3, generator=Generator(0), dtype="float64")
        model = nn.Sequential(
            nn.spectral_norm(made, generator=Generator(2)), nn.Tanh(),
            nn.weight_norm(nn.Linear(3, 2, generator=Generator(1), dtype="float64")),
        )  # fmt: skip
        optimizer = optim.SGD(model.parameters(), lr=0.1)

        def step(x: cr.Tensor) -> cr.Tensor:
            optimizer.zero_grad()
            loss = (model(x) ** 2).sum()
            loss.backward()
            optimizer.step()
            return loss

        run = cr.compile(step) if compiled else step
        for _ in range(3):
            run(x)
        return model.state_dict()

    eager, native = trained(False), trained(True)
    for name, value in eager.items():
        np.testing.assert_allclose(native[name], value, rtol=1e-10, atol=1e-12)


def test_spectral_norm_makes_the_largest_singular_value_one() -> None:
    layer = nn.spectral_norm(nn.Conv2d(3, 8, 3, generator=Generator(0)), generator=Generator(1))
    before = layer.state_dict()
    for _ in range(30):
        layer(cr.ones((1, 3, 5, 5)))
    assert singular(layer.eval().weight) == pytest.approx(1, abs=1e-3)
    moved = layer.state_dict()
    assert (before["parametrizations.weight.0._u"] != moved["parametrizations.weight.0._u"]).any()
    layer(cr.ones((1, 3, 5, 5)))
    for name, value in layer.state_dict().items():  # evaluation moves nothing
        np.testing.assert_array_equal(value, moved[name])


def test_copies_and_loaded_states_compute_the_same() -> None:
    first = nn.spectral_norm(nn.Linear(4, 3)).eval()
    second = nn.spectral_norm(nn.Linear(4, 3)).eval()
    second.load_state_dict(first.state_dict())
    x = cr.tensor(spaced(2, 4), "float32")
    for other in (second, copy.deepcopy(first)):
        np.testing.assert_array_equal(other(x).numpy(), first(x).numpy())


def test_removal_leaves_an_ordinary_layer() -> None:
    layer = nn.weight_norm(nn.weight_norm(nn.Bilinear(2, 3, 2)), "bias")
    value = layer.weight.numpy()
    nn.remove_parametrizations(layer, "weight")
    assert sorted(layer.state_dict()) == [
        "parametrizations.bias.original0", "parametrizations.bias.original1", "weight",
    ]  # fmt: skip
    nn.remove_parametrizations(layer, "bias")
    assert type(layer) is nn.Bilinear
    assert sorted(layer.state_dict()) == ["bias", "weight"]
    np.testing.assert_array_equal(layer.weight.numpy(), value)


def test_errors_say_what_to_do() -> None:
    layer = nn.weight_norm(nn.Linear(2, 2))
    with pytest.raises(ArgumentError, match="parametrised already"):
        nn.weight_norm(layer)
    with pytest.raises(ArgumentError, match="weight, bias"):
        nn.weight_norm(nn.Linear(2, 2), "kernel")
    with pytest.raises(ArgumentError, match="remove_parametrizations"):
        layer.weight = nn.Parameter(cr.ones((2, 2)))
    with pytest.raises(ArgumentError, match="no parametrisations"):
        nn.remove_parametrizations(nn.Linear(2, 2))
    with pytest.raises(ArgumentError, match="n_power_iterations"):
        nn.spectral_norm(nn.Linear(2, 2), n_power_iterations=0)
