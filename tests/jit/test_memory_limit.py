"""A limit on memory: values are computed again, and the results are the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn, optim

X = np.random.default_rng(0).standard_normal((64, 16)).astype(np.float32)


def step_of(limit: int | None) -> tuple[Any, nn.Module]:
    cr.random.manual_seed(0)
    net = nn.Sequential(*[
        nn.Sequential(nn.Linear(16, 16), nn.GELU(), nn.BatchNorm1d(16), nn.Dropout(0.1))
        for _ in range(8)
    ])  # fmt: skip
    optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)

    @cr.compile(memory_limit=limit)
    def step(x: Any) -> Any:
        loss = (net(x) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step, net


def test_a_plan_within_the_limit_and_the_same_bits() -> None:
    free, free_net = step_of(None)
    plan = free.memory_plan(X)
    fixed = plan["total"] - plan["temporaries"]
    losses = [free(X).item() for _ in range(3)]
    for part in (0.8, 0.6):
        limit = fixed + int(part * plan["temporaries"])
        step, net = step_of(limit)
        assert step.memory_plan(X)["total"] <= limit
        assert [step(X).item() for _ in range(3)] == losses
        for name, value in free_net.state_dict().items():
            np.testing.assert_array_equal(net.state_dict()[name], value)


def test_a_limit_that_is_met_already_changes_nothing() -> None:
    free, _ = step_of(None)
    roomy, _ = step_of(free.memory_plan(X)["total"])
    assert roomy.program_text(X) == free.program_text(X)


def test_what_cannot_be_reached_is_an_error_that_says_how_far_it_got() -> None:
    free, _ = step_of(None)
    step, _ = step_of(1000)
    least = step.memory_plan(X)["total"]
    assert least < free.memory_plan(X)["total"]
    with pytest.raises(cr.errors.MemoryLimitError, match=f"{least:,} bytes"):
        step(X)
