"""Checkpoints: the same gradients, of values that are computed again."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn, optim


def plain(function: Callable[..., Any], *args: Any) -> Any:
    return function(*args)


def wrap(function: Callable[..., Any], compiled: bool) -> Any:
    return cr.compile(function) if compiled else function


class Net(nn.Module):
    """Blocks of batch norm, a nonlinearity and dropout, each through ``call``."""

    def __init__(self, blocks: int, layers: int, width: int, call: Any = plain) -> None:
        cr.random.manual_seed(1)
        self.call = call
        self.blocks = nn.Sequential(*[
            nn.Sequential(*[
                nn.Sequential(nn.Linear(width, width), nn.BatchNorm1d(width), nn.Tanh(),
                              nn.Dropout(0.2))
                for _ in range(layers)
            ])
            for _ in range(blocks)
        ])  # fmt: skip

    def forward(self, x: Any) -> Any:
        for block in self.blocks:
            x = self.call(block, x)
        return x


def trained(call: Any, compiled: bool) -> tuple[list[float], dict[str, Any], int]:
    net = Net(3, 2, 6, call)
    optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)

    def step(x: Any) -> Any:
        loss = (net(x) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    step = wrap(step, compiled)
    x = np.random.default_rng(0).standard_normal((8, 6)).astype(np.float32)
    losses = [step(x).item() for _ in range(3)]
    return losses, net.state_dict(), cr.random.default_generator().state_dict()["counter"]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("nested", [False, True])
def test_training_is_the_same(compiled: bool, nested: bool) -> None:
    def twice(function: Any, x: Any) -> Any:
        return cr.checkpoint(lambda x: cr.checkpoint(function, x) * 1.0, x)

    losses, state, drawn = trained(twice if nested else cr.checkpoint, compiled)
    expected, expected_state, expected_drawn = trained(plain, compiled)
    np.testing.assert_allclose(losses, expected, rtol=1e-6)
    assert drawn == expected_drawn
    for name, value in expected_state.items():  # running statistics among them
        np.testing.assert_allclose(state[name], value, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("compiled", [False, True])
def test_derivatives_of_any_order(compiled: bool) -> None:
    w = cr.tensor([0.3, -0.7], requires_grad=True)

    def f(x: Any) -> Any:
        return cr.checkpoint(lambda x: (cr.sin(x * w) * x).sum(), x)

    def g(x: Any) -> Any:
        return (cr.sin(x * w) * x).sum()

    x = cr.tensor([0.5, 1.5])
    for order in (lambda h: cr.grad(h), lambda h: cr.hessian(h)):
        got, expected = wrap(order(f), compiled)(x), order(g)(x)
        np.testing.assert_allclose(got.value, expected.value, rtol=1e-5, atol=1e-6)
    cr.check_gradients(f, [cr.tensor([0.5, 1.5], dtype="float64")])


def test_structures_and_what_needs_no_gradient() -> None:
    x, outside = cr.tensor([1.0, 2.0], requires_grad=True), cr.tensor([4.0, 5.0])
    kept = x * 2
    result = cr.checkpoint(
        lambda pair: {"y": pair[0] * kept, "n": cr.argmax(pair[0]), "o": outside, "t": "text"},
        (x, outside),
    )
    assert result["o"] is outside
    assert result["t"] == "text"
    assert result["n"].item() == 1
    result["y"].sum().backward()
    np.testing.assert_allclose(x.grad.value, [4.0, 8.0])
    with cr.no_grad():
        assert not cr.checkpoint(lambda x: x * 2, x).requires_grad


def test_inner_values_are_let_go() -> None:
    seen: list[Any] = []

    def f(x: Any) -> Any:
        inner = cr.exp(x)
        seen.append(weakref.ref(inner))
        return cr.sin(inner)

    y = cr.checkpoint(f, cr.tensor([1.0], requires_grad=True))
    assert seen[0]() is None
    y.sum().backward()
    assert len(seen) == 1  # the function itself ran once


def test_a_leaf_that_changed_since_keeps_the_value_that_was_seen() -> None:
    x, scale = cr.tensor([2.0], requires_grad=True), cr.tensor([3.0])
    y = cr.checkpoint(lambda x: x * x * scale, x)
    scale.assign([100.0])
    y.sum().backward()
    assert x.grad.item() == 12.0


def test_a_parameter_that_changed_since_is_an_error() -> None:
    w = cr.tensor([2.0], requires_grad=True)
    y = cr.checkpoint(lambda x: cr.sin(x * w), cr.tensor([1.0]))
    w.assign([3.0])
    with pytest.raises(cr.errors.GradientError, match="assigned"):
        y.sum().backward()


def test_a_loop_in_time_is_computed_again() -> None:
    w = cr.tensor([0.5, 0.8], requires_grad=True)
    xs = cr.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])

    def loop(xs: Any) -> Any:
        return cr.scan(lambda c, x: (cr.tanh(c * w + x), None), cr.zeros(2), xs)[0]

    for call in (cr.checkpoint, plain):
        call(loop, xs).sum().backward()
    gradient = w.grad.value / 2
    w.grad = None
    loop(xs).sum().backward()
    np.testing.assert_allclose(gradient, w.grad.value, rtol=1e-6)


def test_the_plan_of_a_deep_net_shrinks() -> None:
    def temporaries(call: Any) -> int:
        net = Net(7, 7, 16, call)
        gradients = cr.compile(lambda x: _gradients(net, x))
        return int(gradients.memory_plan(np.zeros((64, 16), np.float32))["temporaries"])

    assert temporaries(cr.checkpoint) < 0.35 * temporaries(plain)


def _gradients(net: Net, x: Any) -> Any:
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    loss = (net(x) ** 2).mean()
    loss.backward()
    optimizer.step()
    return loss


def test_a_graph_shows_values_and_gradients() -> None:
    x = cr.input("x", shape=(2,))
    graph = cr.ComputationalGraph(cr.checkpoint(lambda x: cr.exp(cr.sin(x)), x).sum())
    graph.forward(x=[0.5, 1.0])
    expected = np.exp(np.sin([0.5, 1.0])) * np.cos([0.5, 1.0])
    np.testing.assert_allclose(graph.backward()["x"], expected, rtol=1e-6)
