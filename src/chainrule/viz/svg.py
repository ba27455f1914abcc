"""A scene as one standalone SVG text: no scripts, no fonts, no links, nothing to load."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape as escape_markup
from itertools import pairwise
from math import sqrt

from .items import BARS, Item, Label
from .layers import Edge
from .layout import Box, Layout, Point
from .legend import Mark, legend
from .nested import Nested, Rectangle, arrange_nested
from .palette import ROOT, stylesheet
from .scene import Heading, Scene

ARROW = 7.0
SLANT = 9.0  # of a hexagon's sides
SIDE = 6.0  # between the two lines at the sides of a module
FEW = 6  # items of a drawing that needs no legend
WIDTH = 1290.0  # of a line: a screen, less margins and the edges that turn beside the lines
# What XML 1.0 does not allow, escaped or not.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escape(text: str) -> str:
    """Return a text as it may stand in XML, in content and in attributes.

    >>> escape('<script> & "x"'), escape("a" + chr(0))
    ('&lt;script&gt; &amp; &quot;x&quot;', 'a\ufffd')
    """
    return escape_markup(FORBIDDEN.sub("\ufffd", text))


def draw(scene: Scene, width: float = WIDTH, *, theme: str = "auto") -> str:
    """Return the drawing of a scene, in lines that are at most about ``width`` pixels wide.

    Raises MissingDependencyError if igraph is not installed.
    """
    found, ends = _arranged(scene, width)
    layout = found.layout
    routes: dict[int, list[tuple[Point, ...]]] = {}
    for (source, target), route in zip((*scene.edges, *ends), layout.routes, strict=True):
        end = route[-1]
        if target < len(scene.items):
            inset = _inset(scene.items[target], end[1] - layout.centres[target][1])
            end = (end[0] + inset, end[1])
        routes.setdefault(source, []).append((*route, end))
    wanted = legend(scene.items, layout.width) if len(scene.items) > FEW else ((), 0.0, 0.0)
    marks, wide, high = wanted
    w, h = _short(max(layout.width, wide)), _short(layout.height + high)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{ROOT}" role="img" width="{w}"'
        f' height="{h}" viewBox="0 0 {w} {h}">',
        f"<title>{escape(scene.title)}</title>",
        f"<style>\n{stylesheet(theme)}</style>",
        f'<rect class="paper" width="{w}" height="{h}" rx="8"/>',
    ]
    parts += [_frame(*each) for each in zip(scene.frames, found.frames, strict=True)]
    parts += [_flow(item, layout, k, routes.get(k, [])) for k, item in enumerate(scene.items)]
    parts += [
        _node(item, centre)
        for item, centre in zip(scene.items, layout.centres, strict=False)  # the ends have no shape
    ]
    parts += [_mark(mark, layout.height) for mark in marks]
    return "\n".join([*filter(None, parts), "</svg>", ""])


def width_of(drawing: str) -> float:
    """Return the width of a drawing in pixels.

    >>> x = cr.input("x")
    >>> 100 < width_of(cr.ComputationalGraph(x + 1).to_svg()) < 300
    True
    """
    found = re.search(r' width="([0-9.]+)"', drawing)
    assert found is not None
    return float(found[1])


def _arranged(scene: Scene, width: float) -> tuple[Nested, list[Edge]]:
    """Lay out a scene; return also the edges by which results leave the frames around them."""
    boxes = [item.box for item in scene.items]
    of = list(scene.frame_of) or [None] * len(boxes)
    ends: list[Edge] = []
    for k, item in enumerate(scene.items):
        if item.is_output and not item.has_users and of[k] is not None:
            ends.append((k, len(boxes)))
            boxes.append(Box(0.0, 0.0))
            of.append(None)
    frames = [heading.frame for heading in scene.frames]
    edges = [*scene.edges, *ends]
    return arrange_nested(boxes, edges, scene.inputs, frames, of, width=width), ends


def _frame(heading: Heading, place: Rectangle) -> str:
    x, y = _short(place.left), _short(place.top)
    detail = f" {escape(heading.detail)}" if heading.detail else ""
    return (
        f'<g class="group" data-path="{escape(heading.path)}"><title>{escape(heading.tip)}</title>'
        f'<rect class="frame" x="{x}" y="{y}" width="{_short(place.width)}"'
        f' height="{_short(place.height)}" rx="10"/>'
        f'<text class="title" x="{_short(place.left + 12.0)}" y="{_short(place.top + 17.0)}">'
        f"<tspan>{escape(heading.name)}</tspan>{detail}</text></g>"
    )


def _short(x: float) -> str:
    return f"{x:.1f}".removesuffix(".0")


# --- lines and their labels ----------------------------------------------------------------


def _flow(item: Item, layout: Layout, k: int, routes: list[tuple[Point, ...]]) -> str:
    """Draw what leaves a node: its line to all users, its value above and its gradient below."""
    x, y = layout.centres[k]
    start, stop = x + item.width / 2, layout.exits[k]
    ends = [route[-1] for route in routes]
    if item.is_output and not routes:
        ends = [(stop, y)]
    if not ends:
        return ""
    path = "".join([f"M{_at((start, y))}H{_short(stop)}", *_strokes(routes)])
    return "".join([
        f'<g class="flow" data-from="{escape(item.name)}"><path class="line" d="{path}"/>',
        *[_arrow(end) for end in ends],
        *_texts(item, (start + stop) / 2, y),
        "</g>",
    ])  # fmt: skip


def _texts(item: Item, x: float, y: float) -> Iterable[str]:
    at = y - 3.0
    for label in reversed(item.above):
        yield _label(label, x, at - label.height)
        at -= label.height
    at = y + 3.0
    for label in item.below:
        yield _label(label, x, at)
        at += label.height


def _label(label: Label, x: float, top: float) -> str:
    """Draw a label that is centred at x and has its upper rim at ``top``."""
    if not label.bars:
        return _text(label.kind, label.text, x, top + 12.0)
    width, height = BARS
    step = width / len(label.bars)
    bottom = top + height + 2.0
    bars = [
        f"M{_at((x - width / 2 + k * step, bottom))}v{_short(-max(size * height, 0.6))}"
        f"h{_short(step - 0.8)}V{_short(bottom)}Z"
        for k, size in enumerate(label.bars)
    ]
    return f'<path class="bars {label.kind}" d="{"".join(bars)}"/>'


def _strokes(routes: list[tuple[Point, ...]]) -> Iterable[str]:
    """Yield the lines of all routes from where they part, those that several share once."""
    drawn: set[tuple[Point, Point]] = set()
    pen = routes[0][0] if routes else None
    for route in routes:
        upright = False
        for k, (a, b) in enumerate(pairwise(route)):
            from_upright, upright = upright, a[0] == b[0]
            into_upright = k + 2 < len(route) and route[k + 2][0] == b[0]
            if (a, b) not in drawn and a != b:
                drawn.add((a, b))
                yield "" if pen == a else f"M{_at(a)}"
                yield _stroke(a, b, from_upright, into_upright)
                pen = b


def _stroke(a: Point, b: Point, from_upright: bool, into_upright: bool) -> str:
    """Draw a straight line, a corner, or a curve that starts and ends level."""
    if a[0] == b[0] or abs(a[1] - b[1]) < 0.05:
        return f"L{_at(b)}"
    if from_upright or into_upright:
        return f"Q{_at((a[0], b[1]) if from_upright else (b[0], a[1]))} {_at(b)}"
    middle = (a[0] + b[0]) / 2
    return f"C{_at((middle, a[1]))} {_at((middle, b[1]))} {_at(b)}"


def _arrow(tip: Point) -> str:
    x, y = tip
    back = (x - ARROW, y - 3.5), (x - ARROW, y + 3.5)
    return f'<path class="tip" d="M{_at(tip)}L{_at(back[0])}L{_at(back[1])}Z"/>'


def _at(point: Point) -> str:
    return f"{_short(point[0])} {_short(point[1])}"


# --- nodes ---------------------------------------------------------------------------------


def _node(item: Item, centre: Point) -> str:
    x, y = centre
    classes = f"node {item.kind}{' output' if item.is_output else ''}"
    font = {"operation": "symbol", "constant": "tag"}.get(item.kind, "name")
    if not item.caption:
        texts = [_text(font, item.text, x, y + 4.5)]
    elif item.caption_outside:
        below = y + item.height / 2 + 12.0
        texts = [_text(font, item.text, x, y + 5.0), _text("path", item.caption, x, below)]
    else:
        texts = [_text("path", item.caption, x, y - 5.0), _text(font, item.text, x, y + 10.0)]
    return (
        f'<g class="{classes}" data-name="{escape(item.name)}"><title>{escape(item.tip)}</title>'
        f"{_outline(item, x, y)}{''.join(texts)}</g>"
    )


def _text(kind: str, text: str, x: float, y: float) -> str:
    return f'<text class="{kind}" x="{_short(x)}" y="{_short(y)}">{escape(text)}</text>'


def _outline(item: Item, x: float, y: float) -> str:
    w, h = item.width / 2, item.height / 2
    if item.outline == "circle":
        return f'<circle class="outline" cx="{_short(x)}" cy="{_short(y)}" r="{_short(w)}"/>'
    if item.outline == "hexagon":
        v = w - SLANT
        corners = [(-w, 0.0), (-v, -h), (v, -h), (w, 0.0), (v, h), (-v, h)]
        points = " ".join(f"{_short(x + dx)},{_short(y + dy)}" for dx, dy in corners)
        return f'<polygon class="outline" points="{points}"/>'
    radius = {"pill": h, "box": 8.0, "tag": 4.0, "double": 4.0}[item.outline]
    sides = "".join(
        f'<path class="outline" d="M{_at((x + side * (w - SIDE), y - h))}v{_short(2 * h)}"/>'
        for side in (-1, 1) if item.outline == "double"
    )  # fmt: skip
    return (
        f'<rect class="outline" x="{_short(x - w)}" y="{_short(y - h)}" width="{_short(2 * w)}"'
        f' height="{_short(2 * h)}" rx="{_short(radius)}"/>{sides}'
    )


def _inset(item: Item, port: float) -> float:
    """Return how far the outline is from the left side of a node's space, at a port's height."""
    space = item.box.width / 2
    if item.outline == "circle":
        return space - sqrt(max((item.width / 2) ** 2 - port**2, 0.0))
    return space - item.width / 2


# --- legend --------------------------------------------------------------------------------


def _mark(mark: Mark, top: float) -> str:
    """Draw an entry of the legend: a small shape, if it has one, and what it means."""
    y = top + mark.y
    sample = ""
    if mark.item is not None:
        kind = mark.item.kind
        sample = f'<g class="{kind}">{_outline(mark.item, mark.x + mark.item.width / 2, y)}</g>'
    return sample + _text(f"note {mark.kind}".strip(), mark.text, mark.x + mark.indent, y + 4.0)
