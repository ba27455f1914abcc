"""The tree of boxes of a page, and for each box in which layers and order its contents stand.

A box is laid out without knowing how large anything is: its members, and the *ports* where lines
of nodes come in and go out, are put into columns and ordered there. The page's script turns columns
into coordinates, for whatever is open just then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Any

from ..layers import ANYWHERE, Edge, Ways, assign_layers
from ..ordering import order_columns

FEW = 24  # boxes that a page shows when it opens, if that is possible


@dataclass
class Branch:
    """A box: the nodes and boxes in it, and what is said about it."""

    outer: int | None
    facts: dict[str, Any]
    members: list[int] = field(default_factory=list)  # nodes; a box is counted after all nodes


@dataclass(frozen=True)
class Tree:
    """Boxes, the root first and outer ones before inner ones, over ``count`` nodes."""

    count: int
    branches: list[Branch]

    def home(self) -> dict[int, int]:
        """Return the box that each node, and each box, is directly in."""
        return {member: k for k, branch in enumerate(self.branches) for member in branch.members}

    def opened(self) -> list[int]:
        """Return the boxes that are open at first: level by level, while few boxes are seen."""
        level, opened = [0], [0]
        seen = len(self.branches[0].members)
        while level:
            inside = [m - self.count for b in level for m in self.branches[b].members
                      if m >= self.count]  # fmt: skip
            seen += sum(len(self.branches[b].members) - 1 for b in inside)
            if seen > FEW:
                break
            opened += inside
            level = inside
        return opened


def plant(
    count: int, homes: Sequence[int | None], outers: Sequence[int | None],
    facts: Sequence[dict[str, Any]], root: dict[str, Any], leaves: Collection[int] = (),
    *, all_boxes: bool = False,
) -> Tree:  # fmt: skip
    """Return the tree of groups ``0, 1, ...`` below a root; ``homes`` tells each node's group.

    A box that would hold one node only, or all operations there are, is left out; a node that
    loses its box so is still told apart by its caption; with ``all_boxes`` only empty ones are.
    ``leaves`` are the nodes that no operation made.
    """
    inside: list[list[int]] = [[] for _ in outers]
    for node, home in enumerate(homes):
        if home is not None:
            inside[home].append(node)
    below: list[list[int]] = [[] for _ in outers]
    for group, outer in enumerate(outers):
        if outer is not None:
            below[outer].append(group)
    operations = count - len(leaves)
    total = [0] * len(outers)
    for group in reversed(range(len(outers))):
        own = sum(1 for node in inside[group] if node not in leaves)
        total[group] = own + sum(total[inner] for inner in below[group])
    place: list[int] = []  # of each group: the box that its nodes are in
    tree = Tree(count, [Branch(None, dict(root))])
    for group, outer in enumerate(outers):
        around = 0 if outer is None else place[outer]
        size = len(inside[group]) + len(below[group])
        needless = size < 2 or total[group] == operations
        if (needless and not all_boxes) or not total[group]:
            place.append(around)
            continue
        tree.branches.append(Branch(around, dict(facts[group])))
        place.append(len(tree.branches) - 1)
    for node, home in enumerate(homes):
        tree.branches[0 if home is None else place[home]].members.append(node)
    for box, branch in enumerate(tree.branches):
        if branch.outer is not None:
            tree.branches[branch.outer].members.append(count + box)
    return tree


# --- the contents of one box ---------------------------------------------------------------


@dataclass(frozen=True)
class Arrangement:
    """What stands where in a box.

    Vertices are the members, then the ports of the nodes whose lines come in (``ins``) and go out
    (``outs``), then the waypoints of lines that pass a column. ``parents`` has the vertices that
    lines come from, each with the node whose line it is.
    """

    members: list[int]
    ins: list[int]
    outs: list[int]
    columns: list[list[int]]
    parents: list[list[tuple[int, int]]]

    def record(self) -> dict[str, Any]:
        """Return it as the page's script reads it."""
        return {"members": self.members, "ins": self.ins, "outs": self.outs,
                "columns": self.columns, "parents": self.parents}  # fmt: skip


def arrangements(
    tree: Tree, edges: Sequence[Edge], inputs: Collection[int], in_order: Collection[int]
) -> Iterator[Arrangement]:
    """Yield the arrangement of each box. Raises MissingDependencyError without igraph.

    ``edges`` lead from node to node, those into one node in the order of its inputs; ``inputs``
    stand at the left rim; lines into nodes that are ``in_order`` arrive in order.
    """
    home = tree.home()
    trails = [_trail(node, home, tree.count) for node in range(tree.count)]
    contents = [_Contents() for _ in tree.branches]
    for source, target in edges:
        down, up = trails[source], trails[target]
        common = max(k for k in range(min(len(down), len(up))) if down[k][0] == up[k][0])
        contents[down[common][0]].lines.append((down[common][1], up[common][1], source))
        for box, member in down[common + 1 :]:
            contents[box].outs[source] = member
        for box, member in up[common + 1 :]:
            contents[box].ins.setdefault(source, len(contents[box].ins))
            contents[box].lines.append((None, member, source))
    for branch, content in zip(tree.branches, contents, strict=True):
        yield _arrange(tree, branch.members, content, inputs, in_order)


@dataclass
class _Contents:
    """Lines in a box in the order of edges: from a member (None: from outside), to one, of a node.

    ``ins`` numbers the nodes whose lines come in, ``outs`` tells the members that lines leave.
    """

    lines: list[tuple[int | None, int, int]] = field(default_factory=list)
    ins: dict[int, int] = field(default_factory=dict)
    outs: dict[int, int] = field(default_factory=dict)


def _trail(node: int, home: Mapping[int, int], count: int) -> list[tuple[int, int]]:
    """Return the boxes around a node, outermost first, each with its member on the way."""
    trail = []
    member = node
    while True:
        box = home[member]
        trail.append((box, member))
        if box == 0:
            return trail[::-1]
        member = count + box


def _arrange(
    tree: Tree, members: Sequence[int], content: _Contents, inputs: Collection[int],
    in_order: Collection[int],
) -> Arrangement:  # fmt: skip
    ins, outs = content.ins, content.outs
    flow = [(a, b) for a, b, _ in content.lines if a is not None]
    order = _sorted(members, flow)
    place = {member: k for k, member in enumerate(order)}
    first = len(order)
    lines = _distinct(
        [(first + ins[node] if a is None else place[a], place[b], node)
         for a, b, node in content.lines],
        {k for k, member in enumerate(order) if member < tree.count},
    )  # fmt: skip
    first_out = first + len(ins)
    lines += [(place[m], first_out + k, node) for k, (node, m) in enumerate(outs.items())]
    layer = assign_layers(
        first, [(place[a], place[b]) for a, b in flow],
        {k for k, member in enumerate(order) if member in inputs},
    )  # fmt: skip
    layer = [n + bool(ins) for n in layer]
    last = max(layer, default=0) + 1
    layer += [0] * len(ins) + [last] * len(outs)
    parents = _lay_ways(layer, lines)
    ways = Ways(
        layer, [[vertex for vertex, _ in each] for each in parents],
        [[ANYWHERE] * len(each) for each in parents],
    )  # fmt: skip
    fixed = {k for k, member in enumerate(order) if member in in_order}
    return Arrangement(order, list(ins), list(outs), order_columns(ways, fixed), parents)


def _sorted(members: Sequence[int], flow: Sequence[Edge]) -> list[int]:
    """Return members so that each comes after those that it uses, else as they were."""
    sorter = TopologicalSorter[int](dict.fromkeys(members, ()))
    for source, target in flow:
        sorter.add(target, source)
    return list(sorter.static_order())


def _distinct(
    lines: Sequence[tuple[int, int, int]], nodes: Collection[int]
) -> list[tuple[int, int, int]]:
    """Let each node's line enter a box once; a node has a line for each input, in order."""
    seen: set[tuple[int, int, int]] = set()
    kept = []
    for line in lines:
        if line[1] in nodes or line not in seen:
            seen.add(line)
            kept.append(line)
    return kept


def _lay_ways(
    layer: list[int], lines: Sequence[tuple[int, int, int]]
) -> list[list[tuple[int, int]]]:
    """Lay waypoints so that each step leads to the next layer; lines of one node share theirs."""
    parents: list[list[tuple[int, int]]] = [[] for _ in layer]
    lanes: dict[tuple[int, int], list[int]] = {}
    for source, target, node in lines:
        lane = lanes.setdefault((source, node), [source])
        while layer[lane[-1]] + 1 < layer[target]:
            parents.append([(lane[-1], node)])
            layer.append(layer[lane[-1]] + 1)
            lane.append(len(layer) - 1)
        parents[target].append((lane[layer[target] - layer[source] - 1], node))
    return parents
