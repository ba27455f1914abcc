"""The micro-kernel: a register tile of the result, ``rows x vectors``, summed over k."""

from __future__ import annotations

from collections.abc import Sequence

from ..lanes import memory_type
from .loops import Level, pieces, turns
from .plan import Plan, operand
from .vectors import Vectors

_BODY = 64  # multiply-adds of an unrolled turn: more is only more text


class Tile:
    """Sums outer products of a column of a and a row of b into accumulators.

    A row of a is an element that serves all lanes, or (batches as lanes) vectors of its own.
    ``offsets`` say where the rows lie. Levels have steps for a and for b, in elements.
    """

    def __init__(
        self, vectors: Vectors, plan: Plan, offsets: Sequence[int], masks: Sequence[str | None]
    ) -> None:
        self.vectors, self.writer, self.plan = vectors, vectors.writer, plan
        self.offsets, self.masks = offsets, masks
        buffer, place = operand(plan.kernel.a)
        self._a, self._a_lane = buffer.dtype, place.coefs[plan.lane] if plan.lane >= 0 else 0
        buffer, place = operand(plan.kernel.b)
        self._b = plan.compute if plan.packed else buffer.dtype
        self._b_lane = 1 if plan.packed else place.coefs[plan.lane] if plan.lane >= 0 else 0
        step = 1 if plan.packed else place.coefs[plan.beside] if plan.lane >= 0 else 0
        self._b_beside = step * plan.apart

    def accumulate(self, levels: Sequence[Level], a: str, b: str, sums: list[str]) -> list[str]:
        """Add the products of all turns of the levels to the sums; return the new sums."""
        if not levels:
            return self._product(a, b, sums)
        level, inner = levels[0], levels[1:]
        unroll = 1 if inner else self._unroll(level.length)
        for start, stop, step in pieces(self.writer, level.length, unroll):
            carried = [(self.vectors.type, value) for value in sums]
            with turns(self.writer, start, stop, step, carried) as (at, state):
                here = [self._moved(p, level, k, at) for k, p in enumerate((a, b))]
                state.next = state.values
                for turn in range(step):
                    there = [self._moved(p, level, k, turn) for k, p in enumerate(here)]
                    state.next = self.accumulate(inner, there[0], there[1], state.next)
            sums = state.values
        return sums

    def _moved(self, pointer: str, level: Level, which: int, at: int | str) -> str:
        element = memory_type((self._a, self._b)[which])
        return self.vectors.address(element, pointer, self.writer.mul(at, level.steps[which]))

    def _unroll(self, length: int | str) -> int:
        """Return how many turns to write out: few multiply-adds, and few left over."""
        most = max(1, min(8, _BODY // (len(self.offsets) * len(self.masks))))
        if not isinstance(length, int):
            return most
        if length <= most:
            return max(1, length)
        return min(range(most, most // 2, -1), key=lambda turns: length % turns)

    def _product(self, a: str, b: str, sums: Sequence[str]) -> list[str]:
        """Add one outer product: what there is more of, rows or vectors, is loaded one by one."""
        if self._a_lane == 0 and len(self.offsets) < len(self.masks):
            return self._by_vectors(a, b, sums)
        columns = [self._column(b, j) for j in range(len(self.masks))]
        result: list[str] = []
        for row in range(len(self.offsets)):
            for value, column in zip(self._row(a, row), columns, strict=True):
                result.append(self.vectors.multiply_add(value, column, sums[len(result)]))
        self.writer.fence()
        return result

    def _by_vectors(self, a: str, b: str, sums: Sequence[str]) -> list[str]:
        """Add one outer product with all rows in registers, and one vector of b at a time."""
        elements = [self._row(a, row)[0] for row in range(len(self.offsets))]
        result, count = list(sums), len(self.masks)
        for j in range(count):
            column = self._column(b, j)
            for at, element in zip(range(j, len(sums), count), elements, strict=True):
                result[at] = self.vectors.multiply_add(element, column, sums[at])
            self.writer.fence()
        return result

    def _column(self, pointer: str, number: int) -> str:
        """Return a vector of b."""
        at = self.vectors.address(memory_type(self._b), pointer, number * self._b_beside)
        mask = None if self.plan.packed else self.masks[number]
        return self.vectors.load(self._b, at, self._b_lane, mask)

    def _row(self, pointer: str, number: int) -> list[str]:
        """Return what a row of a multiplies each vector of b with."""
        pointer = self.vectors.address(memory_type(self._a), pointer, self.offsets[number])
        if self._a_lane == 0:
            return [self.vectors.broadcast(self._a, pointer)] * len(self.masks)
        element, step = memory_type(self._a), self._a_lane
        return [
            self.vectors.load(
                self._a, self.vectors.address(element, pointer, j * self.plan.width * step), step, m
            )
            for j, m in enumerate(self.masks)
        ]
