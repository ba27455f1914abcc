"""Rows: the innermost loop, vector by vector; what does not change along it is computed before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ...dtypes import DType
from ..ir.expr import Expr, Place, walk
from .axes import varying
from .lanes import Lanes
from .target import Target
from .writer import Int, Writer

Body = Callable[[Lanes], None]


class RowWriter(Writer):
    """A writer that knows the addresses at the start of a row."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self._starts: dict[tuple[int, ...], Int] = {}
        self._lane = -1

    @contextmanager
    def row(self, indices: Sequence[Int], lane: int, places: Sequence[Place]) -> Iterator[None]:
        """Compute what places have in common along a row, once for all of it."""
        self._lane, self._starts = -1, {}
        starts = {}
        for outer in dict.fromkeys([place.coefs[:lane] for place in places]):
            starts[outer] = super().dot(0, outer, indices[:lane])
        self._lane, self._starts = lane, starts
        yield
        self._lane, self._starts = -1, {}

    def dot(self, offset: Int, coefs: Sequence[int], indices: Sequence[Int]) -> Int:
        """Return offset + sum(coef * index)."""
        lane = self._lane
        start = self._starts.get(tuple(coefs[:lane])) if lane >= 0 else None
        if start is None:
            return super().dot(offset, coefs, indices)
        rest = super().dot(start, coefs[lane:], indices[lane:])
        return self.add(rest, offset)


def vector_width(values: Sequence[Expr], others: Sequence[DType], target: Target) -> int:
    """Return how many elements of the widest type among formulas fit into a register."""
    kinds = [n.dtype for n in walk(values) if n.kind != "const"]
    widest = max([4, *[k.itemsize for k in [*kinds, *others]]])
    return target.lanes(widest)


def uniform(lanes: Lanes, values: Sequence[Expr], loops: Sequence[int]) -> list[tuple[Expr, str]]:
    """Compute the largest parts of formulas that do not change along some loops."""
    changing = varying(values, loops)
    wanted: dict[int, Expr] = {}
    for node in walk(values):
        if id(node) in changing:
            parts = [a for a in node.args if id(a) not in changing]
            wanted |= {id(a): a for a in parts if a.kind not in ("const", "acc")}
    return [
        (node, lanes.emit(node)) for node in wanted.values()
        if not any(n.kind == "acc" for n in walk([node]))
    ]  # fmt: skip


def tail_mask(writer: Writer, width: int, rest: int) -> str | None:
    """Return the mask of the first ``rest`` lanes; None if these are all."""
    if rest == width:
        return None
    if width == 1:
        return "true"
    return "<" + ", ".join(f"i1 {'true' if k < rest else 'false'}" for k in range(width)) + ">"


def lanes_left(writer: Writer, width: int, left: Int, start: int = 0) -> str:
    """Return the mask of the lanes ``start``, ``start + 1``, ... that are below ``left``."""
    lanes = Lanes(writer, (), -1, width)
    every, t = lanes.splat(left, "i64"), lanes.vector("i64")
    numbers = lanes.listed("i64", [str(start + k) for k in range(width)])
    return writer.let(f"icmp sgt {t} {every}, {numbers}")


def tail_width(width: int, rest: int) -> int:
    """Return the narrowest vector that holds the rest of a row."""
    return min(width, 1 << (rest - 1).bit_length())
