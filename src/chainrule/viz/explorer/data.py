"""What a page knows of a graph, as a tree of plain records."""

from __future__ import annotations

import linecache
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ... import dtypes
from ...dtypes import Array
from ...graph import ComputationalGraph, Tensor
from ...graph.location import describe
from ..formatting import shortened
from ..groups import Groups, find_groups
from ..layers import Edge
from ..scene import _kind as kind_of
from ..symbols import COMMUTATIVE, symbol
from . import values
from .costs import flops, shape_of, traffic
from .formulas import formula
from .hierarchy import Tree, arrangements, plant

PICTURES = 900_000  # bytes of all pictures of a page
LARGEST = 12_544  # of one array: 16 maps of 28 x 28
NAME = 24  # characters of a text in the drawing


@dataclass(frozen=True)
class Flow:
    """The nodes of a graph by number, in topological order, and how they are joined."""

    graph: ComputationalGraph
    nodes: list[Tensor]
    number: dict[int, int]  # by id
    edges: list[Edge]

    def into(self, node: int) -> list[Edge]:
        """Return the edges into a node."""
        return [(self.number[id(source)], node) for source in self.nodes[node].inputs]

    @property
    def leaves(self) -> set[int]:
        """The nodes that no operation made."""
        return {k for k, node in enumerate(self.nodes) if node.op is None}

    @property
    def inputs(self) -> set[int]:
        """The nodes that are given anew for every run."""
        return {k for k, node in enumerate(self.nodes) if node.op is None and node.symbolic}

    @property
    def in_order(self) -> set[int]:
        """The nodes whose inputs are drawn in order."""
        return {k for k, node in enumerate(self.nodes)
                if node.op is not None and node.op.name not in COMMUTATIVE}  # fmt: skip


def flow_of(graph: ComputationalGraph) -> Flow:
    """Number the nodes of a graph."""
    nodes = graph.nodes_topologically_sorted()
    number = {id(node): k for k, node in enumerate(nodes)}
    edges = [(number[id(i)], k) for k, node in enumerate(nodes) for i in node.inputs]
    return Flow(graph, nodes, number, edges)


def collect(
    flow: Flow, title: str, milliseconds: Mapping[int, float] | None = None
) -> dict[str, Any]:
    """Return what a page shows of a graph as written: nodes, formulas, boxes.

    ``milliseconds`` are those of each node, where they were measured.
    """
    groups = find_groups(flow.graph)
    held = sum(n.has_value + (n.grad is not None) for n in flow.nodes)
    pixels = min(LARGEST, PICTURES // max(held, 1))
    outputs = {id(node) for node in flow.graph.outputs}
    nodes = [
        _node(flow, node, pixels)
        | ({"output": True} if id(node) in outputs else {})
        | ({"ms": milliseconds[k]} if milliseconds and k in milliseconds else {})
        | ({"path": groups.groups[home].path} if home is not None else {})
        for k, (node, home) in enumerate(zip(flow.nodes, groups.of, strict=True))
    ]
    names = {node.op.name for node in flow.nodes if node.op is not None}
    return {
        "title": title,
        "nodes": nodes,
        "operations": {name: _operation(name) for name in sorted(names)},
        "views": [view(flow, module_tree(flow, groups), "As written")],
    }


def view(flow: Flow, tree: Tree, name: str) -> dict[str, Any]:
    """Return the boxes of a tree, each with what is in it and where it stands."""
    arranged = arrangements(tree, flow.edges, flow.inputs, flow.in_order)
    boxes = [
        {**branch.facts, "outer": branch.outer, **arrangement.record()}
        for branch, arrangement in zip(tree.branches, arranged, strict=True)
    ]
    return {"name": name, "boxes": boxes, "open": tree.opened()}


# --- boxes ---------------------------------------------------------------------------------


def module_tree(flow: Flow, groups: Groups) -> Tree:
    """Return the tree of the modules whose calls made the nodes."""
    parameters: dict[int | None, int] = {}
    for node, home in zip(flow.nodes, groups.of, strict=True):
        if kind_of(node) == "parameter":
            for box in groups.around(home):
                parameters[box] = parameters.get(box, 0) + math.prod(shape_of(node) or ())
    facts = [
        {
            "kind": "module", "name": shortened(group.name or group.kind, NAME),
            "path": group.path, "type": shortened(group.kind, NAME),
            "note": shortened(str(group.call.module.extra_repr()), 120),
            "parameters": parameters.get(k, 0),
        }
        for k, group in enumerate(groups.groups)
    ]  # fmt: skip
    outers = [group.outer for group in groups.groups]
    root = {"kind": "root", "name": "", "type": "", "path": "", "note": "",
            "parameters": sum(math.prod(shape_of(n) or ()) for n in flow.nodes
                              if kind_of(n) == "parameter")}  # fmt: skip
    return plant(len(flow.nodes), groups.of, outers, facts, root, flow.leaves)


# --- nodes ---------------------------------------------------------------------------------


def _node(flow: Flow, node: Tensor, pixels: int) -> dict[str, Any]:
    name, kind = flow.graph.names[id(node)], kind_of(node)
    shape = shape_of(node)
    told: dict[str, Any] = {
        "name": name, "kind": kind, "inputs": [flow.number[id(i)] for i in node.inputs],
        "dtype": node.dtype.name, "shape": None if shape is None else list(shape),
        "wants": node.requires_grad,
    }  # fmt: skip
    if node.op is not None:
        told |= {
            "text": shortened(symbol(node), NAME), "caption": shortened(node.name or "", NAME),
            "operation": node.op.name, "attributes": _attributes(node),
            "inOrder": node.op.name not in COMMUTATIVE, "flops": flops(node),
        }  # fmt: skip
    else:
        path, _, last = name.rpartition(".")
        told |= {"text": shortened(last or name, NAME), "caption": shortened(path, NAME)}
        told["bare"] = kind == "constant" and not node.name
    told["bytes"] = traffic(node)
    for key, array in (("value", _array(node)), ("gradient", _array(node.grad))):
        if array is not None:
            told[key] = values.record(array, pixels)
    if node.location is not None:
        told["line"] = describe(node.location)
        told["source"] = shortened(linecache.getline(*node.location).strip(), 160)
    return {
        key: entry for key, entry in told.items()
        if entry is not None and entry is not False and entry != ""
    }  # fmt: skip


def _attributes(node: Tensor) -> str:
    return ", ".join(f"{key} = {shortened(repr(v), 60)}" for key, v in node.attributes.items())


def _array(node: Tensor | None) -> Array | None:
    if node is None or not node.has_value or node.tuple_types is not None:
        return None
    return dtypes.decode(node.data, node.dtype)


def _operation(name: str) -> dict[str, Any]:
    text, derivatives = formula(name)
    return {"formula": text, "derivatives": list(derivatives)}


def title_of(graph: ComputationalGraph) -> str:
    """Return a title: the model's class, or what the graph computes from what."""
    calls = {id(n.call.outermost): n.call.outermost for n in graph if n.call is not None}
    if len(calls) == 1:
        return type(next(iter(calls.values())).module).__name__
    if not all(node.name for node in graph.outputs):
        return "Computational graph"
    outputs = ", ".join(graph.names[id(node)] for node in graph.outputs)
    inputs = ", ".join(graph.names[id(node)] for node in graph.inputs)
    return shortened(f"{outputs}({inputs})" if inputs else outputs, 60)
