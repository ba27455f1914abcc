"""The reduced loops of some results: what they add to accumulators in registers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...ir.expr import Expr
from ..contraction.loops import turns
from ..lanes import Lanes
from ..rows import tail_mask
from ..writer import Int, Writer
from .plan import Plan

Sums = list[list[str]]  # the registers of some sets of accumulators


@dataclass(frozen=True)
class Vector:
    """Where some lanes are: indices of the kept loops, the vectorised loop, the mask.

    ``fixed`` has parts of the terms that are the same in all of the loops, and their values.
    """

    indices: tuple[Int, ...]
    lane: int
    width: int
    mask: str | None = None
    shift: int = 0  # of the first lane along a reduced loop
    fixed: tuple[tuple[Expr, str], ...] = ()


class ReducedLoops:
    """Writes the reduced loops from some depth on."""

    def __init__(self, writer: Writer, plan: Plan) -> None:
        self.writer, self.plan = writer, plan

    def write(self, vectors: Sequence[Vector], at: Sequence[Int], sums: Sums) -> Sums:
        """Write the loops inside of those whose indices are known; return what sums are then.

        Vectors take turns in adding to the accumulators: there may be fewer of the latter.
        """
        lengths = self.plan.lengths[self.plan.kept :]
        if self.plan.empty:
            return sums
        if len(at) == len(lengths):
            return self._steps(vectors, at, sums)
        if len(at) == len(lengths) - 1 and vectors[0].lane == len(self.plan.lengths) - 1:
            return self._lane_loop(vectors, at, sums)
        with self.writer.loop(0, lengths[len(at)], 1, self._carried(vectors, sums)) as (i, carried):
            inner = self._cut(carried.values, len(sums))
            carried.next = _flat(self.write(vectors, [*at, i], inner))
        return self._cut(carried.values, len(sums))

    def _lane_loop(self, vectors: Sequence[Vector], at: Sequence[Int], sums: Sums) -> Sums:
        """Write the loop along which vectors lie: several at once, one at a time, then the rest."""
        length, width = self.plan.lengths[-1], vectors[0].width
        start, sums = 0, list(sums)
        for step in sorted({width * len(vectors), width}, reverse=True):
            stop = start + (length - start) // step * step
            used = vectors[: step // width]
            count = min(len(sums), len(used))
            if stop > start:
                carried_in = self._carried(used, sums[:count])
                with turns(self.writer, start, stop, step, carried_in) as (i, carried):
                    inner = self._cut(carried.values, count)
                    carried.next = _flat(self._steps(used, [*at, i], inner))
                sums[:count] = self._cut(carried.values, count)
            start = stop
        if rest := length - start:
            tail = replace(vectors[0], mask=tail_mask(self.writer, width, rest), shift=0)
            sums[0] = self._step(tail, [*at, start], sums[0])
        return sums

    def _carried(self, vectors: Sequence[Vector], sums: Sums) -> list[tuple[str, str]]:
        kinds = self.plan.accumulators.types(self.writer, vectors[0].width)
        return [pair for own in sums for pair in zip(kinds, own, strict=True)]

    def _cut(self, values: Sequence[str], sets: int) -> Sums:
        n = len(self.plan.accumulators.dtypes)
        return [list(values[k * n : (k + 1) * n]) for k in range(sets)]

    def _steps(self, vectors: Sequence[Vector], at: Sequence[Int], sums: Sums) -> Sums:
        result = list(sums)
        for k, vector in enumerate(vectors):
            own = k % len(sums)
            result[own] = self._step(vector, at, result[own])
        return result

    def _step(self, vector: Vector, at: Sequence[Int], sums: Sequence[str]) -> list[str]:
        """Add one vector of values to the accumulators."""
        plan, writer = self.plan, self.writer
        last = len(plan.lengths) - 1
        if vector.shift:
            at = [*at[:-1], writer.add(at[-1], vector.shift)]
        lanes = Lanes(writer, [*vector.indices, *at], vector.lane, vector.width, vector.mask)
        for node, known in vector.fixed:
            lanes.preset(node, known)
        values = lanes.emit_all(plan.values)
        position = lanes.numbers(plan.flat) if plan.accumulators.positions else None
        joined = plan.accumulators.added(lanes, sums, values, position)
        if vector.mask is None or vector.lane != last:
            return joined
        kinds = plan.accumulators.types(writer, vector.width)
        return [
            writer.let(f"select {lanes.vector('i1')} {vector.mask}, {t} {new}, {t} {old}")
            for t, new, old in zip(kinds, joined, sums, strict=True)
        ]


def _flat(parts: Sequence[Sequence[str]]) -> list[str]:
    return [x for part in parts for x in part]
