"""Graphs of models."""

from __future__ import annotations

import numpy as np

import chainrule as cr
from chainrule import nn
from chainrule.graph import Tensor
from chainrule.viz import model_graph, to_svg


class Twice(nn.Module):
    """Two layers that share a weight, and a buffer."""

    def __init__(self) -> None:
        self.weight = nn.Parameter(np.eye(3, dtype=np.float32))
        self.again = self.weight
        self.register_buffer("mean", np.zeros(3, np.float32))

    def forward(self, x: Tensor) -> Tensor:
        return cr.relu((x - self.mean) @ self.weight) @ self.again


def test_parameters_and_buffers_are_called_by_their_paths() -> None:
    outer = nn.Module()
    outer.inner = Twice()
    outer.forward = outer.inner  # type: ignore[method-assign]
    graph = model_graph(outer, (2, 3))
    assert {"input", "inner.weight", "inner.mean"} <= set(graph.names.values())
    assert len(graph) == 7, "a weight that is used twice is one node"
    assert outer.inner.weight.name == "weight", "the model itself stays as it is"
    assert graph["inner.weight"] is outer.inner.weight
    assert to_svg(graph).count('class="node parameter"') == 1


def test_a_function_with_several_results() -> None:
    graph = model_graph(lambda x: (x + 1, x * 2), (4,), name="x")
    assert [output.shape for output in graph.outputs] == [(4,), (4,)]
    assert [node.name for node in graph.inputs] == ["x"]


def test_a_path_never_takes_the_name_of_another_node() -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            self.input = nn.Parameter(1.0)

        def forward(self, x: Tensor) -> Tensor:
            return x * self.input

    graph = model_graph(Odd(), (2,))
    assert len(set(graph.names.values())) == len(graph)
    assert graph["input"].symbolic
