"""Code of a reduction: units of work, and in each of them results, in registers or in memory."""

from __future__ import annotations

from collections.abc import Sequence

from ...ir.expr import buffers_read
from ...ir.kernels import Reduce
from ..lanes import Lanes
from ..rows import lanes_left
from ..target import Target
from ..writer import Code, Int, Writer
from .loops import ReducedLoops, Vector
from .plan import ACCUMULATORS, Plan
from .results import store_results
from .tile import Tile


def generate_reduce(kernel: Reduce, target: Target) -> Code:
    """Return the code of a reduction."""
    writer = Writer(target)
    for store in kernel.stores:
        writer.bind(store.buffer, store.place.offset)
    for buffer in buffers_read(
        [*[t.value for t in kernel.terms], *[s.value for s in kernel.stores]]
    ):
        writer.bind(buffer, 0)
    if 0 in kernel.kept:
        return writer.finish(0)
    plan = Plan(kernel, target)
    _Reduction(writer, plan).emit()
    return writer.finish(plan.units)


class _Reduction:
    """Writes a reduction: loops over kept indices, in each of them loops over reduced ones."""

    def __init__(self, writer: Writer, plan: Plan) -> None:
        self.writer, self.plan = writer, plan
        self.loops = ReducedLoops(writer, plan)
        self.tile = Tile(writer, plan) if plan.outside else None

    def emit(self) -> None:
        """Write the units from start to stop."""
        writer, plan = self.writer, self.plan
        last = writer.mul("%stop", plan.grain)
        if plan.turns % plan.grain:
            last = writer.least(last, plan.turns)
        with writer.loop(writer.mul("%start", plan.grain), last) as (turn, _):
            *indices, number = writer.units([*plan.outer, plan.tiles], turn)
            if self.tile is not None:
                self.tile.emit(indices, number)
            elif plan.along:
                self._side_by_side(indices, number)
            else:
                self._single(indices)

    def _side_by_side(self, indices: Sequence[Int], number: Int) -> None:
        """Write some vectors of neighbouring results."""
        writer, plan = self.writer, self.plan
        lane, width = plan.kept - 1, plan.width
        first, length = writer.mul(number, plan.tile), plan.lengths[lane]
        starts = range(0, plan.tile, width)
        masks: list[str | None] = [None] * len(starts)
        if length % plan.tile:
            left = writer.sub(length, first)
            masks = [lanes_left(writer, width, left, k) for k in starts]
        vectors = [
            Vector((*indices, writer.add(first, k)), lane, width, mask)
            for k, mask in zip(starts, masks, strict=True)
        ]
        sums = self.loops.write(vectors, [], self._identities(vectors))
        for vector, own in zip(vectors, sums, strict=True):
            store_results(writer, plan, vector, own)

    def _single(self, indices: Sequence[Int]) -> None:
        """Write one result: vectors along the innermost reduced loop, then one of their lanes."""
        writer, plan = self.writer, self.plan
        one = Vector(tuple(indices), -1, 1)
        if plan.empty or len(plan.lengths) == plan.kept:
            (total,) = self.loops.write([one], [], self._identities([one]))
            store_results(writer, plan, one, total)
            return
        width, length = plan.lane_width, plan.lengths[-1]
        count = max(1, min(ACCUMULATORS // len(plan.accumulators) or 1, length // width))
        lane = len(plan.lengths) - 1
        vectors = [Vector(one.indices, lane, width, shift=k * width) for k in range(count)]
        total, *others = self.loops.write(vectors, [], self._identities(vectors))
        for more in others:
            total = plan.accumulators.joined(Lanes(writer, (), -1, width), total, more)
        store_results(writer, plan, one, plan.accumulators.across(writer, total, width))

    def _identities(self, vectors: Sequence[Vector]) -> list[list[str]]:
        accumulators, empty = self.plan.accumulators, self.plan.empty
        return [accumulators.identities(self.writer, v.width, empty) for v in vectors]
