"""The drawing of a graph, as an SVG text."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule import nn
from chainrule.errors import ArgumentError
from chainrule.graph import ComputationalGraph
from chainrule.viz import model_graph, to_svg
from chainrule.viz.formatting import text_width
from chainrule.viz.palette import COLOURS, stylesheet
from chainrule.viz.svg import escape

from .geometry import Rectangle

SVG = "{http://www.w3.org/2000/svg}"


class Drawing:
    """An SVG text, parsed: what it shows at each node."""

    def __init__(self, graph: ComputationalGraph, **options: Any) -> None:
        self.text = to_svg(graph, **options)
        self.root = ET.fromstring(self.text)
        groups = self.root.findall(f"{SVG}g")
        self.nodes = {g.get("data-name"): g for g in groups if g.get("data-name") is not None}
        self.frames = {g.get("data-path"): g for g in groups if g.get("data-path") is not None}
        self.flows = {g.get("data-from"): g for g in groups if g.get("data-from") is not None}

    def kind(self, name: str) -> str:
        return (self.nodes[name].get("class") or "").removeprefix("node ")

    def outline(self, name: str) -> str:
        found = self.nodes[name].find("*[@class='outline']")
        assert found is not None
        return found.tag.removeprefix(SVG)

    def texts(self, name: str) -> list[str | None]:
        return [text.text for text in self.nodes[name].iter(f"{SVG}text")]

    def labels(self, name: str, kind: str) -> list[str | None]:
        """Labels of one kind at the line that leaves a node, from top to bottom."""
        found = self.flows[name].findall(f"{SVG}text[@class='{kind}']")
        return [t.text for t in sorted(found, key=lambda t: float(t.get("y", "")))]

    def bars(self, name: str, kind: str) -> int:
        """How many bars the histogram of a node has."""
        found = self.flows[name].findall(f"{SVG}path[@class='bars {kind}']")
        return sum((path.get("d") or "").count("M") for path in found)

    def arrows(self, name: str) -> int:
        return len(self.flows[name].findall(f"{SVG}path[@class='tip']"))


def xyz() -> ComputationalGraph:
    x, y, z = cr.input("x"), cr.input("y"), cr.input("z")
    graph = cr.ComputationalGraph((x + y) * z)
    graph.forward(x=1.0, y=-3.0, z=4.0)
    graph.backward()
    return graph


def neuron() -> ComputationalGraph:
    w0, x0, w1, x1, w2 = (cr.input(name) for name in ("w0", "x0", "w1", "x1", "w2"))
    graph = cr.ComputationalGraph(1 / (1 + cr.exp(-(w0 * x0 + w1 * x1 + w2))))
    graph.forward(w0=2.0, x0=-1.0, w1=-3.0, x1=-2.0, w2=-3.0)
    graph.backward()
    return graph


def network(run: bool) -> ComputationalGraph:
    """Three layers on 64 samples."""
    random = np.random.default_rng(0)
    h = cr.input("samples", shape=(64, 20))
    for k, (n, m) in enumerate([(20, 30), (30, 15), (15, 4)]):
        weight = random.normal(0, n**-0.5, (n, m)).astype(np.float32)
        h = h @ cr.tensor(weight, requires_grad=True, name=f"layers.{k}.weight")
        h = h + cr.tensor(np.zeros(m, np.float32), requires_grad=True, name=f"layers.{k}.bias")
        h = h if k == 2 else cr.relu(h)
    graph = cr.ComputationalGraph(cr.sum(h * h))
    if run:
        graph.forward(random.normal(size=(64, 20)).astype(np.float32))
        graph.backward()
    return graph


# --- values and gradients ------------------------------------------------------------------


def test_values_stand_above_and_gradients_below_the_lines() -> None:
    drawing = Drawing(xyz())
    shown = {
        name: (*drawing.labels(name, "value"), *drawing.labels(name, "gradient"))
        for name in drawing.flows
    }
    assert shown == {
        "x": ("1", "4"), "y": ("-3", "4"), "z": ("4", "-2"), "add": ("-2", "4"),
        "multiply": ("-8", "1"),
    }  # fmt: skip
    for name, flow in drawing.flows.items():
        shape = drawing.nodes[name].find("*[@class='outline']")
        assert shape is not None
        middle = float(
            shape.get("cy") or float(shape.get("y", "")) + float(shape.get("height", "")) / 2
        )
        heights = {t.get("class"): float(t.get("y", "")) for t in flow.iter(f"{SVG}text")}
        assert heights["value"] < middle < heights["gradient"]


def test_the_lectures_neuron() -> None:
    drawing = Drawing(neuron())
    assert drawing.labels("divide", "value") == ["0.73"]
    assert drawing.labels("divide", "gradient") == ["1.00"]
    gradients = [drawing.labels(name, "gradient") for name in ("w0", "x0", "w1", "x1", "w2")]
    assert gradients == [["-0.20"], ["0.39"], ["-0.39"], ["-0.59"], ["0.20"]]
    values = [drawing.labels(name, "value") for name in ("exp", "negative", "multiply_2")]
    assert values == [["0.37"], ["-1.00"], ["6.00"]]


def test_numbers_have_no_decimals_where_all_are_whole() -> None:
    x = cr.input("x")
    graph = cr.ComputationalGraph(x * 2)
    graph.forward(3.0)
    assert Drawing(graph).labels("multiply", "value") == ["6"]
    graph.forward(3.25)
    assert Drawing(graph).labels("x", "value") == ["3.25"]
    assert Drawing(graph).labels("multiply", "value") == ["6.50"]


def test_large_arrays_show_shape_mean_and_deviation() -> None:
    drawing = Drawing(network(run=True))
    assert drawing.labels("matmul", "shape") == ["64×30"]
    for kind in ("value", "gradient"):
        statistics = drawing.labels("matmul", kind)[-1 if kind == "value" else 0]
        assert re.fullmatch(r"\S+ ± \d\.\d\d", statistics or "")
        assert drawing.bars("matmul", kind) == 14
    assert drawing.labels("layers.0.bias", "value") == ["100% zeros", "0.00 ± 0.00"]
    assert drawing.bars("layers.0.bias", "value") == 0
    assert re.fullmatch(r"\d\d% zeros", drawing.labels("relu", "value")[0] or "")


def test_before_a_run_lines_show_the_shapes_that_are_known() -> None:
    drawing = Drawing(network(run=False))
    assert drawing.labels("relu", "shape") == ["64×30"]
    assert drawing.labels("relu", "value") == []
    assert drawing.labels("sum", "shape") == ["scalar"]
    assert (
        list(Drawing(cr.ComputationalGraph(cr.input("x") * 2)).flows["x"].iter(f"{SVG}text")) == []
    )


def test_small_arrays_are_written_out_and_empty_ones_show_their_shape() -> None:
    x, none = cr.input("x"), cr.input("none")
    graph = cr.ComputationalGraph([cr.sum(x * x), none + 1.0])
    graph.forward(np.array([1.0, -2.0], np.float32), np.zeros((0, 3), np.float32))
    drawing = Drawing(graph)
    assert drawing.labels("x", "value") == ["[1, -2]"]
    assert drawing.labels("none", "value") == []


def test_eager_graphs_show_the_gradients_that_are_there() -> None:
    w = cr.tensor(3.0, requires_grad=True, name="w")
    loss = w * w
    loss.backward()
    drawing = Drawing(cr.ComputationalGraph(loss))
    assert drawing.labels("w", "gradient") == ["6"]
    assert drawing.labels("multiply", "value") == ["9"]
    assert drawing.labels("multiply", "gradient") == []


def test_numbers_that_are_not_finite_are_shown() -> None:
    x = cr.input("x")
    graph = cr.ComputationalGraph(cr.log(x))
    graph.forward(0.0)
    graph.backward()
    drawing = Drawing(graph)
    assert drawing.labels("log", "value") == ["-∞"]
    assert drawing.labels("x", "gradient") == ["∞"]


def test_operations_with_several_results() -> None:
    class Parts(cr.Op):
        def forward(self, x):  # type: ignore[no-untyped-def]
            return np.floor(x), x - np.floor(x)

    whole, fraction = Parts()(cr.tensor([1.5, 2.25], requires_grad=True, name="x"))
    drawing = Drawing(cr.ComputationalGraph([whole, fraction]))
    assert drawing.texts("Parts") == ["Parts"]
    assert drawing.texts("pick") == ["[0]"]
    assert drawing.labels("Parts", "value") == []
    assert drawing.labels("pick_2", "value") == ["[0.50, 0.25]"]


# --- shapes, names, text -------------------------------------------------------------------


def test_kinds_of_nodes_differ_in_shape_and_class() -> None:
    drawing = Drawing(network(run=False))
    x = cr.input("x")
    scaled = Drawing(cr.ComputationalGraph(x * 2 + cr.tensor(1.0, name="shift")))
    assert (drawing.kind("samples"), drawing.outline("samples")) == ("input", "rect")
    assert drawing.kind("layers.0.weight") == "parameter"
    assert drawing.outline("layers.0.weight") == "polygon"
    assert (drawing.kind("matmul"), drawing.outline("matmul")) == ("operation", "circle")
    assert drawing.kind("sum") == "operation output"
    assert scaled.kind("constant") == scaled.kind("shift") == "constant"
    assert scaled.texts("constant") == ["2"]
    assert scaled.texts("shift") == ["shift"]
    assert drawing.texts("layers.0.weight") == ["layers.0", "weight"]


def test_signs_of_operations() -> None:
    drawing = Drawing(neuron())
    signs = [drawing.texts(name) for name in ("multiply", "add", "negative", "exp", "divide")]
    assert signs == [["×"], ["+"], ["−x"], ["exp"], ["÷"]]


def test_an_operations_own_name_stands_below_it() -> None:
    y = cr.input("x") * 2
    y.name = "doubled"
    assert Drawing(cr.ComputationalGraph(y)).texts("doubled") == ["×", "doubled"]


def test_every_use_of_a_node_has_an_arrow() -> None:
    x = cr.input("x")
    drawing = Drawing(cr.ComputationalGraph(x * x + cr.exp(x)))
    assert drawing.arrows("x") == 3
    assert drawing.arrows("exp") == 1
    assert drawing.arrows("add") == 1, "the result's own"


@settings(deadline=None)
@given(st.text(min_size=1, max_size=40))
def test_any_name_gives_a_wellformed_drawing(name: str) -> None:
    drawing = Drawing(cr.ComputationalGraph(cr.input(name) * 2))
    (found,) = (
        n for n in drawing.nodes if n != "multiply" and not (n or "").startswith("constant")
    )
    visible = "".join(c for c in name if c.isprintable())
    assert found is not None
    assert all(c in found or c in "\ufffd" for c in visible)


def test_a_name_cannot_become_markup() -> None:
    name = "<script>alert('x')</script>"
    drawing = Drawing(cr.ComputationalGraph(cr.input(name) * 2))
    assert "<script" not in drawing.text
    assert name in drawing.nodes
    tip = drawing.nodes[name].find(f"{SVG}title")
    assert tip is not None
    assert name in (tip.text or "")


def test_escape_replaces_what_xml_forbids() -> None:
    assert escape("a\x00b\ud800c\uffff") == "a\ufffdb\ufffdc\ufffd"
    to_svg(cr.ComputationalGraph(cr.input("\ud800") * 2)).encode("utf-8")


def test_the_drawing_stands_alone_and_is_described() -> None:
    drawing = Drawing(xyz())
    assert drawing.root.get("role") == "img"
    assert drawing.root.find(f"{SVG}title") is drawing.root[0]
    assert drawing.root[0].text == "Computational graph of 5 nodes, from x, y, z to multiply"
    assert not re.search(r"href|url\(|@import|<script|@font-face", drawing.text)
    tip = drawing.nodes["add"].find(f"{SVG}title")
    assert tip is not None
    assert tip.text is not None
    assert tip.text.splitlines()[:3] == ["add: float32[] = add(x, y)", "value -2", "gradient 4"]
    assert "test_svg.py:" in tip.text


# --- space ---------------------------------------------------------------------------------


def text_spaces(drawing: Drawing) -> list[Rectangle]:
    """The rectangles of all texts and histograms."""
    sizes = {"symbol": 15.0, "name": 13.0, "path": 10.5, "shape": 11.0, "note": 11.0}
    spaces = []
    for text in drawing.root.iter(f"{SVG}text"):
        kind = (text.get("class") or "").split()[0]
        size = sizes.get(kind, 12.0)
        x, y = float(text.get("x", "")), float(text.get("y", ""))
        width = text_width("".join(text.itertext()), size)
        left = x if kind in ("title", "note") else x - width / 2
        spaces.append(Rectangle(left, y - 0.8 * size, left + width, y + 0.2 * size))
    for path in drawing.root.iter(f"{SVG}path"):
        if (path.get("class") or "").startswith("bars"):
            starts = re.findall(r"M([\d.]+) ([\d.]+)v-([\d.]+)", path.get("d") or "")
            xs, ys, heights = (list(map(float, each)) for each in zip(*starts, strict=True))
            spaces.append(Rectangle(min(xs), ys[0] - max(heights), max(xs) + 4.0, ys[0]))
    return spaces


def shape_spaces(drawing: Drawing) -> list[Rectangle]:
    """The rectangles of the nodes' outlines."""
    spaces = []
    for node in drawing.nodes.values():
        shape = node.find("*[@class='outline']")
        assert shape is not None
        if shape.get("points"):
            numbers = [float(n) for n in re.split("[ ,]", shape.get("points") or "")]
            xs, ys = numbers[::2], numbers[1::2]
            spaces.append(Rectangle(min(xs), min(ys), max(xs), max(ys)))
        elif shape.get("r"):
            x, y, r = (float(shape.get(name, "")) for name in ("cx", "cy", "r"))
            spaces.append(Rectangle(x - r, y - r, x + r, y + r))
        else:
            x, y, w, h = (float(shape.get(name, "")) for name in ("x", "y", "width", "height"))
            spaces.append(Rectangle(x, y, x + w, y + h))
    return spaces


def layers(run: bool) -> ComputationalGraph:
    """Three layers made of modules, with a loss."""
    model = nn.Sequential(
        nn.Linear(20, 30), nn.Sequential(nn.ReLU(), nn.Linear(30, 15)), nn.ReLU(), nn.Linear(15, 4)
    )
    graph = cr.ComputationalGraph(cr.sum(model(cr.input("samples", shape=(64, 20))) ** 2))
    if run:
        graph.forward(np.random.default_rng(0).normal(size=(64, 20)).astype(np.float32))
        graph.backward()
    return graph


CASES: list[tuple[ComputationalGraph, dict[str, Any]]] = [
    (xyz(), {}), (neuron(), {}), (network(run=False), {}), (network(run=True), {}),
    (layers(run=False), {}), *((layers(run=True), {"depth": d}) for d in (0, 1, 2, math.inf)),
    (layers(run=True), {"depth": 1, "open": ["0"]}),
]  # fmt: skip


@pytest.mark.parametrize(("graph", "options"), CASES)
def test_no_texts_overlap_and_all_are_inside(
    graph: ComputationalGraph, options: dict[str, Any]
) -> None:
    drawing = Drawing(graph, **options)
    spaces = text_spaces(drawing)
    width, height = (float(drawing.root.get(side, "")) for side in ("width", "height"))
    assert not any(a.overlaps(b) for a, b in combinations(spaces, 2))
    assert all(
        s.left >= 0 and s.top >= 0 and s.right <= width and s.bottom <= height for s in spaces
    )
    assert width <= 1440
    shapes = shape_spaces(drawing)
    assert not any(a.overlaps(b) for a, b in combinations(shapes, 2))
    assert not any(a.overlaps(b) and not b.holds(a, 1.0) for a in spaces for b in shapes)


# --- modules -------------------------------------------------------------------------------


def test_open_modules_are_frames_and_closed_ones_boxes() -> None:
    drawing = Drawing(layers(run=False), depth=1)
    assert set(drawing.frames) == {""}
    assert drawing.texts("0") == ["0", "Linear"]
    assert {name for name in drawing.nodes if drawing.kind(name or "") == "module"} == {
        "0", "1", "2", "3"
    }  # fmt: skip
    drawing = Drawing(layers(run=False), depth=1, open=["0"])
    assert set(drawing.frames) == {"", "0"}
    assert drawing.texts("weight") == ["weight"], "the frame says where it is"
    assert set(Drawing(layers(run=False), depth=math.inf).frames) == {"", "0", "1", "1.1", "3"}


def test_the_line_of_a_closed_module_shows_what_it_returns() -> None:
    graph = layers(run=True)
    drawing = Drawing(graph, depth=1)
    whole = Drawing(graph, depth=math.inf)
    assert drawing.labels("2", "shape") == ["64×15"]
    for kind in ("value", "gradient"):
        assert drawing.labels("2", kind) == whole.labels("relu_2", kind) != []
    tip = drawing.nodes["0"].find(f"{SVG}title")
    assert tip is not None
    assert (tip.text or "").splitlines() == [
        "0: Linear(in_features=20, out_features=30, bias=True)", "630 parameters", "3 operations"
    ]  # fmt: skip


def test_a_model_that_is_all_has_no_frame_and_its_result_leaves_the_last_one() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2))
    drawing = Drawing(model_graph(model, (1, 3)))
    assert set(drawing.frames) == {"0", "1"}
    assert drawing.arrows("add_2") == 1
    (rim,) = drawing.frames["1"].iter(f"{SVG}rect")
    right = float(rim.get("x", "")) + float(rim.get("width", ""))
    tip = drawing.flows["add_2"].find(f"{SVG}path[@class='tip']")
    assert tip is not None
    assert float((tip.get("d") or "")[1:].split()[0]) > right


def test_large_models_are_closed_until_they_fit_on_a_page() -> None:
    model = nn.Sequential(*(nn.Sequential(nn.Linear(4, 4), nn.ReLU()) for _ in range(14)))
    drawing = Drawing(model_graph(model, (1, 4)))
    assert len(drawing.nodes) == 1 + 28
    model = nn.Sequential(*(nn.Sequential(nn.Linear(4, 4), nn.ReLU()) for _ in range(20)))
    assert len(Drawing(model_graph(model, (1, 4))).nodes) == 1 + 20


def test_a_module_that_is_called_twice_is_drawn_twice() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Linear(3, 3)

        def forward(self, x: cr.Tensor) -> cr.Tensor:
            return self.layer(self.layer(x))

    drawing = Drawing(model_graph(Twice(), (1, 3)), depth=1)
    assert drawing.text.count('class="node module') == 2
    everything = Drawing(model_graph(Twice(), (1, 3)), depth=math.inf)
    assert everything.text.count('class="group"') == 2
    assert everything.text.count('class="node parameter"') == 2, "shared: outside of both"


def test_what_cannot_be_opened() -> None:
    graph = layers(run=False)
    with pytest.raises(ArgumentError, match=r"open: requires paths among 0, 1, 1\.0, .*'5'"):
        to_svg(graph, open=["5"])
    with pytest.raises(ArgumentError, match="depth: requires levels of modules, >= 0"):
        to_svg(graph, depth=-1)


def test_names_of_modules_are_escaped() -> None:
    class Odd(nn.Module):
        def forward(self, x: cr.Tensor) -> cr.Tensor:
            return cr.exp(x) + self.weight

    Odd.__name__ = "<script>alert(1)</script>"
    model, inner = nn.Sequential(nn.ReLU()), Odd()
    inner.weight = nn.Parameter([1.0])
    setattr(model, "<b>", inner)
    for depth in (1, math.inf):
        graph = cr.ComputationalGraph(inner(model[0](cr.input("x", shape=(1,)))))
        drawing = Drawing(graph, depth=depth)
        assert "<script" not in drawing.text
        assert "&lt;script" in drawing.text


# --- legend and theme ----------------------------------------------------------------------


def test_the_legend_names_what_is_drawn() -> None:
    drawing = Drawing(layers(run=True), depth=1, open=["0"])
    notes = [t.text for t in drawing.root.iter(f"{SVG}text") if "note" in (t.get("class") or "")]
    assert notes == [
        "input", "parameter", "constant", "operation", "module, closed", "value, above the line",
        "gradient, below it", "mean ± standard deviation, histogram",
    ]  # fmt: skip
    assert "note" not in re.findall(r'<text class="(\w+)', to_svg(xyz())), "small ones need none"


def test_themes() -> None:
    assert "prefers-color-scheme" in to_svg(xyz())
    for theme, paper in (("light", "#ffffff"), ("dark", "#14171c")):
        text = to_svg(xyz(), theme=theme)
        assert "prefers-color-scheme" not in text
        assert f".paper {{ fill: {paper}; }}" in text
    with pytest.raises(ArgumentError, match="theme"):
        to_svg(xyz(), theme="blue")


# --- colours -------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrast(one: str, other: str) -> float:
    """WCAG 2.1's contrast ratio."""
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", [1, 2], ids=["light", "dark"])
def test_texts_have_the_contrast_that_wcag_asks_for(mode: int) -> None:
    paper = COLOURS[".paper"][0][mode]
    for selector, entries in COLOURS.items():
        if selector.startswith("text"):
            assert contrast(entries[0][mode], paper) >= 4.5, selector
    ink = COLOURS["text"][0][mode]
    for kind in ("operation", "input", "parameter", "constant", "module"):
        fill = COLOURS[f".{kind} .outline"][0][mode]
        assert contrast(ink, fill) >= 4.5, kind
    assert contrast(COLOURS[".line"][0][mode], paper) >= 3


def test_every_rule_is_confined_to_drawings() -> None:
    rules = [line for line in stylesheet().splitlines() if "{" in line and "@media" not in line]
    assert len(rules) > 20
    assert all(part.strip().startswith(".chainrule-graph") for rule in rules
               for part in rule.split("{")[0].split(","))  # fmt: skip
