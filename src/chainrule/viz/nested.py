"""Boxes in frames: each frame is laid out for itself and is one box of the frame around it.

So what holds of a single layout holds of all: nothing overlaps, and no edge passes through a box or
a frame that it does not lead into. An edge enters a frame at its left side and leaves it at its
right side, once for all who use the same value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from .layers import Edge, Ends
from .layout import MARGIN, Box, Layout, Point, arrange

TITLE = 22.0  # height of a frame's title
PADDING = 12.0
INDENT = 60.0  # by which lines are shorter in a frame

Kind = str  # of a vertex: "node", "frame", "entry" or "exit"
Vertex = tuple[Kind, int]
Line = tuple[list[int], Vertex, Vertex, Ends]  # the edges that share it, from where to where
Leg = tuple[int, tuple[Point, ...]]  # a part of an edge's route: its rank, its points


@dataclass(frozen=True)
class Frame:
    """A frame: the one around it, if there is one, and how wide its title is."""

    outer: int | None
    title: float = 0.0


@dataclass(frozen=True)
class Rectangle:
    """Where a frame is, in pixels."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Nested:
    """A layout of all nodes and edges, and the place of each frame."""

    layout: Layout
    frames: tuple[Rectangle, ...]


def arrange_nested(
    boxes: Sequence[Box],
    edges: Sequence[Edge],
    inputs: Collection[int],
    frames: Sequence[Frame],
    of: Sequence[int | None],
    *,
    width: float = float("inf"),
) -> Nested:
    """Lay out a graph whose nodes lie in frames: ``of`` says in which one each node is.

    Frames come after those around them. Edges between frames must not form a cycle. The rest is as
    in ``arrange``.

    >>> boxes, frames = [Box(20, 20)] * 3, [Frame(None)]
    >>> found = arrange_nested(boxes, [(0, 1), (1, 2)], {0}, frames, [None, 0, None])
    >>> frame, (x, y) = found.frames[0], found.layout.centres[1]
    >>> frame.left < x < frame.left + frame.width, frame.top < y < frame.top + frame.height
    (True, True)
    """
    nest = _Nest(boxes, edges, inputs, frames, of)
    whole = nest.inside(None, width)
    place = _Place(len(boxes), len(edges), len(frames))
    _place(whole, 0.0, 0.0, place)
    routes = tuple(
        tuple(point for _, leg in sorted(legs, key=lambda entry: entry[0]) for point in leg)
        for legs in place.legs
    )
    layout = Layout(whole.width, whole.height, tuple(place.centres), tuple(place.exits), routes)
    return Nested(layout, tuple(place.frames))


# --- one frame -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Inside:
    """The layout of what is directly in a frame, as if nothing were around it."""

    width: float
    height: float
    vertices: list[Vertex]
    layout: Layout
    shift: Point  # of the layout in the frame
    legs: dict[int, Leg]  # by edge
    inner: dict[int, _Inside]  # frames in this one

    def height_of(self, kind: Kind, node: int) -> float:
        """Return where a node's line enters or leaves, from the frame's centre."""
        place = self.layout.centres[self.vertices.index((kind, node))]
        return place[1] + self.shift[1] - self.height / 2


@dataclass(frozen=True)
class _Nest:
    boxes: Sequence[Box]
    edges: Sequence[Edge]
    inputs: Collection[int]
    frames: Sequence[Frame]
    of: Sequence[int | None]

    def around(self, frame: int | None) -> list[int]:
        """Return a frame and those around it, the outermost first."""
        path = []
        while frame is not None:
            path.append(frame)
            frame = self.frames[frame].outer
        return path[::-1]

    def inside(self, frame: int | None, limit: float) -> _Inside:
        """Lay out what is directly in a frame, after the frames that are."""
        path = self.around(frame)
        inner = {
            k: self.inside(k, limit - INDENT)
            for k, each in enumerate(self.frames) if each.outer == frame
        }  # fmt: skip
        seen = self._seen(path)
        vertices = _sorted(dict.fromkeys(self._members(path)) | _ends_of(seen), seen)
        number = {vertex: k for k, vertex in enumerate(vertices)}
        lines = self._lines(seen, inner)
        rims = [{number[v] for v in vertices if v[0] == kind} for kind in ("entry", "exit")]
        layout = arrange(
            [self._box(vertex, inner) for vertex in vertices],
            [(number[source], number[target]) for _, source, target, _ in lines],
            {number["node", k] for k in self.inputs if ("node", k) in number},
            width=limit, margin=MARGIN if frame is None else PADDING,
            ends=[ends for *_, ends in lines], rims=(rims[0], rims[1]),
        )  # fmt: skip
        width, height, shift = layout.width, layout.height, (0.0, 0.0)
        if frame is not None:
            width = max(width, self.frames[frame].title + 2 * PADDING)
            shift = ((width - layout.width) / 2, TITLE - PADDING / 2)
            height += TITLE - PADDING / 2
        legs = {
            e: _leg(source, target, route, shift, width, len(path))
            for (edges, source, target, _), route in zip(lines, layout.routes, strict=True)
            for e in edges
        }
        return _Inside(width, height, vertices, layout, shift, legs, inner)

    def _lines(
        self, seen: dict[int, tuple[Vertex, Vertex]], inner: dict[int, _Inside]
    ) -> list[Line]:
        """Return the lines in a frame: edges that bring one value to one frame or exit share it."""
        lines: dict[tuple[int, Vertex], Line] = {}
        for e, (source, target) in seen.items():
            node = self.edges[e][0]
            key = (node if target[0] != "node" else ~e, target)
            if key in lines:
                lines[key][0].append(e)
                continue
            leaves = inner[source[1]].height_of("exit", node) if source[0] == "frame" else 0.0
            at = inner[target[1]].height_of("entry", node) if target[0] == "frame" else None
            lines[key] = ([e], source, target, (leaves, at))
        return list(lines.values())

    def _members(self, path: Sequence[int]) -> Iterator[Vertex]:
        frame = path[-1] if path else None
        yield from (("node", k) for k, of in enumerate(self.of) if of == frame)
        yield from (("frame", k) for k, each in enumerate(self.frames) if each.outer == frame)

    def _seen(self, path: Sequence[int]) -> dict[int, tuple[Vertex, Vertex]]:
        """Return the edges that run in a frame, and between which of its vertices."""
        seen = {}
        for e, (source, target) in enumerate(self.edges):
            a, b = self._vertex(source, path), self._vertex(target, path)
            if a != b:
                seen[e] = (a or ("entry", source), b or ("exit", source))
        return seen

    def _vertex(self, node: int, path: Sequence[int]) -> Vertex | None:
        """Return what stands for a node in a frame: itself, the frame that it is in, or nothing."""
        own = self.around(self.of[node])
        if own[: len(path)] != list(path):
            return None
        return ("node", node) if len(own) == len(path) else ("frame", own[len(path)])

    def _box(self, vertex: Vertex, inner: dict[int, _Inside]) -> Box:
        kind, k = vertex
        if kind == "frame":
            return Box(inner[k].width, inner[k].height)
        return self.boxes[k] if kind == "node" else Box(0.0, 0.0)


def _leg(
    source: Vertex, target: Vertex, route: tuple[Point, ...], shift: Point, width: float, depth: int
) -> Leg:
    """Return the part of an edge's route that runs in a frame, from rim to rim if it passes them.

    Legs are walked from the frame of the edge's first node outwards, then inwards.
    """
    moved = tuple((x + shift[0], y + shift[1]) for x, y in route)
    if source[0] == "entry":
        return depth, ((0.0, moved[0][1]), *moved)
    if target[0] == "exit":
        return -depth, (*moved, (width, moved[-1][1]))
    return 0, moved


def _ends_of(seen: dict[int, tuple[Vertex, Vertex]]) -> dict[Vertex, None]:
    return {vertex: None for edge in seen.values() for vertex in edge}


def _sorted(vertices: Collection[Vertex], seen: dict[int, tuple[Vertex, Vertex]]) -> list[Vertex]:
    """Return the vertices of a frame in topological order, early ones first."""
    rank = {vertex: k for k, vertex in enumerate(vertices)}
    waiting = dict.fromkeys(vertices, 0)
    users: dict[Vertex, list[Vertex]] = {vertex: [] for vertex in vertices}
    for source, target in seen.values():
        users[source].append(target)
        waiting[target] += 1
    free: list[tuple[int, Vertex]] = []
    for vertex in vertices:
        if not waiting[vertex]:
            heappush(free, (rank[vertex], vertex))
    order = []
    while free:
        _, vertex = heappop(free)
        order.append(vertex)
        for user in users[vertex]:
            waiting[user] -= 1
            if not waiting[user]:
                heappush(free, (rank[user], user))
    return order


# --- all frames ----------------------------------------------------------------------------


class _Place:
    """Where everything is on the page."""

    def __init__(self, nodes: int, edges: int, frames: int) -> None:
        self.centres: list[Point] = [(0.0, 0.0)] * nodes
        self.exits = [0.0] * nodes
        self.frames = [Rectangle(0.0, 0.0, 0.0, 0.0)] * frames
        self.legs: list[list[Leg]] = [[] for _ in range(edges)]


def _place(inside: _Inside, left: float, top: float, place: _Place) -> None:
    x0, y0 = left + inside.shift[0], top + inside.shift[1]
    for (kind, k), (x, y), right in zip(
        inside.vertices, inside.layout.centres, inside.layout.exits, strict=True
    ):
        if kind == "node":
            place.centres[k], place.exits[k] = (x0 + x, y0 + y), x0 + right
        elif kind == "frame":
            inner = inside.inner[k]
            corner = x0 + x - inner.width / 2, y0 + y - inner.height / 2
            place.frames[k] = Rectangle(*corner, inner.width, inner.height)
            _place(inner, *corner, place)
    for e, (rank, leg) in inside.legs.items():
        place.legs[e].append((rank, tuple((left + x, top + y) for x, y in leg)))
