"""Which nodes the calls of modules made."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn
from chainrule.graph import Tensor
from chainrule.viz.groups import Groups, find_groups


def model() -> nn.Sequential:
    inner = nn.Sequential(nn.ReLU(), nn.Linear(3, 2))
    return nn.Sequential(nn.Linear(2, 3), inner, nn.Dropout(0.5)).eval()


def places(graph: cr.ComputationalGraph) -> dict[str, str | None]:
    """The path of each node's innermost group, by the node's name."""
    found = find_groups(graph)
    paths = [None if k is None else found.groups[k].path for k in found.of]
    return dict(zip((graph.names[id(node)] for node in graph), paths, strict=True))


@pytest.mark.parametrize("kind", ["symbolic", "eager", "functional"])
def test_nodes_belong_to_the_layers_that_made_them(kind: str) -> None:
    net = model()
    x = cr.tensor(np.ones((1, 2)), "float32", name="x")
    if kind == "symbolic":
        x = cr.input("x", shape=(1, 2))
    new = cr.tensor(np.ones((3, 2)), "float32", requires_grad=True, name="weight")
    y = nn.functional_call(net, {"0.weight": new}, x) if kind == "functional" else net(x)
    found = places(cr.ComputationalGraph(cr.sum(y)))
    assert found == {
        "x": None, "weight": None if kind == "functional" else "0", "permute_dims": "0",
        "matmul": "0", "bias": "0", "add": "0", "relu": "1.0", "weight_2": "1.1",
        "permute_dims_2": "1.1", "matmul_2": "1.1", "bias_2": "1.1", "add_2": "1.1", "sum": None,
    }  # fmt: skip


def test_groups_lie_in_each_other() -> None:
    found = find_groups(cr.ComputationalGraph(model()(cr.input("x", shape=(1, 2)))))
    listed = [(g.path, g.name, g.kind, g.level, g.outer) for g in found.groups]
    assert listed == [
        ("", "", "Sequential", 0, None), ("0", "0", "Linear", 1, 0), ("1", "1", "Sequential", 1, 0),
        ("1.0", "0", "ReLU", 2, 2), ("1.1", "1", "Linear", 2, 2),
    ]  # fmt: skip
    assert found.around(4) == [0, 2, 4]


class Shared(nn.Module):
    """One layer that is called twice, a weight that is used in two places, a number, a list."""

    def __init__(self) -> None:
        self.layer = nn.Tanh()
        self.weight = nn.Parameter(np.ones(3, np.float32))
        self.hidden = [nn.ReLU()]

    def forward(self, x: Tensor) -> Tensor:
        y = self.layer(self.layer(x) * self.weight) + self.weight
        return self.hidden[0](y) + np.arange(3, dtype=np.float32)


def test_each_call_is_a_group_of_its_own() -> None:
    graph = cr.ComputationalGraph(Shared()(cr.input("x", shape=(2, 3))))
    assert [group.path for group in find_groups(graph).groups] == ["", "layer", "layer", "<ReLU>"]
    assert places(graph) == {
        "x": None, "tanh": "layer", "weight": "", "multiply": "", "tanh_2": "layer", "add": "",
        "relu": "<ReLU>", "constant": "", "add_2": "",
    }  # fmt: skip


def test_a_graph_without_modules_has_no_groups() -> None:
    assert find_groups(cr.ComputationalGraph(cr.input("x") * 2)) == Groups((), (None,) * 3)


def test_calls_end_when_a_module_fails() -> None:
    with pytest.raises(cr.errors.ShapeError):
        model()(cr.input("x", shape=(1, 5)))
    assert (cr.tensor(1.0) * 2).call is None
