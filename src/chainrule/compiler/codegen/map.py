"""Elementwise kernels and fills."""

from __future__ import annotations

from ..ir.expr import buffers_read, const
from ..ir.kernels import Fill, Map, Store
from .blocks import Blocks
from .map_rows import Rows
from .rows import RowWriter
from .target import Target
from .writer import Code


def generate_map(kernel: Map, target: Target) -> Code:
    """Return the code of an elementwise kernel."""
    writer = RowWriter(target)
    for store in kernel.stores:
        writer.bind(store.buffer, store.place.offset)
    for buffer in buffers_read([s.value for s in kernel.stores]):
        writer.bind(buffer, 0)
    if 0 in kernel.loops:
        return writer.finish(0)
    rows = Rows(writer, kernel)
    blocks = Blocks.of(rows)
    return writer.finish((blocks or rows).emit("%start", "%stop"))


def generate_fill(kernel: Fill, target: Target) -> Code:
    """Return the code that writes one number to boxes: one map after the other."""
    writer, done = RowWriter(target), 0
    for loops, buffer, place in kernel.boxes:
        if 0 in loops:
            continue
        value = const(kernel.value, buffer.dtype)
        rows = Rows(writer, Map(loops, [Store(buffer, place, value)]))
        first = writer.most(writer.sub("%start", done), 0)
        last = writer.least(writer.sub("%stop", done), rows.units)
        done += rows.emit(first, last)
    return writer.finish(done)
