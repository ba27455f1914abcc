"""Inference keeps what depends on parameters alone, and notices when they change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import functional as F
from chainrule import nn, optim


def network(batch: int = 8) -> tuple[nn.Module, cr.Tensor]:
    cr.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
        nn.Conv2d(32, 32, 3, padding=1), nn.GlobalAvgPool(), nn.Linear(32, 64),
    ).eval()  # fmt: skip
    return model, cr.random.normal((batch, 3, 12, 12))


def kept(compiled: Any) -> int:
    return sum(row["once"] for row in compiled.report().table())


def assert_follows(compiled: Any, model: nn.Module, x: cr.Tensor) -> None:
    np.testing.assert_allclose(compiled(x).numpy(), model(x).numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("convolution", ["exact", "fast"])
def test_parameters_are_prepared_once(convolution: str) -> None:
    model, x = network()
    compiled = cr.compile(lambda x: model(x), convolution=convolution)
    for _ in range(3):
        assert_follows(compiled, model, x)
    assert kept(compiled) > 0
    assert "run only when parameters have changed" in str(compiled.report())


def test_an_assignment_is_noticed() -> None:
    model, x = network()
    compiled = cr.compile(lambda x: model(x), convolution="fast")
    assert_follows(compiled, model, x)
    for parameter in model.parameters():
        parameter.assign(parameter.numpy() * 1.5 + 0.1)
        assert_follows(compiled, model, x)
    state = {k: v * np.asarray(0.5).astype(v.dtype) for k, v in model.state_dict().items()}
    model.load_state_dict(state)
    assert_follows(compiled, model, x)


def test_a_compiled_step_of_training_is_noticed() -> None:
    model, x = network()
    labels = np.arange(8)
    compiled = cr.compile(lambda x: model(x))
    optimizer = optim.SGD(model.parameters(), lr=0.5)

    @cr.compile
    def step(x: cr.Tensor, labels: cr.Tensor) -> cr.Tensor:
        loss = F.cross_entropy(model(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    for _ in range(3):
        assert_follows(compiled, model, x)
        step(x, labels)
    assert_follows(compiled, model, x)


def test_what_a_program_changes_itself_is_not_kept() -> None:
    weight = nn.Parameter(np.eye(64, dtype=np.float32))

    @cr.compile
    def step(x: cr.Tensor) -> cr.Tensor:
        y = x @ weight.T
        weight.assign(weight * 2.0)
        return y

    x = cr.ones((8, 64))
    assert [step(x).numpy()[0, 0] for _ in range(3)] == [1.0, 2.0, 4.0]
    assert kept(step) == 0


def test_nothing_is_kept_where_memory_is_limited() -> None:
    model, x = network()
    compiled = cr.compile(lambda x: model(x), memory_limit=1 << 30)
    assert_follows(compiled, model, x)
    assert kept(compiled) == 0


def test_many_batches_in_one_call() -> None:
    model, x = network()
    compiled = cr.compile(lambda x: model(x), convolution="fast")
    wanted = np.stack([model(x).numpy(), model(x * 2.0).numpy()])
    batches = np.stack([x.numpy(), 2 * x.numpy()])
    found = compiled.over(batches.reshape(-1, *x.shape[1:]))(np.arange(16).reshape(2, 8))
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-4, atol=1e-5)
