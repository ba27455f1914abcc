"""Formulas as text: what is used more than once, or is long, gets a name on a line of its own."""

from __future__ import annotations

import itertools
import string
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ... import dtypes
from ...dtypes import DType
from .expr import Buffer, Expr, Guard, Place, walk
from .functions import FUNCTIONS

LONGEST = 72  # characters of a formula without a name
DEFAULT_DTYPES: dict[type, DType] = {
    bool: dtypes.bool, int: dtypes.int64, float: dtypes.float32,
}  # fmt: skip
RESERVED = frozenset({"true", "false", "inf", "nan", "index", "inside", *FUNCTIONS, *dtypes.ALL})


def place_text(place: Place, loops: Sequence[str]) -> str:
    """Write a place: its terms in the order of the loops, then the offset."""
    names = itertools.chain(loops, (f"?{k}" for k in itertools.count()))
    terms = [
        (coef, name if abs(coef) == 1 else f"{abs(coef)}*{name}")
        for coef, name in zip(place.coefs, names, strict=False)
        if coef
    ]
    if place.offset or not terms:
        terms.append((place.offset, str(abs(place.offset))))
    text = "".join(f" {'-' if sign < 0 else '+'} {term}" for sign, term in terms)
    return text[3:] if text.startswith(" + ") else f"-{text[3:]}"


def guards_text(guards: Sequence[Guard], loops: Sequence[str]) -> str:
    """Write conditions that hold together."""
    return ", ".join(f"0 <= {place_text(g.place, loops)} < {g.length}" for g in guards)


def literal_text(value: Any) -> str:
    """Write a number as itself: 1, 1.0, true, inf."""
    return str(value).lower() if isinstance(value, bool) else repr(value)


def number_text(value: Any, dtype: DType) -> str:
    """Write a number, with its data type where that is not the one of such a literal."""
    plain = value.item() if hasattr(value, "item") else value
    text = literal_text(plain)
    return text if dtype is DEFAULT_DTYPES[type(plain)] else f"{text}:{dtype}"


def _fresh_names(taken: frozenset[str]) -> Iterator[str]:
    for length in itertools.count(1):
        for letters in itertools.product(string.ascii_lowercase, repeat=length):
            name = "".join(letters)
            if name not in taken:
                yield name


class FormulaPrinter:
    """Writes the formulas of one kernel; ``lines`` receives the names that they need.

    A name is written once, before the first line that uses it.
    """

    def __init__(
        self,
        roots: Sequence[Expr],
        loops: Sequence[str],
        buffers: Mapping[Buffer, str],
        lines: list[str],
    ) -> None:
        self.loops, self.buffers, self.lines = loops, buffers, lines
        nodes = list(walk(roots))
        self._uses = Counter(id(n) for n in itertools.chain(roots, *(n.args for n in nodes)))
        self._text: dict[int, str] = {}
        self._names = _fresh_names(RESERVED | frozenset(buffers.values()))

    def place(self, place: Place) -> str:
        """Write a place in the names of the kernel's loops."""
        return place_text(place, self.loops)

    def value(self, root: Expr) -> str:
        """Return the text of a formula."""
        for node in walk([root]):
            if id(node) not in self._text:
                text = self._node(node)
                self._text[id(node)] = self._named(text) if self._needs(node, text, root) else text
        return self._text[id(root)]

    def _needs(self, node: Expr, text: str, root: Expr) -> bool:
        if node.kind in ("const", "acc"):
            return False
        return self._uses[id(node)] > 1 or (node is not root and len(text) > LONGEST)

    def _named(self, text: str) -> str:
        name = next(self._names)
        self.lines.append(f"{name} = {text}")
        return name

    def element(
        self, buffer: Buffer, place: Place, steps: Sequence[int], args: Sequence[Expr]
    ) -> str:
        """Write an element whose place depends on data: ``x[4*i0; 8*a]``; ``args`` have texts."""
        more = [f"{step}*{self._text[id(a)]}" for step, a in zip(steps, args, strict=True)]
        return f"{self.buffers[buffer]}[{self.place(place)}; {', '.join(more)}]"

    def _node(self, node: Expr) -> str:
        match node.kind, node.payload:
            case "const", value:
                return number_text(value, node.dtype)
            case "acc", which:
                return f"acc{which}"
            case "index", place:
                return f"index({self.place(place)})"
            case "inside", guards:
                return f"inside({guards_text(guards, self.loops)})"
            case "read", (buffer, place, guards):
                given = f" | {guards_text(guards, self.loops)}" if guards else ""
                return f"{self.buffers[buffer]}[{self.place(place)}{given}]"
            case "gather", (buffer, place, steps):
                return self.element(buffer, place, steps, node.args)
        name = node.dtype.name if node.kind == "cast" else node.kind
        return f"{name}({', '.join([self._text[id(a)] for a in node.args])})"
