"""Where columns stand: side by side, broken into lines as a text is if they would get too wide."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

Turn = tuple[float, float, float]  # x at the right, y between the lines, x at the left

LEAD = 4.0  # an edge runs level before it ends
BEND = 8.0  # radius of the corners where an edge goes on in the next line
TRACK = 10.0  # between two edges that go on in the next line
ROOM = 2.5 * BEND  # between a line of columns and the nearest of those edges
SHORT = 6.0  # how many such edges an empty line is as bad as


@dataclass(frozen=True)
class Column:
    """Vertices of one layer: their extent and the gap in front of it.

    ``before`` are the lines that come in from the column before, from top to bottom.
    """

    gap: float
    width: float
    top: float
    bottom: float
    before: Sequence[Hashable]


@dataclass(frozen=True)
class Page:
    """The x of each column's left rim, by how much it is moved down, and how lines are joined.

    ``turns`` tells how what goes on from the end of a line gets to the next one.
    """

    width: float
    height: float
    left: list[float]
    down: list[float]
    turns: dict[Hashable, Turn]


def break_lines(columns: Sequence[Column], limit: float) -> list[int]:
    """Return the columns that lines start with, found by dynamic programming as TeX does it.

    A line is at most ``limit`` wide (unless one column is). The number of lines is the least; then
    few edges should go on in another line, and no line should be much shorter than others.
    """
    if sum(column.gap + column.width for column in columns) <= limit:
        return [0]
    costs = [(0, 0.0)]  # of the columns before each column
    last = [0]  # the start of the last line before each column
    for stop in range(1, len(columns) + 1):
        found: list[tuple[int, float, int]] = []
        width = 0.0
        for start in range(stop - 1, -1, -1):
            width += columns[start].width + (columns[start + 1].gap if start + 1 < stop else 0.0)
            if width > limit and found:
                break
            lines, cost = costs[start]
            cost += len(columns[start].before) + SHORT * (1 - width / limit) ** 2
            found.append((lines + 1, cost, -start))
        best = min(found)
        costs.append(best[:2])
        last.append(-best[2])
    starts = [last[-1]]
    while starts[-1]:
        starts.append(last[starts[-1]])
    return starts[::-1]


def set_page(columns: Sequence[Column], limit: float, margin: float) -> Page:
    """Break columns into lines and put the lines below each other.

    Between two lines the edges that go on run side by side, nested as in a spiral: the upper one
    turns outside at the right, below the others, and inside at the left. So none crosses another.

    >>> column = Column(gap=10.0, width=50.0, top=0.0, bottom=20.0, before=[7])
    >>> page = set_page([column] * 3, limit=120.0, margin=0.0)
    >>> page.left, page.down, page.turns
    ([12.0, 72.0, 12.0], [0.0, 0.0, 60.0], {7: (130.0, 40.0, 0.0)})
    """
    if not columns:
        return Page(2 * margin, 2 * margin, [], [], {})
    starts = break_lines(columns, limit)
    lines = list(zip(starts, [*starts[1:], len(columns)], strict=True))
    tracks = max((len(columns[start].before) for start in starts[1:]), default=0)
    page = Page(0.0, 0.0, [], [], {})
    first = margin + (LEAD + BEND + (tracks - 1) * TRACK if tracks else 0.0)
    width, y = 0.0, margin
    for number, (start, stop) in enumerate(lines):
        top = min(column.top for column in columns[start:stop])
        x = first - columns[start].gap
        for column in columns[start:stop]:
            page.left.append(x + column.gap)
            page.down.append(y - top)
            x = page.left[-1] + column.width
        y += max(column.bottom for column in columns[start:stop]) - top
        if number + 1 < len(lines):
            going_on = columns[stop].before
            page.turns.update(_turns(going_on, x, y, first))
            x += BEND + len(going_on) * TRACK
            y += 2 * ROOM + max(len(going_on) - 1, 0) * TRACK
        width = max(width, x)
    return Page(width + margin, y + margin, page.left, page.down, page.turns)


def _turns(
    going_on: Sequence[Hashable], right: float, bottom: float, left: float
) -> dict[Hashable, Turn]:
    last = len(going_on) - 1
    return {
        line: (
            right + BEND + (last - k) * TRACK,
            bottom + ROOM + (last - k) * TRACK,
            left - LEAD - BEND - k * TRACK,
        )
        for k, line in enumerate(going_on)
    }


def turned(turn: Turn, start: float, end: float) -> list[tuple[float, float]]:
    """Return the corners of the way from height ``start`` in one line to ``end`` in the next."""
    right, between, left = turn
    return [
        (right - BEND, start), (right, start + BEND), (right, between - BEND),
        (right - BEND, between), (left + BEND, between), (left, between + BEND),
        (left, end - BEND), (left + BEND, end),
    ]  # fmt: skip
