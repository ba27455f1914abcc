"""What stands in a drawing: nodes, closed modules, and the labels at the lines that leave them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .formatting import text_width
from .layout import Box

Kind = Literal["operation", "parameter", "input", "constant", "module"]
Outline = Literal["circle", "box", "pill", "hexagon", "tag", "double"]
OUTLINES: dict[Kind, Outline] = {
    "parameter": "hexagon", "input": "pill", "constant": "tag", "module": "double",
}  # fmt: skip

PADDING: dict[Outline, float] = {"hexagon": 30.0, "pill": 24.0, "box": 20.0, "double": 30.0}
RADIUS = 20.0  # of an operation's circle
FONT = {
    "symbol": 15.0, "name": 13.0, "path": 10.5, "number": 12.0, "shape": 11.0, "tag": 12.0,
    "title": 12.0, "note": 11.0,
}  # fmt: skip
TALLEST = 240.0  # box of an operation with many inputs
LINE = 15.0  # height of a line of labels
BARS = (56.0, 15.0)  # width and height of a histogram


@dataclass(frozen=True)
class Label:
    """What a line says of a node: its shape, its value, its gradient; in words or as a histogram.

    ``bars`` are the heights of a histogram's bars, from 0 to 1; a label has a text or bars.
    """

    kind: Literal["shape", "value", "gradient"]
    text: str = ""
    bars: tuple[float, ...] = ()

    @property
    def width(self) -> float:
        """The width that it is given."""
        return BARS[0] if self.bars else text_width(self.text, FONT["number"])

    @property
    def height(self) -> float:
        """The height that it is given."""
        return BARS[1] + 4.0 if self.bars else LINE


@dataclass(frozen=True)
class Item:
    """A node or a closed module as it is drawn: ``text`` in its outline, ``caption`` in small."""

    name: str
    kind: Kind
    outline: Outline
    text: str
    caption: str
    above: tuple[Label, ...]
    below: tuple[Label, ...]
    tip: str
    is_output: bool
    in_order: bool
    arity: int
    has_users: bool

    @property
    def width(self) -> float:
        """Width of the outline."""
        if self.outline == "circle":
            return 2 * RADIUS
        if self.outline == "tag":
            return text_width(self.text, FONT["tag"]) + 12.0
        font = FONT["symbol" if self.kind == "operation" else "name"]
        inner = max(text_width(self.text, font), self._caption_width * (self.outline != "box"))
        return max(inner + PADDING[self.outline], 44.0)

    @property
    def height(self) -> float:
        """Height of the outline."""
        if self.outline == "tag":
            return 22.0
        if self.kind == "operation":
            return max(2 * RADIUS, min(8.0 * self.arity + 8.0, TALLEST))
        return 40.0 if self.caption else 34.0

    @property
    def _caption_width(self) -> float:
        return text_width(self.caption, FONT["path"])

    @property
    def caption_outside(self) -> bool:
        """Whether the caption stands below the outline, not in it."""
        return bool(self.caption) and self.kind == "operation"

    @property
    def box(self) -> Box:
        """The space that the node needs in a layout."""
        labels = [*self.above, *self.below]
        trunk = max((label.width + 14.0 for label in labels), default=0.0)
        caption = self.height / 2 + 14.0 if self.caption_outside else 0.0
        return Box(
            width=max(self.width, self._caption_width), height=self.height, trunk=trunk
            + (14.0 if self.is_output and not self.has_users else 0.0),
            above=sum(label.height for label in self.above) + 3.0,
            below=max(sum(label.height for label in self.below) + 3.0, caption),
            in_order=self.in_order,
        )  # fmt: skip
