"""Scatters: indices in order; vectors and units along the loops whose places never meet."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ... import dtypes
from ..ir.expr import acc, buffers_read, make
from ..ir.kernels import Scatter
from .axes import places_in
from .lanes import Lanes, memory_type
from .rows import RowWriter, lanes_left, vector_width
from .scalars import call_function
from .target import Target
from .writer import Code, Int


def generate_scatter(kernel: Scatter, target: Target) -> Code:
    """Return the code of a scatter."""
    writer = RowWriter(target)
    for buffer in (kernel.buffer, *buffers_read([*kernel.indices, kernel.value])):
        writer.bind(buffer, 0)
    if 0 in kernel.loops:
        return writer.finish(0)
    return writer.finish(_Scatter(writer, kernel).emit())


class _Scatter:
    def __init__(self, writer: RowWriter, kernel: Scatter) -> None:
        self.writer, self.kernel = writer, kernel
        self.lane = kernel.parallel - 1
        fits = self.lane >= 0 and kernel.place.coefs[self.lane] == 1 and self._steady()
        wide = vector_width([kernel.value], [kernel.buffer.dtype], writer.target)
        self.width = min(wide, kernel.loops[self.lane]) if fits else 1
        if self.width & (self.width - 1):
            self.width = 1 << (self.width.bit_length() - 1)

    def _steady(self) -> bool:
        """Whether the indices are the same in all lanes."""
        return all(p.coefs[self.lane] == 0 for p in places_in(self.kernel.indices))

    def emit(self) -> int:
        """Write the units: each has some of the parallel indices and goes through all others."""
        kernel, writer = self.kernel, self.writer
        parallel = list(kernel.loops[: kernel.parallel])
        if self.width > 1:
            parallel[-1] = -(-parallel[-1] // self.width)
        turns = math.prod(parallel)
        units = turns if math.prod(kernel.loops) > 16384 else 1
        grain = turns // units
        with writer.loop(writer.mul("%start", grain), writer.mul("%stop", grain)) as (turn, _):
            indices = writer.units(parallel, turn)
            mask = None
            if self.width > 1:
                indices[-1] = writer.mul(indices[-1], self.width)
                if kernel.loops[self.lane] % self.width:
                    mask = lanes_left(
                        writer, self.width, writer.sub(kernel.loops[self.lane], indices[-1])
                    )
            self._ordered(indices, mask)
        return units

    def _ordered(self, indices: Sequence[Int], mask: str | None) -> None:
        if len(indices) == len(self.kernel.loops):
            self._add(indices, mask)
            return
        with self.writer.loop(0, self.kernel.loops[len(indices)]) as (at, _):
            self._ordered([*indices, at], mask)

    def _add(self, indices: Sequence[Int], mask: str | None) -> None:
        """Add one vector to where the indices say."""
        kernel, writer = self.kernel, self.writer
        one = Lanes(writer, indices, -1, 1)
        at = writer.dot(kernel.place.offset, kernel.place.coefs, indices)
        for index, step in zip(kernel.indices, kernel.steps, strict=True):
            wide = one.cast(one.emit(index), index.dtype, dtypes.int64)
            at = writer.add(at, writer.mul(wide, step))
        dtype = kernel.buffer.dtype
        lane = self.lane if self.width > 1 else -1
        lanes = Lanes(writer, indices, lane, self.width, mask)
        pointer = writer.pointer(kernel.buffer, at, memory_type(dtype))
        old = lanes.read_at(pointer, dtype)
        node = make("add", dtype, (acc(0, dtype), acc(1, dtype)))
        lanes.write_at(pointer, call_function(lanes, node, [old, lanes.emit(kernel.value)]), dtype)
