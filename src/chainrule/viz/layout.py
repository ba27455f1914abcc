"""Layered layout of a graph: boxes in columns from left to right, edges routed between them.

By construction no two boxes overlap and no edge passes through a box: boxes keep their distance
within a column, an edge crosses a column on a row of its own, and bends only in the gaps between
columns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from .coordinates import Separation, heights
from .layers import Edge, Ways, assign_layers, find_ways, way_to
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

    The shape's centre and the line are on one height; ``room`` is the height of both with all
    their text. Edges into an ``in_order`` box end there from top to bottom in the order of inputs.
    """

    width: float
    height: float
    trunk: float = 0.0
    room: float = 0.0
    in_order: bool = False

    @property
    def half(self) -> float:
        """How far the box reaches above and below its centre."""
        return max(self.room, self.height) / 2


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
) -> Layout:
    """Lay out a graph whose nodes are numbered topologically.

    ``edges`` are pairs (from, to), those into one node in the order of its inputs; ``inputs`` are
    the nodes that should stand at the left rim. Columns that are together wider than ``width`` are
    broken into lines, as a text is. Raises MissingDependencyError without igraph.

    >>> layout = arrange([Box(20, 20), Box(20, 20), Box(20, 20)], [(0, 2), (1, 2)])
    >>> [(x0, y0), (x1, y1), (x2, y2)] = layout.centres
    >>> x0 == x1 < x2, y0 < y2 < y1
    (True, True)
    """
    count = len(boxes)
    ways = find_ways(assign_layers(count, edges, inputs), edges)
    order = order_columns(ways, {k for k, box in enumerate(boxes) if box.in_order})
    ports = find_ports(boxes, ways, order)
    y = heights(order, steps(ways, ports), _apart(boxes))
    middle = [max([boxes[v].width / 2 for v in c if v < count], default=0.0) for c in order]
    columns = _columns(boxes, ways, order, ports, y, middle)
    page = set_page(columns, width, MARGIN)
    y = {vertex: at + page.down[ways.layer[vertex]] for vertex, at in y.items()}
    router = _Router(boxes, ways, ports, page, columns, y, middle)
    return Layout(
        page.width, page.height,
        centres=tuple(router.centre(k) for k in range(count)),
        exits=tuple(router.exit(k) for k in range(count)),
        routes=tuple(router.routes(edges)),
    )  # fmt: skip


# --- columns -------------------------------------------------------------------------------


def _apart(boxes: Sequence[Box]) -> Separation:
    count = len(boxes)

    def apart(upper: int, lower: int) -> float:
        if upper < count and lower < count:
            return boxes[upper].half + boxes[lower].half + BOX_GAP
        return sum(boxes[v].half for v in (upper, lower) if v < count) + LINE_GAP

    return apart


def _columns(
    boxes: Sequence[Box], ways: Ways, order: list[list[int]], ports: list[list[float]],
    y: dict[int, float], middle: list[float],
) -> list[Column]:  # fmt: skip
    columns = []
    for vertices, centre in zip(order, middle, strict=True):
        here = [v for v in vertices if v < len(boxes)]
        reach = {v: boxes[v].half for v in here}
        arrivals = [
            (parent, y[v] + (ports[v][k] if v in reach else 0.0))
            for v in vertices
            for k, parent in enumerate(ways.parents[v])
        ]
        climb = max((abs(y[parent] - end) for parent, end in arrivals), default=0.0)
        columns.append(Column(
            gap=min(WIDEST_GAP, COLUMN_GAP + CLIMB * climb),
            width=centre + max([boxes[v].width / 2 + boxes[v].trunk for v in here], default=0.0),
            top=min(y[v] - reach.get(v, 0.0) for v in vertices),
            bottom=max(y[v] + reach.get(v, 0.0) for v in vertices),
            before=sorted({parent for parent, _ in arrivals}, key=lambda v: y[v]),
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

    def routes(self, edges: Sequence[Edge]) -> Iterator[tuple[Point, ...]]:
        arrived = [0] * len(self.boxes)
        for _, target in edges:
            k = arrived[target]
            arrived[target] += 1
            route = self._route(self.ways.parents[target][k], target, self.ports[target][k])
            yield tuple(point for point, _ in groupby(route))

    def _route(self, last: int, target: int, port: float) -> Iterator[Point]:
        way = [*way_to(self.ways, len(self.boxes), last), target]
        yield self.exit(way[0]), self.y[way[0]]
        for before, vertex in pairwise(way):
            end = self.y[vertex] + (port if vertex == target else 0.0)
            if self.left(vertex) < self.exit(before):
                yield from turned(self.page.turns[before], self.y[before], end)
            yield self.left(vertex) - LEAD * (vertex == target), end
            if vertex != target:
                yield self.exit(vertex), end
        yield self.centre(target)[0] - self.boxes[target].width / 2, end
