"""Temporaries lie as their readers walk: a gradient as the weight that it updates, for example."""

from __future__ import annotations

from collections.abc import Sequence

from ..ir.cost import TURNED
from ..ir.expr import Place, Shape, walk
from ..ir.kernels import Contract, Kernel, Map
from ..ir.program import Program
from .relocate import Axes, Relocation, axes_of, relocate
from .usage import Usage


def match_layouts(program: Program) -> None:
    """Lay out results of contractions in the order in which the maps that read them store."""
    usage = Usage(program)
    for number, kernel in enumerate(program.kernels):
        if isinstance(kernel, Contract) and len(kernel.stores) == 1:
            buffer = kernel.stores[0].buffer
            if buffer.kind == "temp" and usage.writers(buffer) == [number]:
                readers = [program.kernels[r] for r in usage.readers(buffer)]
                _match(kernel, readers)


def _match(kernel: Contract, readers: Sequence[Kernel]) -> None:
    store = kernel.stores[0]
    pairs = zip(kernel.loops, kernel.roles, strict=True)
    kept = tuple([1 if role == "k" else n for n, role in pairs])
    axes = axes_of(store.place, kept, store.buffer.size)
    if axes is None or not readers:
        return
    wanted = [_wanted(reader, store.buffer, axes) for reader in readers]
    order = wanted[0]
    if order is None or any(other != order for other in wanted):
        return
    if (
        order
        and axes.strides[order[-1]] != 1
        and store.buffer.size >= TURNED
        and not _updates(readers)
    ):
        return  # it would be written element by element; a map turns blocks as it reads
    strides, step = [0] * len(order), 1
    for axis in reversed(order):
        strides[axis] = step
        step *= axes.lengths[axis]
    if tuple(strides) != axes.strides:
        relocate([kernel, *readers], Relocation(store.buffer, axes, store.buffer, 0, strides))


def _updates(readers: Sequence[Kernel]) -> bool:
    """Whether all of them store into what outlives the step, which has its layout."""
    return all(isinstance(r, Map) and r.stores[0].buffer.kind == "state" for r in readers)


def _wanted(reader: Kernel, buffer: object, axes: Axes) -> list[int] | None:
    """Return the order of the array's axes in which a map stores, slowest first."""
    if not isinstance(reader, Map):
        return None
    for node in walk([s.value for s in reader.stores]):
        if node.kind == "read" and node.payload[0] is buffer:
            return _stored_order(node.payload[1], reader.stores[0].place, reader.loops, axes)
    return None


def _stored_order(read: Place, stored: Place, loops: Shape, axes: Axes) -> list[int] | None:
    order = sorted((k for k, n in enumerate(loops) if n != 1), key=lambda k: -abs(stored.coefs[k]))
    found = []
    for k in order:
        if read.coefs[k] not in axes.strides:
            return None
        found.append(axes.strides.index(read.coefs[k]))
    return found if sorted(found) == list(range(len(axes.lengths))) else None
