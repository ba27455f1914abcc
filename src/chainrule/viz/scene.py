"""What a drawing shows of a graph: shapes and labels, before anything has a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .. import dtypes
from ..dtypes import Array
from ..graph import ComputationalGraph, Tensor, TensorType
from ..graph.location import describe
from .formatting import dimensions, in_full, is_whole, shortened, spread, text_width
from .layers import Edge
from .layout import Box
from .symbols import COMMUTATIVE, symbol

Kind = Literal["operation", "parameter", "input", "constant"]
Outline = Literal["circle", "box", "pill", "hexagon", "tag"]
OUTLINES: dict[Kind, Outline] = {"parameter": "hexagon", "input": "pill", "constant": "tag"}

PADDING: dict[Outline, float] = {"hexagon": 30.0, "pill": 24.0, "box": 20.0}
RADIUS = 20.0  # of an operation's circle
FONT = {"symbol": 15.0, "name": 13.0, "path": 10.5, "number": 12.0, "shape": 11.0, "tag": 12.0}
TALLEST = 240.0  # box of an operation with many inputs
LINE = 15.0  # height of a line of labels
NAME_LIMIT = 22  # characters


@dataclass(frozen=True)
class Label:
    """A text at a node's outgoing line: its shape, its value or its gradient."""

    kind: Literal["shape", "value", "gradient"]
    text: str


@dataclass(frozen=True)
class Item:
    """A node as it is drawn: ``text`` in its outline, ``caption`` in small beside it."""

    name: str
    kind: Kind
    outline: Outline
    text: str
    caption: str
    above: tuple[Label, ...]
    below: tuple[Label, ...]
    tip: str
    is_output: bool
    in_order: bool
    arity: int
    has_users: bool

    @property
    def width(self) -> float:
        """Width of the outline."""
        if self.outline == "circle":
            return 2 * RADIUS
        if self.outline == "tag":
            return text_width(self.text, FONT["tag"]) + 12.0
        font = FONT["symbol" if self.kind == "operation" else "name"]
        inner = max(text_width(self.text, font), self._caption_width * (self.outline != "box"))
        return max(inner + PADDING[self.outline], 44.0)

    @property
    def height(self) -> float:
        """Height of the outline."""
        if self.outline == "tag":
            return 22.0
        if self.kind == "operation":
            return max(2 * RADIUS, min(8.0 * self.arity + 8.0, TALLEST))
        return 40.0 if self.caption else 34.0

    @property
    def _caption_width(self) -> float:
        return text_width(self.caption, FONT["path"])

    @property
    def caption_outside(self) -> bool:
        """Whether the caption stands below the outline, not in it."""
        return bool(self.caption) and self.kind == "operation"

    @property
    def box(self) -> Box:
        """The space that the node needs in a layout."""
        labels = [*self.above, *self.below]
        font = FONT["number"]
        trunk = max((text_width(label.text, font) + 14.0 for label in labels), default=0.0)
        half = max(
            self.height / 2 + (14.0 if self.caption_outside else 0.0),
            len(self.above) * LINE + 3.0, len(self.below) * LINE + 3.0,
        )  # fmt: skip
        return Box(
            width=max(self.width, self._caption_width), height=self.height, trunk=trunk
            + (14.0 if self.is_output and not self.has_users else 0.0), room=2 * half,
            in_order=self.in_order,
        )  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """A graph as it is drawn: its nodes in topological order, and its edges (from, to)."""

    title: str
    items: tuple[Item, ...]
    edges: tuple[Edge, ...]

    @property
    def inputs(self) -> set[int]:
        """The nodes that are given anew for every run."""
        return {k for k, item in enumerate(self.items) if item.kind == "input"}


def scene(graph: ComputationalGraph) -> Scene:
    """Say how a graph is drawn; values and gradients are those that its nodes hold now.

    >>> x, y = cr.input("x"), cr.input("y")
    >>> graph = cr.ComputationalGraph(x * y)
    >>> graph.forward(2.0, 3.0)
    6.0
    >>> [(item.text, item.above[0].text) for item in scene(graph).items]
    [('x', '2'), ('y', '3'), ('×', '6')]
    """
    nodes = graph.nodes_topologically_sorted()
    number_of = {id(node): k for k, node in enumerate(nodes)}
    edges = tuple((number_of[id(i)], k) for k, node in enumerate(nodes) for i in node.inputs)
    used = {source for source, _ in edges}
    outputs = {id(output) for output in graph.outputs}
    decimals = not all(map(is_whole, _small_arrays(nodes)))
    items = tuple(
        _item(graph, node, decimals, id(node) in outputs, k in used) for k, node in enumerate(nodes)
    )
    return Scene(_title(graph), items, edges)


def _title(graph: ComputationalGraph) -> str:
    def names(nodes: Sequence[Tensor]) -> str:
        return shortened(", ".join(graph.names[id(node)] for node in nodes), 80)

    count = f"{len(graph)} node{'' if len(graph) == 1 else 's'}"
    start = f", from {names(graph.inputs)}" if graph.inputs else ""
    return f"Computational graph of {count}{start} to {names(graph.outputs)}"


# --- one node ------------------------------------------------------------------------------


def _item(
    graph: ComputationalGraph, node: Tensor, decimals: bool, is_output: bool, has_users: bool
) -> Item:
    kind = _kind(node)
    name = graph.names[id(node)]
    above, below = _labels(node, decimals and kind != "constant")
    text, caption = _texts(node, kind, name)
    if kind == "constant" and not node.name and above:
        text, above = above[0].text, ()
    outline = OUTLINES.get(kind, "circle")
    too_long = text_width(text, FONT["symbol"]) > 2 * RADIUS - 10.0
    if kind == "operation" and (too_long or len(node.inputs) > 3):
        outline = "box"
    return Item(
        name, kind, outline, text, caption, above, below, _tip(graph, node, above, below),
        is_output, node.op is not None and node.op.name not in COMMUTATIVE, len(node.inputs),
        has_users,
    )  # fmt: skip


def _kind(node: Tensor) -> Kind:
    if node.op is not None:
        return "operation"
    if node.symbolic:
        return "input"
    return "parameter" if node.requires_grad else "constant"


def _texts(node: Tensor, kind: Kind, name: str) -> tuple[str, str]:
    """Return the text in the outline and the small one: ``weight`` and ``encoder.0``."""
    if kind == "operation":
        return shortened(symbol(node), NAME_LIMIT), shortened(node.name or "", NAME_LIMIT)
    path, _, last = name.rpartition(".")
    if not last:
        path, last = "", name
    return shortened(last, NAME_LIMIT), shortened(path, NAME_LIMIT)


def _tip(
    graph: ComputationalGraph, node: Tensor, above: Sequence[Label], below: Sequence[Label]
) -> str:
    name = shortened(graph.names[id(node)], 80)
    value = _value(node)
    kind = node.type if value is None else TensorType(node.dtype, value.shape)
    lines = [f"{name}: {kind}"]
    if node.op is not None:
        arguments = [shortened(graph.names[id(i)], 40) for i in node.inputs[:8]]
        arguments += ["…"] * (len(node.inputs) > 8)
        arguments += [f"{key}={shortened(repr(v), 40)}" for key, v in node.attributes.items()]
        lines[0] += f" = {node.op.name}({', '.join(arguments)})"
    for what in ("value", "gradient"):
        numbers = [label.text for label in (*above, *below) if label.kind == what]
        lines += [f"{what} {' '.join(numbers)}"] if numbers else []
    if node.location is not None:
        lines.append(describe(node.location))
    return "\n".join(lines)


# --- values and gradients ------------------------------------------------------------------


def _value(node: Tensor | None) -> Array | None:
    """Return what a node holds now, if that is one array."""
    if node is None or not node.has_value or node.tuple_types is not None:
        return None
    return dtypes.decode(node.data, node.dtype)


def _small_arrays(nodes: Sequence[Tensor]) -> list[Array]:
    arrays = [_value(of) for node in nodes for of in (node, node.grad)]
    return [array for array in arrays if array is not None and in_full(array) is not None]


def _labels(node: Tensor, decimals: bool) -> tuple[tuple[Label, ...], tuple[Label, ...]]:
    """Return what stands above and what stands below the line that leaves a node."""
    value, gradient = _value(node), _value(node.grad)
    shape = node.type.shape if value is None else value.shape
    above: list[Label] = []
    if value is None or in_full(value, decimals) is None:
        known = shape is not None and node.tuple_types is None
        above += [Label("shape", dimensions(shape))] if known and shape is not None else []
    above += _numbers("value", value, decimals)
    return tuple(above), tuple(_numbers("gradient", gradient, decimals))


def _numbers(
    kind: Literal["value", "gradient"], array: Array | None, decimals: bool
) -> list[Label]:
    """Return a small array in full, mean and standard deviation of others."""
    if array is None or not array.size:
        return []
    text = in_full(array, decimals)
    texts = (text,) if text is not None else spread(array)
    return [Label(kind, each) for each in texts]
