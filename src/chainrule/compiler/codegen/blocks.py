"""Elementwise kernels that read across memory: square blocks of what they read are transposed.

Where stores are contiguous along one loop and a read along another, a row would gather single
elements, each from a cache line of its own. A block of whole lines is loaded along the read's own
direction instead, transposed in registers, and kept on the stack until its rows are computed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from ..ir.cost import TURNED
from ..ir.expr import Expr, Place, moved, walk
from .axes import places_in
from .lanes import Lanes, memory_type, register_type
from .map_rows import Rows
from .rows import RowWriter
from .writer import Int

LINE = 64  # bytes of a cache line, all of which are used at once


class Blocks(Rows):
    """Writes an elementwise kernel block by block, and row by row what blocks leave over."""

    @classmethod
    def of(cls, rows: Rows) -> Blocks | None:
        """Return the writer of a kernel that reads across memory; None if it does not."""
        total, width = math.prod(rows.lengths), rows.width
        if total < TURNED or width == 1 or rows.lengths[-1] < width:
            return None
        votes = Counter(
            loop
            for node in walk(rows.values)
            if _may_turn(node, rows)
            for loop, coef in enumerate(node.payload[1].coefs[:-1])
            if coef == 1 and rows.lengths[loop] >= width
        )
        return cls(rows, votes.most_common(1)[0][0]) if votes else None

    def __init__(self, rows: Rows, across: int) -> None:
        """``across`` is the loop along which most of what would be gathered is contiguous."""
        vars(self).update(vars(rows))
        last = len(self.lengths) - 1
        order = [*[k for k in range(last) if k != across], across, last]
        self.lengths = [self.lengths[k] for k in order]
        self.values = moved(self.values, lambda p: _in_order(p, order))
        self.targets = [(buffer, _in_order(place, order)) for buffer, place in self.targets]
        self.turned = [
            node for node in walk(self.values)
            if _may_turn(node, self) and node.payload[1].coefs[-2] == 1
        ]  # fmt: skip
        self.deep = LINE // self.turned[0].dtype.itemsize
        self.rows = self.lengths[-2]
        self.lengths[-2] = -(-self.rows // self.deep)  # a turn of that loop is a block of rows
        self._cut()

    # --- writing ---------------------------------------------------------------------------

    def _row(self, indices: list[Int], begin: Int, end: Int) -> None:
        """Write a block of rows: where it is whole by blocks, else row by row."""
        writer, deep = self.writer, self.deep
        *outer, block = indices
        first = writer.mul(block, deep)
        if self.rows % deep == 0:
            self._whole_block(outer, first)
            return
        last = writer.add(first, deep)
        with writer.when(writer.let(f"icmp sle i64 {last}, {self.rows}")):
            self._whole_block(outer, first)
        with (
            writer.when(writer.let(f"icmp sgt i64 {last}, {self.rows}")),
            writer.loop(first, self.rows) as (row, _),
        ):
            super()._row([*outer, row], begin, end)

    def _whole_block(self, outer: list[Int], first: Int) -> None:
        writer, width, length = self.writer, self.width, self.lengths[-1]
        whole = length // width * width
        with (
            writer.loop(0, whole, width) as (at, _),
            writer.loop(first, writer.add(first, self.deep), width) as (start, _),
        ):
            self._square([*outer, start, at])
        if whole < length:
            with writer.loop(first, writer.add(first, self.deep)) as (row, _):
                super()._row([*outer, row], whole, length)

    def _square(self, corner: list[Int]) -> None:
        """Transpose what is read of a square, then compute its rows."""
        writer, width = self.writer, self.width
        kept = [(node, self._transposed(node, corner)) for node in self.turned]
        places = [*[p for _, p in self.targets], *places_in(self.values)]
        with writer.loop(0, width) as (row, _):
            indices = [*corner[:-2], writer.add(corner[-2], row), corner[-1]]
            with writer.row([*indices[:-1], 0], self.lane, places):
                lanes = Lanes(writer, indices, self.lane, width)
                for node, cell in kept:
                    kind = lanes.type(node.dtype)
                    at = writer.let(f"getelementptr {kind}, ptr {cell}, i64 {row}")
                    lanes.preset(node, writer.let(f"load {kind}, ptr {at}"))
                results = lanes.emit_all(self.values)
                for (buffer, place), result in zip(self.targets, results, strict=True):
                    lanes.store(buffer, place, result)

    def _transposed(self, node: Expr, corner: list[Int]) -> str:
        """Load a square of elements along the read's direction; return the memory of its rows."""
        writer, width = self.writer, self.width
        buffer, place, _ = node.payload
        element = memory_type(buffer.dtype)
        kind, align = f"<{width} x {element}>", buffer.dtype.itemsize
        start = writer.pointer(buffer, writer.dot(place.offset, place.coefs, corner), element)
        vectors = []
        for k in range(width):
            far = k * place.coefs[-1]
            at = writer.let(f"getelementptr {element}, ptr {start}, i64 {far}")
            vectors.append(writer.let(f"load {kind}, ptr {at}, align {align}"))
        cell = writer.cell(kind, width)
        for k, vector in enumerate(transposed(writer, vectors, kind)):
            at = writer.let(f"getelementptr {kind}, ptr {cell}, i64 {k}")
            writer.do(f"store {kind} {vector}, ptr {at}")
        return cell


def transposed(writer: RowWriter, vectors: Sequence[str], kind: str) -> list[str]:
    """Return the columns of a square matrix given as its rows, in log2(width) rounds.

    Each round exchanges, between two rows that lie ``distance`` apart, the halves of all blocks of
    twice that width.
    """
    result, width = list(vectors), len(vectors)
    distance = 1
    while distance < width:
        for k in range(width):
            if k & distance:
                continue
            a, b = result[k], result[k + distance]
            lows = [j if not j & distance else width + j - distance for j in range(width)]
            highs = [j + distance if not j & distance else width + j for j in range(width)]
            result[k], result[k + distance] = (
                _shuffled(writer, a, b, kind, chosen) for chosen in (lows, highs)
            )
        distance *= 2
    return result


def _shuffled(writer: RowWriter, a: str, b: str, kind: str, chosen: Sequence[int]) -> str:
    mask = ", ".join(f"i32 {k}" for k in chosen)
    return writer.let(f"shufflevector {kind} {a}, {kind} {b}, <{len(chosen)} x i32> <{mask}>")


def _may_turn(node: Expr, rows: Rows) -> bool:
    """Whether a node reads single elements along the lanes, as many of them as a register holds."""
    if node.kind != "read":
        return False
    buffer, place, guards = node.payload
    plain = memory_type(buffer.dtype) == register_type(buffer.dtype)
    fits = rows.writer.target.lanes(buffer.dtype.itemsize) == rows.width
    return plain and fits and not guards and place.coefs[-1] not in (0, 1)


def _in_order(place: Place, order: Sequence[int]) -> Place:
    return Place(place.offset, tuple([place.coefs[k] for k in order]))
