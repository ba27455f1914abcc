"""One test for each promise of the README, in a few seconds: the first thing to run."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as cr
from chainrule import functional as F
from chainrule import nn, optim


def test_a_graph_runs_forward_and_backward() -> None:
    x, y, z = cr.input("x"), cr.input("y"), cr.input("z")
    graph = cr.ComputationalGraph(outputs=(x + y) * z)
    assert graph.forward(x=1.0, y=-3.0, z=4.0) == -8.0
    assert graph.backward() == {"x": 4.0, "y": 4.0, "z": -2.0}


def test_eager_tensors_compute_at_once() -> None:
    w = cr.tensor([[1.0, 2.0]], requires_grad=True)
    (w * w).sum().backward()
    assert w.grad is not None
    assert w.grad.tolist() == [[2.0, 4.0]]


def test_functions_are_differentiated_again() -> None:
    assert cr.grad(cr.grad(lambda x: x**3))(2.0).item() == 12.0


def test_a_jacobian_knows_its_structure() -> None:
    jacobian = cr.jacobian(cr.relu, cr.tensor(np.ones((16, 4096), np.float32)))
    assert jacobian.shape == (65536, 65536)
    assert jacobian.nbytes < 1_000_000


def test_a_new_operation_is_its_value_and_its_chain_rule() -> None:
    class Cube(cr.Op):
        def forward(self, x: Any) -> Any:
            return x**3

        def backward(self, g: Any, x: Any) -> Any:
            return g * 3 * x * x

    cr.check_gradients(Cube(), [cr.tensor([1.0, -2.0])])


def test_a_network_learns_xor() -> None:
    inputs = cr.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    targets = cr.tensor([0, 1, 1, 0])
    cr.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
    optimizer = optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    for _ in range(200):
        optimizer.zero_grad()
        F.cross_entropy(model(inputs), targets).backward()
        optimizer.step()
    assert model(inputs).numpy().argmax(axis=1).tolist() == [0, 1, 1, 0]
