"""The legend: what shapes and colours of a drawing mean, a line or two below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .formatting import text_width
from .items import FONT, OUTLINES, Item, Kind

MEANINGS: dict[Kind, str] = {
    "input": "input", "parameter": "parameter", "constant": "constant", "operation": "operation",
    "module": "module, closed",
}  # fmt: skip
ROW = 22.0
GAP = 26.0
MARGIN = 24.0


@dataclass(frozen=True)
class Mark:
    """An entry of the legend: a small shape or nothing, and a text; y from the legend's top."""

    x: float
    y: float
    text: str
    kind: str = ""  # of a label, which has its colour
    item: Item | None = None

    @property
    def indent(self) -> float:
        """Where the text begins."""
        return 0.0 if self.item is None else self.item.width + 7.0

    @property
    def width(self) -> float:
        """The width of shape and text."""
        return self.indent + text_width(self.text, FONT["note"])


class _Sample(Item):
    """A small shape."""

    @property
    def width(self) -> float:
        return 16.0 if self.outline == "circle" else 26.0

    @property
    def height(self) -> float:
        return 16.0


def legend(items: Sequence[Item], width: float) -> tuple[tuple[Mark, ...], float, float]:
    """Return the entries for what is drawn, in rows of at most a width, and their size."""
    marks: list[Mark] = []
    x, y, widest = MARGIN, 4.0, 0.0
    for mark in _entries(items):
        if x > MARGIN and x + mark.width > width - MARGIN:
            x, y = MARGIN, y + ROW
        marks.append(replace(mark, x=x, y=y))
        x += mark.width + GAP
        widest = max(widest, x - GAP + MARGIN)
    return tuple(marks), widest, y + ROW


def _entries(items: Sequence[Item]) -> list[Mark]:
    kinds = {item.kind for item in items}
    found = [
        Mark(0.0, 0.0, text, item=_sample(kind)) for kind, text in MEANINGS.items() if kind in kinds
    ]
    labels = [label for item in items for label in (*item.above, *item.below)]
    for kind, text in (("value", "value, above the line"), ("gradient", "gradient, below it")):
        if any(label.kind == kind for label in labels):
            found.append(Mark(0.0, 0.0, text, kind))
    if any(label.bars for label in labels):
        found.append(Mark(0.0, 0.0, "mean ± standard deviation, histogram"))
    return found


def _sample(kind: Kind) -> _Sample:
    outline = OUTLINES.get(kind, "circle")
    return _Sample("", kind, outline, "", "", (), (), "", False, False, 0, False)
