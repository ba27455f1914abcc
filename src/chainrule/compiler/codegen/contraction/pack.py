"""Packing: a panel of b copied to where the micro-kernel reads it in order, in its own type.

A panel lies in memory as ``[k][lanes]``. Lanes that are neighbours in b are copied, rows along
which k runs are transposed in registers, and anything else is gathered.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from ..lanes import memory_type
from ..writer import Int
from .loops import Level, joined, pieces
from .plan import Plan, operand
from .vectors import Vectors


class Packer:
    """Copies one panel, whose first element in b is at ``source``, to ``panel``."""

    def __init__(
        self, vectors: Vectors, plan: Plan, masks: Sequence[str | None], lanes: int
    ) -> None:
        self.vectors, self.writer, self.plan = vectors, vectors.writer, plan
        self.masks, self.lanes = masks, lanes
        buffer, place = operand(plan.kernel.b)
        self.dtype, self.step = buffer.dtype, place.coefs[plan.lane]
        self.source = memory_type(self.dtype)

    def pack(self, levels: Sequence[Level], source: str, panel: str) -> None:
        """Copy a panel; the levels have steps for b and for the panel."""
        *outer, inner = joined(self.writer, levels) or [Level(1, (0, 0))]
        with ExitStack() as loops:
            for level in outer:
                at, _ = loops.enter_context(self.writer.loop(0, level.length))
                source, panel = self._moved(source, panel, level, at)
            if self.step not in (0, 1) and inner.steps[0] == 1 and self.plan.width > 1:
                self._transpose(inner, source, panel)
            else:
                self._copy(inner, 0, source, panel, 4 if self.step == 1 else 1)

    def _moved(self, source: str, panel: str, level: Level, at: Int) -> tuple[str, str]:
        """Return where both stand after some turns of a level."""
        move, writer = self.vectors.address, self.writer
        return (
            move(self.source, source, writer.mul(at, level.steps[0])),
            move(self.vectors.element, panel, writer.mul(at, level.steps[1])),
        )

    def _copy(self, level: Level, first: Int, source: str, panel: str, unroll: int) -> None:
        """Copy vector by vector from index ``first`` on."""
        length = self.writer.sub(level.length, first)
        source, panel = self._moved(source, panel, level, first)
        for start, stop, step in pieces(self.writer, length, unroll):
            with self.writer.loop(start, stop, step) as (at, _):
                for turn in range(step):
                    here = self._moved(source, panel, level, self.writer.add(at, turn))
                    self._copy_lanes(*here)

    def _copy_lanes(self, source: str, panel: str) -> None:
        width, vectors = self.plan.width, self.vectors
        for j, mask in enumerate(self.masks):
            here = vectors.address(self.source, source, j * width * self.step)
            value = vectors.load(self.dtype, here, self.step, mask)
            vectors.store_own(value, vectors.address(vectors.element, panel, j * width))

    def _transpose(self, level: Level, source: str, panel: str) -> None:
        """Turn squares of ``width`` rows and as many k, then gather what is left of k."""
        width, writer = self.plan.width, self.writer
        whole = writer.mul(writer.divmod(level.length, width)[0], width)
        with writer.loop(0, len(self.masks) * width, width) as (lane, _):
            rows = self._rows(source, lane)
            column = self.vectors.address(self.vectors.element, panel, lane)
            with writer.loop(0, whole, width) as (k, _):
                here = [self.vectors.address(self.source, row, k) for row in rows]
                loaded = [self.vectors.load(self.dtype, at, 1) for at in here]
                start = self.vectors.address(
                    self.vectors.element, column, writer.mul(k, level.steps[1])
                )
                for turn, value in enumerate(self.vectors.transposed(loaded)):
                    to = self.vectors.address(self.vectors.element, start, turn * level.steps[1])
                    self.vectors.store_own(value, to)
        if whole != level.length:
            self._copy(level, whole, source, panel, 1)

    def _rows(self, source: str, lane: Int) -> list[str]:
        """Return where the rows of ``width`` lanes lie; lanes that do not exist repeat the last."""
        lanes = [self.writer.add(lane, k) for k in range(self.plan.width)]
        if self.lanes % self.plan.width:
            lanes = [self.writer.least(at, self.lanes - 1) for at in lanes]
        return [
            self.vectors.address(self.source, source, self.writer.mul(at, self.step))
            for at in lanes
        ]
