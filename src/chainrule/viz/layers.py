"""Layers: which column of the drawing each node stands in, and the ways of edges between them.

Nodes are numbered topologically: an edge goes from a smaller to a greater number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

Edge = tuple[int, int]  # from node, to node
Ends = tuple[float, float | None]  # where an edge leaves and ends, from the centres; None: anywhere
ANYWHERE: Ends = (0.0, None)
NEAR = 3  # layers that an input or output may be away from its neighbours to be drawn at the rim


def assign_layers(
    count: int, edges: Iterable[Edge], inputs: Collection[int],
    rims: tuple[Collection[int], Collection[int]] = ((), ()),
) -> list[int]:  # fmt: skip
    """Return the layer of each node: after the nodes that it uses, as near as it can to its users.

    So a weight stands beside the operation that uses it, and a value that waits long is drawn as
    one line instead of those that it was computed from. ``inputs`` stand at the left rim and
    results at the right one, unless that is far from where they are used or computed; the nodes
    of ``rims`` stand at the left and at the right one in any case.

    >>> assign_layers(5, [(0, 2), (1, 4), (2, 3), (3, 4)], inputs={1})
    [0, 0, 1, 2, 3]
    >>> assign_layers(5, [(0, 2), (1, 4), (2, 3), (3, 4)], inputs=())
    [0, 2, 1, 2, 3]
    """
    users: list[list[int]] = [[] for _ in range(count)]
    earliest = [0] * count
    for source, target in sorted(edges, key=lambda edge: edge[1]):
        users[source].append(target)
        earliest[target] = max(earliest[target], earliest[source] + 1)
    last = max(earliest, default=0)
    layer = [0] * count
    for node in reversed(range(count)):
        if users[node]:
            layer[node] = min(layer[user] for user in users[node]) - 1
        else:
            layer[node] = last if last - earliest[node] <= NEAR else earliest[node]
        if node in inputs and earliest[node] == 0 and layer[node] <= NEAR:
            layer[node] = 0
        if node in rims[0] or node in rims[1]:
            layer[node] = 0 if node in rims[0] else last
    return layer


@dataclass(frozen=True)
class Ways:
    """How edges pass through the layers that lie between their ends.

    Where an edge of a node crosses a layer it has a *waypoint*, a vertex without a box, which all
    edges of that node share. Vertices are the nodes followed by the waypoints; ``parents`` holds
    the vertices that each one is reached from (for a waypoint one, for a node one per input, in
    order), and ``ends`` where those lines leave and end.
    """

    layer: list[int]
    parents: list[list[int]]
    ends: list[list[Ends]] = field(repr=False)
    through: Collection[int] = field(repr=False, default=())  # nodes that stand for outer ones


def find_ways(layer: Sequence[int], edges: Sequence[Edge], ends: Sequence[Ends] = ()) -> Ways:
    """Lay waypoints so that every step of an edge leads from one layer to the next.

    >>> find_ways([0, 1, 2], [(0, 1), (1, 2), (0, 2)])
    Ways(layer=[0, 1, 2, 1], parents=[[], [0], [1, 3], [0]])
    """
    ways = Ways(list(layer), [[] for _ in layer], [[] for _ in layer])
    lanes: dict[tuple[int, float], list[int]] = {}  # a node, then its waypoints, layer by layer
    for (source, target), (leaves, ends_at) in zip(
        edges, ends or [ANYWHERE] * len(edges), strict=True
    ):
        lane = lanes.setdefault((source, leaves), [source])
        while ways.layer[lane[-1]] + 1 < layer[target]:
            ways.parents.append([lane[-1]])
            ways.ends.append([(leaves if len(lane) == 1 else 0.0, 0.0)])
            ways.layer.append(ways.layer[lane[-1]] + 1)
            lane.append(len(ways.layer) - 1)
        place = layer[target] - layer[source] - 1
        ways.parents[target].append(lane[place])
        ways.ends[target].append((0.0 if place else leaves, ends_at))
    return ways


def way_to(ways: Ways, count: int, parent: int) -> list[int]:
    """Return the vertices from an edge's first node to ``parent``, the last before its end.

    >>> ways = find_ways([0, 1, 2], [(0, 1), (1, 2), (0, 2)])
    >>> way_to(ways, 3, ways.parents[2][1])
    [0, 3]
    """
    way = [parent]
    while way[-1] >= count:
        way.append(ways.parents[way[-1]][0])
    return way[::-1]
