"""Order: which vertex stands above which in a column, so that few edges cross."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

from ..errors import MissingDependencyError
from .layers import Ways

ROUNDS = 8
End = tuple[int, float]  # place in the column, port


class Line(NamedTuple):
    """A step of an edge; lines that end at one port, or at a box that has no order, never cross."""

    source: int
    target: int
    port: float
    leaves: float = 0.0  # at which height from the source's centre


def order_columns(ways: Ways, in_order: Collection[int] = ()) -> list[list[int]]:
    """Return the vertices of each layer from top to bottom, with few crossings between layers.

    Edges into an ``in_order`` node should arrive in order. Two orders are tried, and the better one
    is taken: that in which one reads the formula, which has no crossings in a tree; and igraph's,
    by the barycentres of neighbours (K. Sugiyama, S. Tagawa, M. Toda: "Methods for visual
    understanding of hierarchical system structures", 1981). In both, neighbours change places where
    that saves a crossing, or costs none and is as one reads. Raises MissingDependencyError without
    igraph.
    """
    read = _read_order(ways)
    rank = {vertex: k for k, vertex in enumerate(read)}
    lines = [
        Line(parent, vertex, at if at is not None else k if vertex in in_order else 0, leaves)
        for vertex, parents in enumerate(ways.parents)
        for k, (parent, (leaves, at)) in enumerate(zip(parents, ways.ends[vertex], strict=True))
    ]
    tried = []
    for order in (read, _by_barycentres(ways, lines, rank)):
        columns: list[list[int]] = [[] for _ in range(max(ways.layer, default=-1) + 1)]
        for vertex in order:
            columns[ways.layer[vertex]].append(vertex)
        _exchange(columns, lines, rank)
        tried.append(columns)
    return min(tried, key=lambda columns: count_crossings(columns, lines))


def _read_order(ways: Ways) -> list[int]:
    """Return the vertices in the order in which one reads them in the formula."""
    used = set(chain.from_iterable(ways.parents))
    seen: set[int] = set()
    order = []
    stack = [vertex for vertex in reversed(range(len(ways.layer))) if vertex not in used]
    while stack:
        vertex = stack.pop()
        if vertex not in seen:
            seen.add(vertex)
            order.append(vertex)
            stack.extend(reversed(ways.parents[vertex]))
    return order


def _by_barycentres(ways: Ways, lines: Iterable[Line], rank: dict[int, int]) -> list[int]:
    numbered = [(rank[line.source], rank[line.target]) for line in lines]
    graph = _igraph().Graph(n=len(rank), edges=numbered, directed=True)
    placed = graph.layout_sugiyama(layers=[ways.layer[vertex] for vertex in rank])
    return sorted(rank, key=lambda vertex: (placed[rank[vertex]][0], rank[vertex]))


def _igraph() -> Any:
    try:
        import igraph
    except ImportError:
        raise MissingDependencyError(
            "drawing a graph", required="igraph", hint="pip install 'chainrule[draw]'"
        ) from None
    return igraph


# --- crossings -----------------------------------------------------------------------------


def count_crossings(columns: Sequence[Sequence[int]], lines: Iterable[Line]) -> int:
    """Return how many pairs of lines cross.

    >>> count_crossings([[0, 1], [2, 3]], [Line(0, 3, 0), Line(1, 2, 0)])
    1
    >>> count_crossings([[0, 1], [2]], [Line(0, 2, 1), Line(1, 2, 0)])
    1
    """
    place = {vertex: k for column in columns for k, vertex in enumerate(column)}
    column_of = {vertex: k for k, column in enumerate(columns) for vertex in column}
    between: list[list[tuple[End, End]]] = [[] for _ in columns]
    for source, target, port, leaves in lines:
        between[column_of[source]].append(((place[source], leaves), (place[target], port)))
    crossings = 0
    for gap in between:
        ends: list[End] = []
        for _, end in sorted(gap):
            crossings += len(ends) - bisect_right(ends, end)
            insort(ends, end)
    return crossings


def _exchange(columns: list[list[int]], lines: Iterable[Line], rank: dict[int, int]) -> None:
    """Let neighbours in a column change places as long as that is better."""
    before: dict[int, list[End]] = {}
    after: dict[int, list[End]] = {}
    for source, target, port, leaves in lines:
        before.setdefault(target, []).append((source, leaves))
        after.setdefault(source, []).append((target, port))
    place = {vertex: k for column in columns for k, vertex in enumerate(column)}

    def crossings(upper: int, lower: int) -> int:
        total = 0
        for side in (before, after):
            ends = [[(place[v], port) for v, port in side.get(x, ())] for x in (upper, lower)]
            total += _inversions(*ends)
        return total

    for _ in range(ROUNDS):
        changed = False
        for column in columns:
            for k in range(len(column) - 1):
                a, b = column[k], column[k + 1]
                if (crossings(b, a), rank[b]) < (crossings(a, b), rank[a]):
                    column[k], column[k + 1] = b, a
                    place[a], place[b] = k + 1, k
                    changed = True
        if not changed:
            break


def _inversions(upper: list[End], lower: list[End]) -> int:
    """Return how many of the upper vertex's lines end below one of the lower's, pair by pair."""
    lower.sort()
    return sum(bisect_left(lower, end) for end in upper)
