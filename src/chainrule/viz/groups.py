"""Groups: which nodes of a graph the calls of modules made, box in box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..graph import ComputationalGraph, Tensor
from ..nn.calls import Call


@dataclass(frozen=True)
class Group:
    """A call of a module, whose nodes are drawn in one box.

    ``outer`` is the index of the group around it, ``level`` the number of those groups; ``path``
    leads from the outermost module to this one, ``name`` is its last part; ``call`` is the record
    itself, with ``call.module``.
    """

    outer: int | None
    level: int
    name: str
    path: str
    kind: str
    call: Call


@dataclass(frozen=True)
class Groups:
    """All groups, outer ones first; and the innermost group of each node (None: in no module)."""

    groups: tuple[Group, ...]
    of: tuple[int | None, ...]

    def around(self, group: int | None) -> list[int]:
        """Return a group and those around it, the outermost first."""
        path = []
        while group is not None:
            path.append(group)
            group = self.groups[group].outer
        return path[::-1]


def find_groups(graph: ComputationalGraph) -> Groups:
    """Return which call of a module made each node, in topological order.

    A node belongs to the innermost call that was running; a parameter, a buffer or a number to the
    innermost call that has all its users. Inputs, and what else came from outside, are in no group.

    >>> model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    >>> found = find_groups(cr.ComputationalGraph(model(cr.input("x", shape=(1, 2)))))
    >>> [(group.path, group.kind, group.outer) for group in found.groups]
    [('', 'Sequential', None), ('0', 'Linear', 0), ('1', 'ReLU', 0)]
    """
    nodes = graph.nodes_topologically_sorted()
    found: list[Group] = []
    index: dict[int, int] = {}
    of = {id(n): _group_of(n.call, found, index) for n in nodes if n.op is not None}
    groups = Groups(tuple(found), ())
    users: dict[int, list[list[int]]] = {}
    for node in nodes:
        for source in node.inputs:
            if source.op is None:
                users.setdefault(id(source), []).append(groups.around(of[id(node)]))
    held = _held(found)
    for node in nodes:
        if node.op is None:
            inside = not node.symbolic and (id(node) in held or _made_inside(node))
            of[id(node)] = _common(users.get(id(node), [])) if inside else None
    return Groups(groups.groups, tuple(of[id(node)] for node in nodes))


def _group_of(call: Call | None, found: list[Group], index: dict[int, int]) -> int | None:
    """Return the number of a call's group; add it, and those around it, if they are new."""
    new = []
    while call is not None and id(call) not in index:
        new.append(call)
        call = call.outer
    number = None if call is None else index[id(call)]
    for each in reversed(new):
        outer = None if number is None else found[number]
        name = each.name
        path = f"{outer.path}.{name}" if outer is not None and outer.path else name
        level = 0 if outer is None else outer.level + 1
        found.append(Group(number, level, name, path, type(each.module).__name__, each))
        number = index[id(each)] = len(found) - 1
    return number


def _held(groups: Iterable[Group]) -> set[int]:
    """Return the parameters and buffers of the models (their ids)."""
    models = [group.call.module for group in groups if group.outer is None]
    return {id(t) for m in models for held in (m.parameters(), m.buffers()) for t in held}


def _made_inside(leaf: Tensor) -> bool:
    """Whether a module made a leaf itself, or it is a number that stands in a formula."""
    number = leaf.name is None and not leaf.requires_grad and leaf.size == 1
    return leaf.call is not None or number


def _common(paths: Sequence[Sequence[int]]) -> int | None:
    """Return the innermost group that is on all paths."""
    common = None
    for step in zip(*paths, strict=False):
        if len(set(step)) > 1:
            break
        common = step[0]
    return common
