"""Charts as SVG: lines over epochs, and maps of numbers by layer; colours come from the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

Points = Sequence[tuple[float, float]]
WIDTH, HEIGHT = 460.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 12.0, 12.0, 36.0
DASHES = {"solid": "", "dashed": ' stroke-dasharray="6 4"', "faint": ' stroke-opacity="0.4"'}
# Between dark and bright, equal steps look equal, also to the colour-blind (after viridis).
SCALE = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))


@dataclass(frozen=True)
class Line:
    """One line of a chart: ``colour`` is a number of the page's palette; None values are gaps."""

    name: str
    points: Sequence[tuple[float, float | None]]
    colour: int = 0
    style: str = "solid"
    dots: bool = False

    @property
    def known(self) -> Points:
        """The points that have a finite value."""
        return [(x, y) for x, y in self.points if y is not None and math.isfinite(y)]


def chart(
    title: str, lines: Sequence[Line], *, log: bool = False, zero: bool = False,
    x_name: str = "epoch",
) -> str:  # fmt: skip
    """Return a figure with lines and their legend; empty if there is not one point.

    ``log`` draws the logarithm of the values, ``zero`` begins at 0.

    >>> "polyline" in chart("loss", [Line("training", [(0, 2.0), (1, 1.0)])])
    True
    """
    lines = [
        Line(each.name, [p for p in each.known if p[1] > 0] if log else each.known, each.colour,
             each.style, each.dots)
        for each in lines
    ]  # fmt: skip
    points = [point for each in lines for point in each.known]
    if not points:
        return ""
    x_axis = _Axis([0.0, *(x for x, _ in points)], LEFT, WIDTH - RIGHT, log=False, whole=True)
    ys = [y for _, y in points] + ([0.0] if zero else [])
    y_axis = _Axis(ys, HEIGHT - BOTTOM, TOP, log=log)
    parts = [
        f'<line class="grid" x1="{LEFT:g}" x2="{WIDTH - RIGHT:g}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{LEFT - 6:g}" y="{y + 4:.1f}" text-anchor="end">{text}</text>'
        for y, text in y_axis.ticks(5)
    ]
    parts += [
        f'<text x="{x:.1f}" y="{HEIGHT - 18:g}" text-anchor="middle">{text}</text>'
        for x, text in x_axis.ticks(6)
    ]
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(
        f'<text x="{middle:g}" y="{HEIGHT - 3:g}" text-anchor="middle">{escape(x_name)}</text>'
    )
    parts += [_drawn(each, x_axis, y_axis) for each in lines if each.known]
    return _figure(title, "".join(parts), HEIGHT, [each for each in lines if each.known])


def _drawn(line: Line, x_axis: _Axis, y_axis: _Axis) -> str:
    places = [(x_axis.place(x), y_axis.place(y)) for x, y in line.known]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    drawn = f'<polyline class="line c{line.colour}" points="{path}"{DASHES[line.style]}/>'
    if line.dots or len(places) == 1:
        dots = "".join(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{escape(line.name)}, {short(px)}: '
            f"{short(py)}</title></circle>"
            for (x, y), (px, py) in zip(places, line.known, strict=True)
        )
        drawn += f'<g class="dots c{line.colour}">{dots}</g>'
    return drawn


def _figure(title: str, content: str, height: float, lines: Sequence[Line]) -> str:
    keys = "".join(
        f'<li><svg width="26" height="10" aria-hidden="true"><line class="line c{each.colour}" '
        f'x1="1" x2="25" y1="5" y2="5"{DASHES[each.style]}/></svg> {escape(each.name)}</li>'
        for each in lines
    )
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg class="chart" role="img" '
        f'viewBox="0 0 {WIDTH:g} {height:g}" aria-label="{escape(title)}">{content}</svg>'
        f"<ul>{keys}</ul></figure>"
    )


class _Axis:
    """Where numbers lie between two pixels."""

    def __init__(
        self, values: Sequence[float], start: float, stop: float, *, log: bool, whole: bool = False
    ) -> None:  # fmt: skip
        self.log, self.start, self.stop, self.whole = log, start, stop, whole
        values = [math.log10(v) for v in values] if log else list(values)
        self.low, self.high = min(values), max(values)
        if log:
            self.low, self.high = math.floor(self.low), math.ceil(self.high)
        if self.high - self.low < 1e-12 * max(abs(self.low), abs(self.high), 1e-300):
            self.low, self.high = self.low - 0.5, self.high + 0.5

    def place(self, value: float) -> float:
        """Return the pixel of a number."""
        value = math.log10(value) if self.log else value
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.stop - self.start)

    def ticks(self, count: int) -> list[tuple[float, str]]:
        """Return about so many pixels, and the round numbers that are there."""
        if self.log:
            every = max(1, math.ceil((self.high - self.low) / count))
            powers = range(math.ceil(self.low), math.floor(self.high) + 1, every)
            return [(self.place(10.0**k), _power(k)) for k in powers]
        step = _round_step((self.high - self.low) / count)
        if self.whole and self.high - self.low >= 2:
            step = max(step, 1.0)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        digits = digits if digits <= 4 else -1
        return [
            (self.place(k * step), f"{k * step:.{digits}f}" if digits >= 0 else f"{k * step:.1e}")
            for k in range(first, last + 1)
        ]


def _power(k: int) -> str:
    return f"{10.0**k:g}" if -3 <= k <= 3 else f"1e{k}"


def _round_step(rough: float) -> float:
    """Return 1, 2 or 5 times a power of ten, not less than a number."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * k for k in (1, 2, 5, 10) if power * k >= rough * (1 - 1e-9))


def short(value: float | None) -> str:
    """Return a number in few characters.

    >>> short(0.12345), short(1234567.0), short(3.0), short(None)
    ('0.1235', '1.235e+06', '3', 'none')
    """
    return "none" if value is None else f"{value:.4g}"


# --- maps ----------------------------------------------------------------------------------


def norm_map(
    title: str, rows: Sequence[str], columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
) -> str:  # fmt: skip
    """Return a figure with a coloured cell for each number: rows of layers, columns of time.

    Colours are by the logarithm. What is 0 or not finite stays grey.
    """
    found = [math.log10(v) for row in values for v in row if v and 0 < v < math.inf]
    if not found:
        return ""
    low, high = min(found), max(max(found), min(found) + 1e-9)
    left = min(190.0, 8.0 + 6.6 * max(map(len, rows)))
    width = (WIDTH - left - RIGHT) / len(columns)
    height = 18.0 if len(rows) <= 20 else 9.0 if len(rows) <= 60 else 5.0
    parts = []
    for j, (row, numbers) in enumerate(zip(rows, values, strict=True)):
        top = 2.0 + j * height
        if height >= 9.0 and (height > 9.0 or j % 2 == 0):
            y = top + height / 2 + 4
            name = escape(_cut(row, 27))
            parts.append(f'<text x="{left - 6:g}" y="{y:g}" text-anchor="end">{name}</text>')
        for k, value in enumerate(numbers):
            colour = "none"
            if value and 0 < value < math.inf:
                colour = _colour((math.log10(value) - low) / (high - low))
            parts.append(
                f'<rect class="cell" x="{left + k * width:.1f}" y="{top:g}"'
                f' width="{width + 0.2:.1f}" height="{height - 0.6:g}" style="fill:{colour}">'
                f"<title>{escape(row)}, "
                f"{escape(columns[k])}: {short(value)}</title></rect>"
            )
    bottom = 2.0 + len(rows) * height
    parts.append(_scale(left, bottom + 12.0, 10**low, 10**high, columns))
    return _figure(title, "".join(parts), bottom + 52.0, ())


def _scale(left: float, top: float, low: float, high: float, columns: Sequence[str]) -> str:
    width = WIDTH - left - RIGHT
    cells = "".join(
        f'<rect x="{left + k * width / 32:.1f}" y="{top + 14:g}" width="{width / 32 + 0.2:.2f}" '
        f'height="8" style="fill:{_colour(k / 31)}"/>'
        for k in range(32)
    )
    ends = [
        (left, "start", columns[0], short(low)),
        (left + width, "end", columns[-1], short(high)),
    ]
    return cells + "".join(
        f'<text x="{x:g}" y="{top + 2:g}" text-anchor="{anchor}">{escape(time)}</text>'
        f'<text x="{x:g}" y="{top + 35:g}" text-anchor="{anchor}">{number}</text>'
        for x, anchor, time, number in ends[: 1 if len(columns) == 0 else 2]
    )


def _colour(share: float) -> str:
    at = min(max(share, 0.0), 1.0) * (len(SCALE) - 1)
    k = min(int(at), len(SCALE) - 2)
    return "#" + "".join(
        f"{round(a + (b - a) * (at - k)):02x}" for a, b in zip(SCALE[k], SCALE[k + 1], strict=True)
    )


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"…{text[1 - limit :]}"
