"""Tracing records a function's graph, its assignments, and what it relied on."""

from __future__ import annotations

import pytest

import chainrule as cr
from chainrule import functional as F
from chainrule import nn, optim
from chainrule.graph import active_trace, tracing


def test_operations_are_recorded_instead_of_computed() -> None:
    x = cr.tensor([1.0, 2.0])
    with tracing() as trace:
        assert active_trace() is trace
        y = x * 3
    assert active_trace() is None
    assert y.symbolic
    assert y.shape == (2,)
    assert cr.ComputationalGraph(y).forward().tolist() == [3.0, 6.0]


def test_later_operations_see_an_assigned_value() -> None:
    counter = cr.tensor(1.0)
    with tracing() as trace:
        counter.assign(counter + 1)
        counter.assign(counter * 10)
        result = counter - 5
    assert counter.item() == 1.0
    assert cr.ComputationalGraph(result).forward() == 15.0
    (leaf, value) = trace.updates[id(counter)]
    assert leaf is counter
    assert cr.ComputationalGraph(value).forward() == 20.0


def test_numbers_and_facts() -> None:
    holder = {"lr": 0.5, "nesterov": True}
    with tracing() as trace:
        assert trace.number(lambda: holder["lr"]).item() == 0.5
        assert trace.rely(lambda: holder["nesterov"]) is True
    assert trace.still_holds()
    assert [read() for _, read in trace.numbers] == [0.5]
    holder["nesterov"] = False
    assert not trace.still_holds()


def test_a_whole_training_step_is_one_graph() -> None:
    cr.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2))
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    x, y = cr.random.normal((5, 3)), cr.tensor([0, 1, 0, 1, 0])

    def step() -> cr.Tensor:
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    with tracing() as trace:
        loss = step()
    values = [value for _, value in trace.updates.values()]
    traced_loss, *updated = cr.ComputationalGraph([loss, *values]).forward()
    leaves = [leaf for leaf, _ in trace.updates.values()]
    optimizer.zero_grad()
    assert step().item() == pytest.approx(traced_loss, rel=1e-6)
    for leaf, value in zip(leaves, updated, strict=True):
        assert leaf.numpy() == pytest.approx(value, rel=1e-5, abs=1e-6)


def test_training_mode_is_something_a_trace_relies_on() -> None:
    model = nn.Sequential(nn.Dropout(0.5))
    with tracing() as trace:
        model(cr.tensor([1.0]))
    assert trace.still_holds()
    model.eval()
    assert not trace.still_holds()


def test_a_value_asked_for_in_a_trace_is_an_error() -> None:
    x = cr.tensor([1.0])
    with tracing(), pytest.raises(cr.errors.GraphError, match="requires a value"):
        (x + 1).item()
