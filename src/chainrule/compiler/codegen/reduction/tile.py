"""A tile of results whose accumulators lie in memory, so that all else is read in its order.

Reduced loops that step far run outside of the tile's loop. In each of their turns, every result's
accumulators are loaded, take what lies side by side in memory, and are stored again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from .... import dtypes
from ....dtypes import DType
from ...ir.expr import Expr, walk
from ..contraction.loops import pieces, turns
from ..lanes import Lanes, register_type
from ..rows import tail_mask, uniform
from ..writer import Int, Writer
from .loops import ReducedLoops, Vector
from .plan import ACCUMULATORS, Plan
from .results import store_results

_READS = 8  # vectors that are read, about, between a load and a store of accumulators


class Tile:
    """Writes tiles: results along the last kept loop, one by one or a vector of them at a time."""

    def __init__(self, writer: Writer, plan: Plan) -> None:
        self.writer, self.plan = writer, plan
        self.loops = ReducedLoops(writer, plan)
        self.width = plan.width if plan.along else plan.lane_width
        self.rows = max(1, _READS // self._reads())
        size = plan.tile if plan.along else plan.tile * self.width
        self.cells = [writer.cell(_element(d), size) for d in plan.accumulators.dtypes]

    def _reads(self) -> int:
        """Return how many vectors of arrays are read for what one row adds to accumulators."""
        plan = self.plan
        inner = plan.lengths[plan.kept + plan.outside :]
        vectors = inner if plan.along else [*inner[:-1], -(-inner[-1] // self.width)]
        arrays = [n for n in walk(plan.values) if n.kind == "read" and 0 not in n.payload[1].coefs]
        return math.prod(vectors) * len(arrays)

    def emit(self, indices: Sequence[Int], number: Int) -> None:
        """Write one tile: what accumulators begin with, the reduced loops, the results."""
        writer, plan = self.writer, self.plan
        self.first = writer.mul(number, plan.tile)
        self.last = writer.add(self.first, plan.tile)
        if plan.lengths[plan.kept - 1] % plan.tile:
            self.last = writer.least(self.last, plan.lengths[plan.kept - 1])
        self._each(indices, self._begin)
        self._outside(indices, [])
        self._each(indices, self._finish)

    def _each(self, indices: Sequence[Int], body: Callable[[Vector, list[str]], None]) -> None:
        """Do something for all results, given where they are and where their accumulators lie."""
        writer, plan, width = self.writer, self.plan, self.width
        if not plan.along:
            with writer.loop(self.first, self.last) as (at, _):
                vector = Vector((*indices, at), len(plan.lengths) - 1, width)
                body(vector, self._addresses(at))
            return
        length = plan.lengths[plan.kept - 1]
        whole = length - length % width
        ends = self.last if whole == length else writer.least(self.last, whole)
        with writer.loop(self.first, ends, width) as (at, _):
            body(Vector((*indices, at), plan.kept - 1, width), self._addresses(at))
        if whole < length:
            mask = tail_mask(writer, width, length - whole)
            with writer.loop(ends, self.last, width) as (at, _):
                body(Vector((*indices, at), plan.kept - 1, width, mask), self._addresses(at))

    def _begin(self, _: Vector, cells: list[str]) -> None:
        identities = self.plan.accumulators.identities(self.writer, self.width)
        self._put(cells, identities)

    def _outside(self, indices: Sequence[Int], at: list[Int]) -> None:
        """Write the loops outside of the tile's, several rows of the innermost one at once."""
        length = self.plan.lengths[self.plan.kept + len(at)]
        if len(at) < self.plan.outside - 1:
            with self.writer.loop(0, length) as (i, _):
                self._outside(indices, [*at, i])
            return
        for start, stop, rows in pieces(self.writer, length, self.rows):
            with turns(self.writer, start, stop, rows) as (i, _):
                places = [[*at, self.writer.add(i, k)] for k in range(rows)]
                self._each(indices, partial(self._add, rows=places))

    def _add(self, vector: Vector, cells: list[str], rows: Sequence[Sequence[Int]]) -> None:
        """Add some rows of the reduced loops to accumulators."""
        vector = replace(vector, fixed=self._fixed(vector, rows))
        vectors = [vector]
        if not self.plan.along:
            count = max(1, min(ACCUMULATORS, self.plan.lengths[-1] // self.width))
            vectors = [replace(vector, shift=k * self.width) for k in range(count)]
        sums = [self._taken(cells)]
        for at in rows:
            sums = self.loops.write(vectors, at, sums)
        self._put(cells, sums[0])

    def _fixed(self, vector: Vector, rows: Sequence[Sequence[Int]]) -> tuple[tuple[Expr, str], ...]:
        """Compute what is the same in all rows, or at least along all of a row."""
        plan = self.plan
        first = plan.kept + plan.outside - (len(rows) > 1)
        loops = range(first, len(plan.lengths))
        known = [*vector.indices, *rows[0]]
        indices = [*known, *[0] * (len(plan.lengths) - len(known))]
        lane = vector.lane if vector.lane < first else -1
        lanes = Lanes(self.writer, indices, lane, self.width, vector.mask)
        return tuple(uniform(lanes, plan.values, loops))

    def _finish(self, vector: Vector, cells: list[str]) -> None:
        writer, plan, sums = self.writer, self.plan, self._taken(cells)
        if not plan.along:
            vector = Vector(vector.indices, -1, 1)
            sums = plan.accumulators.across(writer, sums, self.width)
        store_results(writer, plan, vector, sums)

    # --- memory of the kernel's own --------------------------------------------------------

    def _addresses(self, at: Int) -> list[str]:
        """Return where the accumulators of the result at an index lie."""
        place = self.writer.sub(at, self.first)
        if not self.plan.along:
            place = self.writer.mul(place, self.width)
        return [
            self.writer.let(f"getelementptr {_element(d)}, ptr {cell}, i64 {place}")
            for d, cell in zip(self.plan.accumulators.dtypes, self.cells, strict=True)
        ]

    def _taken(self, cells: Sequence[str]) -> list[str]:
        """Load accumulators."""
        lanes, found = Lanes(self.writer, (), -1, self.width), []
        for dtype, cell in zip(self.plan.accumulators.dtypes, cells, strict=True):
            t = lanes.vector(_element(dtype))
            value = self.writer.let(f"load {t}, ptr {cell}, align {dtype.itemsize}")
            found.append(lanes.widened(value, dtype) if dtype is dtypes.bool else value)
        return found

    def _put(self, cells: Sequence[str], sums: Sequence[str]) -> None:
        """Store accumulators."""
        lanes = Lanes(self.writer, (), -1, self.width)
        for dtype, cell, value in zip(self.plan.accumulators.dtypes, cells, sums, strict=True):
            kept = lanes.kept(value, dtype) if dtype is dtypes.bool else value
            t = lanes.vector(_element(dtype))
            self.writer.do(f"store {t} {kept}, ptr {cell}, align {dtype.itemsize}")


def _element(dtype: DType) -> str:
    """Return the type that accumulators have in memory: that of registers, bytes for booleans."""
    return "i8" if dtype is dtypes.bool else register_type(dtype)
