"""The graphs that the pages of the tests show."""

from __future__ import annotations

import numpy as np

import chainrule as cr
from chainrule import functional as F
from chainrule import nn
from chainrule.graph import ComputationalGraph, Tensor
from chainrule.models import lenet
from chainrule.viz import model_graph

random = np.random.Generator(np.random.Philox(0))


def lecture() -> ComputationalGraph:
    """f = (x + y) * z at x = -2, y = 5, z = -4: q = 3, f = -12, gradients -4, -4 and 3."""
    x, y, z = cr.input("x"), cr.input("y"), cr.input("z")
    q = x + y
    q.name = "q"
    f = q * z
    f.name = "f"
    graph = ComputationalGraph(f)
    graph.forward(x=-2.0, y=5.0, z=-4.0)
    graph.backward()
    return graph


def neuron() -> ComputationalGraph:
    """The lecture's sigmoid neuron, written out."""
    w0, x0, w1, x1, w2 = (cr.input(name) for name in ("w0", "x0", "w1", "x1", "w2"))
    graph = ComputationalGraph(1 / (1 + cr.exp(-(w0 * x0 + w1 * x1 + w2))))
    graph.forward(w0=2.0, x0=-1.0, w1=-3.0, x1=-2.0, w2=-3.0)
    graph.backward()
    return graph


def three_layers() -> ComputationalGraph:
    model = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 2))
    graph = model_graph(model, (1, 4))
    graph.forward(random.standard_normal((1, 4)).astype(np.float32))
    graph.backward(np.float32([[1, 0]]))
    return graph


def digits() -> ComputationalGraph:
    """LeNet, run on noise."""
    graph = model_graph(lenet((1, 28, 28), 10), (1, 1, 28, 28))
    graph.forward(random.standard_normal((1, 1, 28, 28)).astype(np.float32))
    graph.backward(np.eye(10, dtype=np.float32)[:1])
    return graph


class Inception(nn.Module):
    """Four branches side by side, joined: some boxes in boxes."""

    def __init__(self) -> None:
        self.one = nn.Conv2d(3, 2, 1)
        self.three = nn.Sequential(nn.Conv2d(3, 2, 1), nn.ReLU(), nn.Conv2d(2, 4, 3, padding=1))
        self.five = nn.Sequential(nn.Conv2d(3, 2, 1), nn.ReLU(), nn.Conv2d(2, 4, 5, padding=2))
        self.pool = nn.MaxPool2d(3, stride=1, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return cr.concat([self.one(x), self.three(x), self.five(x), self.pool(x)], axis=1)


def inception(run: bool = True) -> ComputationalGraph:
    """Two of them with something before, between and after; a skip past one."""

    class Net(nn.Module):
        def __init__(self) -> None:
            self.stem = nn.Conv2d(3, 3, 3, padding=1)
            self.first, self.second = Inception(), Inception()
            self.narrow = nn.Conv2d(13, 3, 1)
            self.classifier = nn.Linear(13, 5)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.stem(x))
            x = x + self.narrow(self.first(x))
            return self.classifier(cr.mean(self.second(x), axis=(2, 3)))

    graph = model_graph(Net(), (1, 3, 8, 8))
    if run:
        graph.forward(random.standard_normal((1, 3, 8, 8)).astype(np.float32))
        graph.backward(np.eye(5, dtype=np.float32)[:1])
    return graph
