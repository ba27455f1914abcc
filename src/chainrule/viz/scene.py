"""What a drawing shows of a graph: shapes, labels and frames, before anything has a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..graph import ComputationalGraph, Tensor, TensorType
from ..graph.location import describe
from .formatting import is_whole, shortened, text_width
from .items import FONT, OUTLINES, RADIUS, Item, Kind, Label
from .labels import labels, small_arrays, value_of
from .layers import Edge
from .nested import Frame
from .opening import Opening, opening, visible_names
from .symbols import COMMUTATIVE, symbol

NAME_LIMIT = 22  # characters


@dataclass(frozen=True)
class Heading:
    """The frame of an open module: the one around it, what its title says, and what its tip."""

    outer: int | None
    path: str
    name: str
    detail: str
    tip: str

    @property
    def frame(self) -> Frame:
        """The frame that a layout needs."""
        width = text_width(f"{self.name} {self.detail}", FONT["title"])
        return Frame(self.outer, width)


@dataclass(frozen=True)
class Scene:
    """A graph as it is drawn: nodes and closed modules, edges (from, to), frames of open modules.

    ``frame_of`` is the index of the innermost frame around each item, or None.
    """

    title: str
    items: tuple[Item, ...]
    edges: tuple[Edge, ...]
    frames: tuple[Heading, ...] = ()
    frame_of: tuple[int | None, ...] = ()

    @property
    def inputs(self) -> set[int]:
        """The nodes that are given anew for every run."""
        return {k for k, item in enumerate(self.items) if item.kind == "input"}


def scene(graph: ComputationalGraph, depth: float | None = None, open: Sequence[str] = ()) -> Scene:
    """Say how a graph is drawn; values and gradients are those that its nodes hold now.

    ``depth`` and ``open`` say which modules are open, as in ``opening``.

    >>> x, y = cr.input("x"), cr.input("y")
    >>> graph = cr.ComputationalGraph(x * y)
    >>> graph.forward(2.0, 3.0)
    6.0
    >>> [(item.text, item.above[0].text) for item in scene(graph).items]
    [('x', '2'), ('y', '3'), ('×', '6')]
    """
    return _Scenery(graph, opening(graph, depth, open)).scene()


class _Scenery:
    """A graph, and which item stands for each node."""

    def __init__(self, graph: ComputationalGraph, opened: Opening) -> None:
        self.graph, self.opened = graph, opened
        self.nodes = graph.nodes_topologically_sorted()
        self.item_of: list[int] = []
        self.members: list[list[int]] = []  # of each item: its nodes
        of_module: dict[int, int] = {}
        for k, closed in enumerate(opened.closed):
            if closed is None or closed not in of_module:
                self.members.append([])
            item = len(self.members) - 1
            item = item if closed is None else of_module.setdefault(closed, item)
            self.item_of.append(item)
            self.members[item].append(k)
        number = {id(node): k for k, node in enumerate(self.nodes)}
        self.inputs = [[number[id(i)] for i in node.inputs] for node in self.nodes]
        self.outputs = {number[id(output)] for output in graph.outputs}

    def scene(self) -> Scene:
        """Return the scene."""
        edges, leaving = self._edges()
        shown = [k for k, closed in enumerate(self.opened.closed) if closed is None]
        shown = sorted({*shown, *(k for nodes in leaving.values() for k in nodes)})
        decimals = not all(map(is_whole, small_arrays([self.nodes[k] for k in shown])))
        items = []
        for item, members in enumerate(self.members):
            closed = self.opened.closed[members[0]]
            users = leaving.get(item, [])
            if closed is None:
                items.append(self._node(members[0], decimals, bool(users)))
            else:
                items.append(self._module(closed, members, users, decimals))
        frames = {group: k for k, group in enumerate(self.opened.framed)}
        framed = [self.opened.frame[members[0]] for members in self.members]
        return Scene(
            _title(self.graph), tuple(items), edges, tuple(self._headings(frames)),
            tuple(None if frame is None else frames[frame] for frame in framed),
        )  # fmt: skip

    def _edges(self) -> tuple[tuple[Edge, ...], dict[int, list[int]]]:
        """Return the edges between items, and for each item its nodes that others use."""
        edges: list[Edge] = []
        leaving: dict[int, list[int]] = {}
        known = set()
        for k, inputs in enumerate(self.inputs):
            target = self.item_of[k]
            for source in inputs:
                item = self.item_of[source]
                if item == target:
                    continue
                used = leaving.setdefault(item, [])
                used += [] if source in used else [source]
                if self.opened.closed[k] is not None and (source, target) in known:
                    continue
                known.add((source, target))
                edges.append((item, target))
        return tuple(edges), leaving

    # --- one item --------------------------------------------------------------------------

    def _node(self, k: int, decimals: bool, has_users: bool) -> Item:
        node = self.nodes[k]
        kind = _kind(node)
        name = self.graph.names[id(node)]
        above, below = labels(node, decimals and kind != "constant")
        text, caption = self._texts(k, kind, name)
        if kind == "constant" and not node.name and len(above) == 1 and above[0].text:
            text, above = above[0].text, ()
        outline = OUTLINES.get(kind, "circle")
        too_long = text_width(text, FONT["symbol"]) > 2 * RADIUS - 10.0
        if kind == "operation" and (too_long or len(node.inputs) > 3):
            outline = "box"
        return Item(
            name, kind, outline, text, caption, above, below, _tip(self.graph, node, above, below),
            k in self.outputs, node.op is not None and node.op.name not in COMMUTATIVE,
            len(node.inputs), has_users,
        )  # fmt: skip

    def _texts(self, k: int, kind: Kind, name: str) -> tuple[str, str]:
        """Return the text in the outline and the small one: ``weight`` and ``encoder.0``.

        What the frame around a node says already is left out.
        """
        node, groups = self.nodes[k], self.opened.groups
        of = groups.of[k]
        if kind == "operation":
            caption = node.name or ""
            alone = of is not None and groups.of.count(of) == 1
            if not caption and alone and of not in self.opened.framed:
                caption = groups.groups[of or 0].name  # the only node of a layer has no frame
            return shortened(symbol(node), NAME_LIMIT), shortened(caption, NAME_LIMIT)
        if kind == "constant" and node.name is None and name.startswith("constant"):
            return "constant", ""  # the number that tells it from others is of no interest here
        path, _, last = name.rpartition(".")
        if not last:
            path, last = "", name
        if of is not None:
            last = last if node.name is None else node.name.rpartition(".")[2] or last
            path = "" if path == groups.groups[of].path else path
        return shortened(last, NAME_LIMIT), shortened(path, NAME_LIMIT)

    def _module(
        self, group: int, members: Sequence[int], users: Sequence[int], decimals: bool
    ) -> Item:
        text, caption = visible_names(self.opened.groups, group)
        results = list(dict.fromkeys([*users, *(k for k in members if k in self.outputs)]))
        above: tuple[Label, ...] = ()
        below: tuple[Label, ...] = ()
        if len(results) == 1:
            above, below = labels(self.nodes[results[0]], decimals)
        elif results:
            above = (Label("shape", f"{len(results)} results"),)
        return Item(
            self.opened.groups.groups[group].path or text, "module", "double",
            shortened(text, NAME_LIMIT), shortened(caption, NAME_LIMIT), above, below,
            self._module_tip(group, members), any(k in self.outputs for k in results), False,
            len(members), bool(users),
        )  # fmt: skip

    def _module_tip(self, group: int, members: Sequence[int]) -> str:
        each = self.opened.groups.groups[group]
        nodes = [self.nodes[k] for k in members]
        operations = sum(node.op is not None for node in nodes)
        extra = shortened(each.call.module.extra_repr(), 120)
        lines = [f"{each.path}: {each.kind}({extra})" if each.path else f"{each.kind}({extra})"]
        lines.append(f"{each.call.module.num_parameters():,} parameters")
        if operations:
            lines.append(f"{operations} operation{'s' if operations > 1 else ''}")
        return "\n".join(lines)

    def _headings(self, frames: dict[int, int]) -> list[Heading]:
        groups = self.opened.groups
        found = []
        for group in frames:
            around = [frames[k] for k in groups.around(group)[:-1] if k in frames]
            name, detail = visible_names(groups, group)
            found.append(Heading(
                around[-1] if around else None, groups.groups[group].path,
                shortened(name, 2 * NAME_LIMIT), shortened(detail, NAME_LIMIT),
                self._module_tip(group, []),
            ))  # fmt: skip
        return found


def _title(graph: ComputationalGraph) -> str:
    def names(nodes: Sequence[Tensor]) -> str:
        return shortened(", ".join(graph.names[id(node)] for node in nodes), 80)

    count = f"{len(graph)} node{'' if len(graph) == 1 else 's'}"
    start = f", from {names(graph.inputs)}" if graph.inputs else ""
    return f"Computational graph of {count}{start} to {names(graph.outputs)}"


def _kind(node: Tensor) -> Kind:
    if node.op is not None:
        return "operation"
    if node.symbolic:
        return "input"
    return "parameter" if node.requires_grad else "constant"


def _tip(
    graph: ComputationalGraph, node: Tensor, above: Sequence[Label], below: Sequence[Label]
) -> str:
    name = shortened(graph.names[id(node)], 80)
    value = value_of(node)
    kind = node.type if value is None else TensorType(node.dtype, value.shape)
    lines = [f"{name}: {kind}"]
    if node.op is not None:
        arguments = [shortened(graph.names[id(i)], 40) for i in node.inputs[:8]]
        arguments += ["…"] * (len(node.inputs) > 8)
        arguments += [f"{key}={shortened(repr(v), 40)}" for key, v in node.attributes.items()]
        lines[0] += f" = {node.op.name}({', '.join(arguments)})"
    for what, found in (("value", reversed(above)), ("gradient", below)):
        numbers = [label.text for label in found if label.kind == what and label.text]
        lines += [f"{what} {', '.join(numbers)}"] if numbers else []
    if node.location is not None:
        lines.append(describe(node.location))
    return "\n".join(lines)
