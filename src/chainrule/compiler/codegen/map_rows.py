"""An elementwise kernel row by row: vectors along the loop in which stores are contiguous."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from ..ir.cost import copies
from ..ir.expr import Buffer, Expr, Place, buffers_read, moved, walk
from ..ir.kernels import Map
from .axes import Axes, by_stride, places_in
from .lanes import Lanes
from .rows import RowWriter, lanes_left, tail_mask, tail_width, uniform, vector_width
from .spread import store_all
from .writer import Int

UNIT = 16384  # elements of a unit of work, at least: of a copy
FEW = 8192  # elements of a kernel that is one unit: of a copy


class Rows:
    """Writes an elementwise kernel: a unit is some rows, or a part of the only one."""

    def __init__(self, writer: RowWriter, kernel: Map) -> None:
        self.writer = writer
        values = [s.value for s in kernel.stores]
        places = [*[s.place for s in kernel.stores], *places_in(values)]
        order = by_stride(range(len(kernel.loops)), kernel.stores[0].place)
        axes = Axes(kernel.loops, order, places)
        self.lengths = axes.lengths or [1]
        pad = not axes.lengths
        self.values = [_padded(v, pad) for v in axes.values(values)]
        self.targets = [(s.buffer, _padded_place(axes.place(s.place), pad)) for s in kernel.stores]
        self._unroll_short_rows()
        self.lane = len(self.lengths) - 1
        self.width = vector_width(self.values, [b.dtype for b, _ in self.targets], writer.target)
        if self.lengths[-1] == 1:
            self.width = 1
        self._cut()

    def _unroll_short_rows(self) -> None:
        """Let rows of two or four elements, one after the other in memory, be one row of many."""
        short = self.lengths[-1]
        if len(self.lengths) < 2 or short not in (2, 4) or self.lengths[-2] < short:
            return
        if any(place.coefs[-1] != 1 or place.coefs[-2] != short for _, place in self.targets):
            return
        values, targets = list[Expr](), list[tuple[Buffer, Place]]()
        for k in range(short):
            values += moved(self.values, partial(_at, index=k))
            targets += [(buffer, _at(place, k)) for buffer, place in self.targets]
        self.values, self.targets, self.lengths = values, targets, self.lengths[:-1]

    def _cut(self) -> None:
        """Choose the outer loops that units run over, and how many of their turns are one unit."""
        outer, total = self.lengths[:-1], math.prod(self.lengths)
        weight = copies(self.values, len(self.targets))
        many, unit = total * weight > FEW, int(UNIT / weight)
        self.prefix = 0
        inner = total
        while self.prefix < len(outer) and inner > unit // 4 and many:
            inner //= outer[self.prefix]
            self.prefix += 1
        turns = math.prod(outer[: self.prefix])
        self.grain = 1 if many else turns
        while turns // (2 * self.grain) >= 32 and inner * self.grain < unit:
            self.grain *= 2
        self.turns = turns
        self.block = self.lengths[-1]
        if not outer and many:
            step = self.width * 4
            self.block = max(unit, -(-total // 4096))
            self.block = -(-self.block // step) * step
            self.turns, self.grain = -(-total // self.block), 1

    @property
    def units(self) -> int:
        """Units of work."""
        return -(-self.turns // self.grain)

    def emit(self, start: Int, stop: Int) -> int:
        """Write the units from start to stop; return how many there are."""
        writer = self.writer
        first = writer.mul(start, self.grain)
        last = writer.mul(stop, self.grain)
        if self.turns % self.grain:
            last = writer.least(last, self.turns)
        with writer.loop(first, last) as (turn, _):
            if self.block < self.lengths[-1]:
                begin = writer.mul(turn, self.block)
                self._row([], begin, writer.least(writer.add(begin, self.block), self.lengths[-1]))
            else:
                self._outer(writer.units(self.lengths[: self.prefix], turn))
        return self.units

    def _outer(self, indices: list[Int]) -> None:
        if len(indices) == self.lane:
            self._row(indices, 0, self.lengths[-1])
            return
        with self.writer.loop(0, self.lengths[len(indices)]) as (at, _):
            self._outer([*indices, at])

    def _row(self, indices: list[Int], begin: Int, end: Int) -> None:
        """Write one row: whole vectors, several in a turn, then the rest under a mask."""
        writer, width = self.writer, self.width
        places = [*[p for _, p in self.targets], *places_in(self.values)]
        with writer.row([*indices, 0], self.lane, places):
            fixed = uniform(Lanes(writer, [*indices, 0], -1, width), self.values, [self.lane])
            unroll = self._unroll()
            whole = self._whole(end, begin, width * unroll)
            if whole != begin:
                with writer.loop(begin, whole, width * unroll) as (at, _):
                    for k in range(unroll):
                        self._vector([*indices, writer.add(at, k * width)], width, None, fixed)
            self._rest(indices, whole, end, fixed)

    def _whole(self, end: Int, begin: Int, step: int) -> Int:
        if isinstance(end, int) and isinstance(begin, int):
            return begin + (end - begin) // step * step
        length = self.writer.sub(end, begin)
        return self.writer.add(begin, self.writer.mul(self.writer.divmod(length, step)[0], step))

    def _unroll(self) -> int:
        nodes = sum(1 for _ in walk(self.values))
        most = 4 if nodes <= 8 else 2 if nodes <= 24 else 1
        while most > 1 and self.width * most > self.block:
            most //= 2
        return most

    def _rest(
        self, indices: list[Int], begin: Int, end: Int, fixed: Sequence[tuple[Expr, str]]
    ) -> None:
        writer, width = self.writer, self.width
        if isinstance(begin, int) and isinstance(end, int):
            repeats = self.lengths[-1] >= width and self._may_repeat()
            while begin < end:
                if repeats:  # the last vector may overlap the one before
                    begin = min(begin, end - width)
                count = min(width, end - begin)
                narrow = tail_width(width, count)
                if narrow < width:  # what was computed for whole vectors does not fit
                    lanes = Lanes(writer, [*indices, 0], -1, narrow)
                    fixed = uniform(lanes, self.values, [self.lane])
                mask = tail_mask(writer, narrow, count)
                self._vector([*indices, begin], narrow, mask, fixed)
                begin += count
            return
        with writer.loop(begin, end, width) as (at, _):
            mask = lanes_left(writer, width, writer.sub(end, at)) if width > 1 else None
            self._vector([*indices, at], width, mask, fixed)

    def _may_repeat(self) -> bool:
        """Whether elements may be computed twice: no kernel's input is its output."""
        read = {id(buffer) for buffer in buffers_read(self.values)}
        return not any(id(buffer) in read for buffer, _ in self.targets)

    def _vector(
        self, indices: list[Int], width: int, mask: str | None, fixed: Sequence[tuple[Expr, str]]
    ) -> None:
        lanes = Lanes(self.writer, indices, self.lane, width, mask)
        for node, value in fixed:
            lanes.preset(node, value)
        results = lanes.emit_all(self.values)
        store_all(lanes, self.targets, results)


def _at(place: Place, index: int) -> Place:
    """Return a place at one index of the last loop."""
    return Place(place.offset + index * place.coefs[-1], place.coefs[:-1])


def _padded(value: Expr, pad: bool) -> Expr:
    """Return a formula without loops over one of length 1."""
    return moved([value], lambda p: _padded_place(p, True))[0] if pad else value


def _padded_place(place: Place, pad: bool) -> Place:
    return Place(place.offset, (0,)) if pad else place
