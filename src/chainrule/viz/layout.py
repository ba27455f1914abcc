"""Layered layout of a graph: boxes in columns from left to right, edges routed between them.

By construction no two boxes overlap and no edge passes through a box: boxes keep their distance
within a column, an edge crosses a column on a row of its own, and bends only in the gaps between
columns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from .coordinates import Separation, heights
from .layers import ANYWHERE, Edge, Ends, Ways, assign_layers, find_ways, way_to
from .lines import LEAD, Column, Page, set_page, turned
from .ordering import order_columns
from .ports import find_ports, steps

Point = tuple[float, float]

MARGIN = 24.0
BOX_GAP = 18.0  # between two boxes of a column
LINE_GAP = 12.0  # between a line and its neighbour in a column
COLUMN_GAP = 24.0  # between two columns, if edges need not climb
CLIMB = 0.2  # how much wider the gap gets for each pixel that an edge climbs in it
WIDEST_GAP = 150.0


@dataclass(frozen=True)
class Box:
    """What a node needs: the size of its shape, and of the text along the line that leaves it.

    The shape's centre and the line are on one height; ``above`` and ``below`` tell how far their
    texts reach from there. Edges into an ``in_order`` box end from top to bottom in the order of
    inputs.
    """

    width: float
    height: float
    trunk: float = 0.0
    above: float = 0.0
    below: float = 0.0
    in_order: bool = False

    @property
    def up(self) -> float:
        """How far the box reaches above its centre."""
        return max(self.above, self.height / 2)

    @property
    def down(self) -> float:
        """How far it reaches below."""
        return max(self.below, self.height / 2)


@dataclass(frozen=True)
class Layout:
    """Where everything is: in pixels, x to the right, y down.

    ``centres`` of the nodes' shapes; ``exits``, how far right each node's trunk reaches; and for
    each edge a route: the points between which it runs, level, upright or in a curve.
    """

    width: float
    height: float
    centres: tuple[Point, ...]
    exits: tuple[float, ...]
    routes: tuple[tuple[Point, ...], ...]


def arrange(
    boxes: Sequence[Box],
    edges: Sequence[Edge],
    inputs: Collection[int] = (),
    *,
    width: float = float("inf"),
    margin: float = MARGIN,
    ends: Sequence[Ends] = (),
    rims: tuple[Collection[int], Collection[int]] = ((), ()),
) -> Layout:
    """Lay out a graph whose nodes are numbered topologically.

    ``edges`` are pairs (from, to), those into one node in the order of its inputs; ``inputs`` are
    the nodes that should stand at the left rim, ``rims`` those that must stand at the left and at
    the right one. ``ends`` says for each edge at which heights, from the centres of its nodes, it
    leaves and ends (None: where there is room). Columns that are together wider than ``width`` are
    broken into lines, as a text is. Raises MissingDependencyError without igraph.

    >>> layout = arrange([Box(20, 20), Box(20, 20), Box(20, 20)], [(0, 2), (1, 2)])
    >>> [(x0, y0), (x1, y1), (x2, y2)] = layout.centres
    >>> x0 == x1 < x2, y0 < y2 < y1
    (True, True)
    """
    count = len(boxes)
    layers = assign_layers(count, edges, inputs, rims)
    ways = replace(find_ways(layers, edges, ends), through=rims[0])
    order = order_columns(ways, {k for k, box in enumerate(boxes) if box.in_order})
    ports = find_ports(boxes, ways, order)
    y = heights(order, steps(ways, ports), _apart(boxes))
    middle = [max([boxes[v].width / 2 for v in c if v < count], default=0.0) for c in order]
    columns = _columns(boxes, ways, order, ports, y, middle)
    page = set_page(columns, width, margin)
    y = {vertex: at + page.down[ways.layer[vertex]] for vertex, at in y.items()}
    router = _Router(boxes, ways, ports, page, columns, y, middle)
    return Layout(
        page.width, page.height,
        centres=tuple(router.centre(k) for k in range(count)),
        exits=tuple(router.exit(k) for k in range(count)),
        routes=tuple(router.routes(edges, ends or [ANYWHERE] * len(edges))),
    )  # fmt: skip


# --- columns -------------------------------------------------------------------------------


def _apart(boxes: Sequence[Box]) -> Separation:
    count = len(boxes)

    def apart(upper: int, lower: int) -> float:
        reach = boxes[upper].down if upper < count else 0.0
        reach += boxes[lower].up if lower < count else 0.0
        return reach + (BOX_GAP if upper < count and lower < count else LINE_GAP)

    return apart


def _columns(
    boxes: Sequence[Box], ways: Ways, order: list[list[int]], ports: list[list[float]],
    y: dict[int, float], middle: list[float],
) -> list[Column]:  # fmt: skip
    columns = []
    for vertices, centre in zip(order, middle, strict=True):
        here = [v for v in vertices if v < len(boxes)]
        up, down = {v: boxes[v].up for v in here}, {v: boxes[v].down for v in here}
        arrivals = [
            (parent, ways.ends[v][k][0], y[v] + (ports[v][k] if v in up else 0.0))
            for v in vertices
            for k, parent in enumerate(ways.parents[v])
        ]
        starts = {(parent, leaves): y[parent] + leaves for parent, leaves, _ in arrivals}
        climb = max((abs(starts[p, leaves] - end) for p, leaves, end in arrivals), default=0.0)
        columns.append(Column(
            gap=min(WIDEST_GAP, COLUMN_GAP + CLIMB * climb),
            width=centre + max([boxes[v].width / 2 + boxes[v].trunk for v in here], default=0.0),
            top=min(y[v] - up.get(v, 0.0) for v in vertices),
            bottom=max(y[v] + down.get(v, 0.0) for v in vertices),
            before=[line for _, line in sorted((y, line) for line, y in starts.items())],
        ))  # fmt: skip
    return columns


# --- routes --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Router:
    boxes: Sequence[Box]
    ways: Ways
    ports: list[list[float]]
    page: Page
    columns: list[Column]
    y: dict[int, float]
    middle: list[float]

    def left(self, vertex: int) -> float:
        return self.page.left[self.ways.layer[vertex]]

    def exit(self, vertex: int) -> float:
        return self.left(vertex) + self.columns[self.ways.layer[vertex]].width

    def centre(self, node: int) -> Point:
        return self.left(node) + self.middle[self.ways.layer[node]], self.y[node]

    def routes(self, edges: Sequence[Edge], ends: Sequence[Ends]) -> Iterator[tuple[Point, ...]]:
        arrived = [0] * len(self.boxes)
        for (_, target), (leaves, _) in zip(edges, ends, strict=True):
            k = arrived[target]
            arrived[target] += 1
            route = self._route(self.ways.parents[target][k], target, self.ports[target][k], leaves)
            yield tuple(point for point, _ in groupby(route))

    def _route(self, last: int, target: int, port: float, leaves: float) -> Iterator[Point]:
        way = [*way_to(self.ways, len(self.boxes), last), target]
        yield self.exit(way[0]), self.y[way[0]] + leaves
        for before, vertex in pairwise(way):
            end = self.y[vertex] + (port if vertex == target else 0.0)
            off = leaves if before == way[0] else 0.0
            if self.left(vertex) < self.exit(before):
                yield from turned(self.page.turns[before, off], self.y[before] + off, end)
            yield self.left(vertex) - LEAD * (vertex == target), end
            if vertex != target:
                yield self.exit(vertex), end
        yield self.centre(target)[0] - self.boxes[target].width / 2, end
