"""Which modules are open in a drawing, and which are closed to a box."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ..errors import ArgumentError
from ..graph import ComputationalGraph
from .formatting import shortened
from .groups import Groups, find_groups

FULL = 30  # nodes of a graph that is drawn in full if nobody says otherwise
MANY = 32  # boxes that a drawing has at most, if modules can be closed


@dataclass(frozen=True)
class Opening:
    """Where each node is drawn: by itself in frames, or as a part of a closed module.

    ``frame`` is the innermost group around a node that has a frame, ``closed`` the outermost group
    that hides it; ``framed`` lists the groups with a frame, outer ones first.
    """

    groups: Groups
    frame: tuple[int | None, ...]
    closed: tuple[int | None, ...]
    framed: tuple[int, ...]


def opening(
    graph: ComputationalGraph, depth: float | None = None, open: Sequence[str] = ()
) -> Opening:
    """Say which modules are open.

    ``depth`` levels of modules are: 0 draws each model as one box, 1 the modules in it; layers that
    have no modules in them stay closed, unless ``depth`` is infinite or ``open`` lists their paths.
    None opens everything in small graphs, and in others as much as fits on a page. Raises
    ArgumentError for a path that no module of the graph has, and for a negative depth.

    >>> model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    >>> graph = ComputationalGraph(model(cr.input("x", (1, 2))))
    >>> opening(graph, 1).closed
    (None, 1, 1, 1, 1, 1, 2)
    >>> opening(graph, 1, ["0"]).closed
    (None, None, None, None, None, None, 2)
    """
    groups = find_groups(graph)
    if depth is not None and not depth >= 0:
        raise ArgumentError("depth", required="levels of modules, >= 0", received=str(depth))
    paths = {group.path for group in groups.groups}
    for path in open:
        if path not in paths:
            known = shortened(", ".join(filter(None, sorted(paths))), 200) or "none, no modules"
            raise ArgumentError("open", required=f"paths among {known}", received=repr(path))
    chosen = _fitting(groups, len(graph), open) if depth is None else depth
    is_open = _is_open(groups, chosen, open)
    closed = tuple(next((k for k in groups.around(of) if not is_open[k]), None) for of in groups.of)
    framed = _framed(groups, graph, is_open, closed)
    frame = tuple(
        _innermost(groups.around(of), hidden, framed)
        for of, hidden in zip(groups.of, closed, strict=True)
    )
    return Opening(groups, frame, closed, tuple(framed))


def _innermost(path: Sequence[int], closed: int | None, framed: Collection[int]) -> int | None:
    """Return the last framed group on a path, before the one that is closed."""
    around = path if closed is None else path[: path.index(closed)]
    return next((k for k in reversed(around) if k in framed), None)


def _fitting(groups: Groups, nodes: int, open: Sequence[str]) -> float:
    """Return the depth at which a drawing fits on a page, as deep as possible."""
    if nodes <= FULL or not groups.groups:
        return math.inf
    deepest = max(group.level for group in groups.groups) + 1
    for depth in range(deepest, 1, -1):
        is_open = _is_open(groups, depth, open)
        hidden = [next((k for k in groups.around(of) if not is_open[k]), None) for of in groups.of]
        if len({k for k in hidden if k is not None}) + hidden.count(None) <= MANY:
            return depth
    return 1


def _is_open(groups: Groups, depth: float, open: Sequence[str]) -> list[bool]:
    has_inner = {group.outer for group in groups.groups}
    wanted = {  # modules that are to be open, and those around them
        k for j, group in enumerate(groups.groups) if group.path in open for k in groups.around(j)
    }
    return [
        k in wanted or depth == math.inf or (group.level < depth and k in has_inner)
        for k, group in enumerate(groups.groups)
    ]


def _framed(
    groups: Groups, graph: ComputationalGraph, is_open: list[bool], closed: Sequence[int | None]
) -> list[int]:
    """Return the open groups that get a frame: not the model that is all, nor a single node."""
    inside: dict[int, int] = {}
    for of, hidden in zip(groups.of, closed, strict=True):
        if hidden is None:
            for k in groups.around(of):
                inside[k] = inside.get(k, 0) + 1
    for k in {k for k in closed if k is not None}:
        for around in groups.around(k)[:-1]:
            inside[around] = inside.get(around, 0) + 1
    operations = [
        groups.around(of)[:1] for node, of in zip(graph, groups.of, strict=True) if node.op
    ]
    whole = 0 if operations and all(top == [0] for top in operations) else None
    return [
        k for k in range(len(groups.groups)) if is_open[k] and k != whole and inside.get(k, 0) > 1
    ]


def visible_names(groups: Groups, group: int) -> tuple[str, str]:
    """Return what a module is called in a drawing, and the small text: ``conv1`` and ``Conv2d``.

    Where the name is only a number, the class comes first.
    """
    each = groups.groups[group]
    if not each.name or each.name.rpartition(".")[2].isdigit() or each.name.startswith("<"):
        return each.kind, each.name.strip("<>") if each.name != f"<{each.kind}>" else ""
    return each.name, each.kind if each.kind.lower() != each.name.lower() else ""
