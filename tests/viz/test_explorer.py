"""What a page is made of, without a browser: records, boxes, kernels, one file."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import webbrowser
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn
from chainrule.graph import PRIMITIVES, ComputationalGraph
from chainrule.viz import model_graph
from chainrule.viz.explorer import explore
from chainrule.viz.explorer.compiled import kernel_tree, program
from chainrule.viz.explorer.data import collect, flow_of
from chainrule.viz.explorer.formulas import FORMULAS, formula
from chainrule.viz.explorer.page import SCRIPTS, embedded
from chainrule.viz.explorer.values import record

from .browser import graphs


def data_of(path: Path) -> dict[str, Any]:
    page = path.read_text(encoding="utf-8")
    found = re.search(r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


# --- the file ------------------------------------------------------------------------------


def test_the_graph_writes_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    path = graphs.lecture().explore(tmp_path / "page.html", open=False, compiled=False)
    assert opened == []
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "/*{" not in page, "every part is in its place"
    assert re.findall(r'(?:src|href)="', page) == [], "nothing is loaded"
    assert re.findall(r"https?://(?!www\.w3\.org)", page) == []
    assert graphs.lecture().explore(open=True, compiled=False).as_uri() in opened


def test_texts_cannot_leave_their_element() -> None:
    text = embedded({"a": "</script><!-- \u2028", "b": "\ud800"})
    assert "<" not in text
    assert json.loads(text)["a"] == "</script><!-- \u2028"
    text.encode("utf-8")


def test_scripts_are_all_in_the_page_and_sound() -> None:
    folder = files("chainrule.viz.explorer") / "page"
    scripts = [entry for entry in folder.iterdir() if entry.name.endswith(".js")]
    assert {entry.name for entry in scripts} == {f"{name}.js" for name in SCRIPTS}
    for script in scripts:
        text = script.read_text(encoding="utf-8")
        assert text.startswith('"use strict";\n// '), f"{script.name} says what it is"
        assert len(text.splitlines()) < 300
        assert not re.search(r"\b(eval|innerHTML|outerHTML|document\.write|fetch)\b", text)
        assert "\t" not in text
        assert max(map(len, text.splitlines())) <= 140


def test_scripts_parse() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    for entry in (files("chainrule.viz.explorer") / "page").iterdir():
        if entry.name.endswith(".js"):
            subprocess.run([node, "--check", str(entry)], check=True, capture_output=True)


def test_igraph_is_named_if_it_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "igraph", None)
    with pytest.raises(cr.errors.MissingDependencyError, match="draw"):
        explore(graphs.lecture(), tmp_path / "page.html", open=False, compiled=False)


# --- nodes ---------------------------------------------------------------------------------


def test_nodes_tell_values_gradients_formulas_and_lines(tmp_path: Path) -> None:
    data = data_of(explore(graphs.lecture(), tmp_path / "p.html", open=False, compiled=False))
    by_name = {node["name"]: node for node in data["nodes"]}
    assert by_name["q"]["value"] == {"shape": [], "full": 3.0}
    assert by_name["q"]["gradient"]["full"] == -4.0
    assert by_name["f"]["output"] is True
    assert by_name["f"]["flops"] == 1
    assert by_name["q"]["line"].startswith("graphs.py:")
    assert by_name["q"]["source"] == "q = x + y"
    assert data["operations"]["add"]["formula"] == "z = x + y"


def test_every_operation_of_elements_with_a_derivative_has_a_formula() -> None:
    missing = [
        name
        for name, primitive in PRIMITIVES.items()
        if primitive.scalar is not None
        and primitive.differentiable
        and name not in FORMULAS
        and any(rule for rule in primitive.vjp)
    ]  # type: ignore[union-attr]
    assert missing == []
    assert set(FORMULAS) <= set(PRIMITIVES)
    for name in PRIMITIVES:
        assert formula(name).text


def test_large_arrays_are_told_by_figures() -> None:
    array = np.arange(-50, 150, dtype=np.float32).reshape(1, 2, 10, 10)
    told = record(array, 1000)
    assert told["mean"] == 49.5
    assert (told["least"], told["most"], told["zeros"], told["bad"]) == (-50, 149, 0.005, 0)
    assert sum(told["bars"]) == 200
    assert told["picture"]["count"] == 2
    assert told["picture"]["signed"] is True


@pytest.mark.parametrize(
    "array",
    [np.zeros(0), np.zeros((3, 0)), np.full(100, np.nan), np.full((1, 4, 9, 9), np.inf),
     np.ones((200, 200), bool), np.full(70, 2**40), np.zeros((1, 3, 300, 500), np.float32),
     np.array([np.nan, np.inf, -np.inf]), np.full((100,), 1e300)],
)  # fmt: skip
def test_any_array_can_be_told(array: np.ndarray) -> None:
    text = json.dumps(record(array, 5000), allow_nan=False)
    assert len(text) < 12_000


# --- boxes ---------------------------------------------------------------------------------


def test_boxes_of_modules() -> None:
    flow = flow_of(graphs.inception(run=False))
    view = collect(flow, "")["views"][0]
    paths = [box["path"] for box in view["boxes"]]
    assert paths[0] == ""
    assert {"stem", "first", "first.three", "first.three.0", "second.five.2"} <= set(paths)
    assert "first.three.1" not in paths, "a box of one node is that node"
    count = len(flow.nodes)
    for number, box in enumerate(view["boxes"]):
        vertices = len(box["members"]) + len(box["ins"]) + len(box["outs"])
        placed = sorted(v for column in box["columns"] for v in column)
        assert placed == list(range(len(box["parents"]))), "every vertex stands once"
        column = {v: c for c, vs in enumerate(box["columns"]) for v in vs}
        for vertex, parents in enumerate(box["parents"]):
            assert all(column[p] + 1 == column[vertex] for p, _ in parents), "steps of one column"
        assert vertices <= len(box["parents"])
        inside = {m for m in box["members"] if m < count}
        for node in inside & set(range(count)):
            if flow.nodes[node].op is not None:
                place = box["members"].index(node)
                sources = [source for _, source in box["parents"][place]]
                assert sources == [flow.number[id(i)] for i in flow.nodes[node].inputs]
        assert number == 0 or number + count in view["boxes"][box["outer"]]["members"]


def test_a_module_called_twice_has_two_boxes() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Linear(3, 3)

        def forward(self, x: cr.Tensor) -> cr.Tensor:
            return self.layer(cr.tanh(self.layer(x)))

    view = collect(flow_of(model_graph(Twice(), (1, 3))), "")["views"][0]
    assert [box["path"] for box in view["boxes"]] == ["", "layer", "layer"]


def test_few_boxes_are_open_at_first() -> None:
    deep: nn.Module = nn.Sequential(*[nn.Sequential(nn.Linear(2, 2), nn.Tanh()) for _ in range(20)])
    view = collect(flow_of(model_graph(deep, (1, 2))), "")["views"][0]
    assert view["open"] == [0]
    view = collect(flow_of(model_graph(nn.Sequential(nn.Linear(2, 2), nn.Tanh()), (1, 2))), "")[
        "views"
    ][0]
    assert view["open"] == list(range(len(view["boxes"])))


# --- the compiled program ------------------------------------------------------------------


def test_kernels_know_their_nodes() -> None:
    graph = graphs.three_layers()
    flow = flow_of(graph)
    found = program(flow)
    kernels = found["kernels"]
    assert {kernel["phase"] for kernel in kernels} == {"forward", "backward"}
    first = [flow.nodes[k].op.name for k in kernels[0]["nodes"]]
    assert {"matmul", "add", "tanh"} <= set(first), "a layer and its activation are one kernel"
    assert found["memory"]["total"] > 0
    tree = kernel_tree(flow, found)
    boxes = [branch for branch in tree.branches if branch.facts["kind"] == "kernel"]
    assert sum(kernel["phase"] == "forward" for kernel in kernels) == len(boxes)
    homes = tree.home()
    assert all(k in homes for k in range(len(flow.nodes)))


@pytest.mark.parametrize("make", [graphs.lecture, graphs.neuron, graphs.digits, graphs.inception])
def test_every_graph_can_be_compiled_and_shown(make: Any, tmp_path: Path) -> None:
    data = data_of(explore(make(), tmp_path / "p.html", open=False, compiled=True))
    assert [view["name"] for view in data["views"]] == ["As written", "Compiled"]


def test_a_graph_without_shapes_is_shown_as_written(tmp_path: Path) -> None:
    graph = ComputationalGraph(cr.input("x") * 2)
    data = data_of(graph.explore(tmp_path / "p.html", open=False))
    assert len(data["views"]) == 1


def test_operations_with_several_results_and_without_gradient(tmp_path: Path) -> None:
    class Halves(cr.Op):
        def forward(self, x: Any) -> Any:
            return x / 2, x / 2

        def result_type(self, *types: Any) -> Any:
            return types[0], types[0]

    x = cr.input("x", shape=(2,))
    a, b = Halves()(x)
    graph = ComputationalGraph((a + b) * cr.argmax(x))
    graph.forward(x=[1.0, 2.0])
    data = data_of(graph.explore(tmp_path / "p.html", open=False, compiled=False))
    assert len(data["nodes"]) == len(graph)
