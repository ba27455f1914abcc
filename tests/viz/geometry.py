"""What tests ask about layouts and drawings: rectangles, and points along routes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chainrule.viz import Box, Layout

Point = tuple[float, float]


@dataclass(frozen=True)
class Rectangle:
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Rectangle, slack: float = 0.01) -> bool:
        return (
            self.left + slack < other.right
            and other.left + slack < self.right
            and self.top + slack < other.bottom
            and other.top + slack < self.bottom
        )

    def holds(self, other: Rectangle, slack: float = 0.01) -> bool:
        return (
            self.left <= other.left + slack
            and self.top <= other.top + slack
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )

    def contains(self, point: Point, slack: float = 0.01) -> bool:
        x, y = point
        return (
            self.left + slack < x < self.right - slack
            and self.top + slack < y < self.bottom - slack
        )


def space_of(box: Box, centre: Point) -> Rectangle:
    """The shape and the texts at the line that leaves it."""
    x, y = centre
    return Rectangle(x - box.width / 2, y - box.up, x + box.width / 2 + box.trunk, y + box.down)


def spaces_of(boxes: Sequence[Box], layout: Layout) -> list[Rectangle]:
    return [space_of(box, centre) for box, centre in zip(boxes, layout.centres, strict=True)]


def points_along(route: Sequence[Point]) -> Iterator[Point]:
    """Points of a route as it is drawn: S-curves are level at both ends, corners are small."""
    for (x0, y0), (x1, y1) in pairwise(route):
        middle = (x0 + x1) / 2
        for k in range(17):
            t = k / 16
            x = (1 - t) ** 3 * x0 + 3 * t * (1 - t) * middle + t**3 * x1
            y = y0 + (y1 - y0) * (3 * t**2 - 2 * t**3)
            yield (x, y)
