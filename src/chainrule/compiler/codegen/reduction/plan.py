"""The plan of a reduction: in which order its loops run, and where its results are meanwhile.

Three ways there are. Results that are neighbours, in what is read as well, are computed side by
side: several vectors of them in registers (``along``). Otherwise a vector lies along the innermost
reduced loop, and there is one result at a time. Both read memory in leaps if a reduced loop steps
further than the last kept one: then that loop runs outside of the kept one (``outside``), and many
results, a *tile*, take turns in memory of the kernel's own, that of the first-level cache.
"""

from __future__ import annotations

import math
from itertools import takewhile

from ...ir.expr import Buffer, Place, walk
from ...ir.kernels import Reduce
from ..axes import Axes, by_stride, places_in
from ..rows import tail_width, vector_width
from ..target import Target
from .accumulators import Accumulators

ACCUMULATORS = 4  # independent sums, so that additions need not wait for each other
_UNIT = 8192  # elements of a unit of work, at least
_UNITS = 64  # units of a reduction that has tiles, if their rows do not become short by it
_ROW = 1024  # bytes of a tile's row, at least
_RUN = 2048  # bytes one after the other, from which on reading memory is not slowed by leaps
_LEAPS = 16  # places of a reduced loop, from which on they are too many to be read in turn
_LARGE = 131072  # elements, from which on the order in which memory is read matters


class Plan:
    """How a reduction is computed; its loops are in order, kept ones first, neighbours merged."""

    def __init__(self, kernel: Reduce, target: Target) -> None:
        terms, stores = [t.value for t in kernel.terms], [s.value for s in kernel.stores]
        self.accumulators = Accumulators(kernel.terms)
        positions, kept = self.accumulators.positions, len(kernel.kept)
        rank = len(kernel.loops)
        reads = places_in(terms)
        main = max(reads, key=lambda p: sum(map(bool, p.coefs)), default=Place(0, (0,) * rank))
        order = by_stride(range(kept), kernel.stores[0].place)
        order += range(kept, rank) if positions else by_stride(range(kept, rank), main)
        flat = _flat_position(kernel)
        places = [*[s.place for s in kernel.stores], *reads, *places_in(stores)]
        axes = Axes(kernel.loops, order, [*places, flat] if positions else places, wall=kept)
        self.kept, self.lengths = axes.count(range(kept)), axes.lengths
        self.values, self.results = axes.values(terms), axes.values(stores)
        self.targets = [(s.buffer, axes.place(s.place)) for s in kernel.stores]
        self.flat = axes.place(flat)
        self.empty = 0 in kernel.reduced
        self.width = self._width(target)
        self.along = self._along_kept()
        self.outside = self._leaps()
        tiled = self.along or self.outside > 0
        self.outer = self.lengths[: self.kept - 1] if tiled else self.lengths[: self.kept]
        self.tile = self._tile(target) if tiled else 1
        self.tiles = -(-self.lengths[self.kept - 1] // self.tile) if tiled else 1
        self.turns = math.prod(self.outer) * self.tiles
        work = math.prod(self.lengths) // max(1, self.turns) or 1
        self.grain = max(1, min(self.turns, _UNIT // work))

    @property
    def units(self) -> int:
        """Units of work: some turns of the outer loops each."""
        return -(-self.turns // self.grain)

    # --- vectors ---------------------------------------------------------------------------

    def _width(self, target: Target) -> int:
        kinds = [b.dtype for b, _ in self.targets]
        width = vector_width([*self.values, *self.results], kinds, target)
        return min(width, target.lanes(8)) if self.accumulators.positions else width

    def _along_kept(self) -> bool:
        """Whether results and what they are made of lie side by side along the last kept loop."""
        lane = self.kept - 1
        if lane < 0 or self.lengths[lane] < 4:
            return False
        places = [*[p for _, p in self.targets[:1]], *places_in(self.values)]
        steps = [p.coefs[lane] for p in places]
        return all(s in (0, 1) for s in steps) and steps[0] == 1 and 1 in steps[1:]

    @property
    def lane_width(self) -> int:
        """Elements of a vector along the innermost reduced loop."""
        return min(self.width, tail_width(self.width, self.lengths[-1]))

    # --- order -----------------------------------------------------------------------------

    def _leaps(self) -> int:
        """Return how many reduced loops, the first ones, run outside of the last kept one."""
        found = self._read_once()
        if found is None or self.accumulators.positions or not self.kept:
            return 0
        buffer, place = found
        steps = [abs(c) for c in place.coefs]
        further = takewhile(lambda s: s > steps[self.kept - 1], steps[self.kept :])
        outside = len(list(further))
        inner = self.lengths[self.kept + outside :]
        if math.prod(self.lengths[self.kept : self.kept + outside]) < _LEAPS:
            return 0
        if self.along:
            return outside if self.lengths[self.kept - 1] > self._in_registers() else 0
        short = math.prod(inner) * buffer.dtype.itemsize < _RUN
        return outside if inner and short else 0

    def _read_once(self) -> tuple[Buffer, Place] | None:
        """Return what is read over all loops, each element once: it need not be in a cache."""
        size = math.prod(self.lengths)
        if size < _LARGE:
            return None
        for node in walk(self.values):
            if node.kind == "read" and 0 not in node.payload[1].coefs:
                buffer, place, _ = node.payload
                if buffer.size >= size:
                    return buffer, place
        return None

    # --- tiles -----------------------------------------------------------------------------

    def _in_registers(self) -> int:
        """Return how many results along the kept loop are computed at once in registers."""
        most = ACCUMULATORS if len(self.accumulators) <= 2 else 2
        return min(most, -(-self.lengths[self.kept - 1] // self.width)) * self.width

    def _tile(self, target: Target) -> int:
        """Return how many results along the last kept loop are computed at once."""
        if not self.outside:
            return self._in_registers()
        sizes, length = [d.itemsize for d in self.accumulators.dtypes], self.lengths[self.kept - 1]
        step, lanes = (self.width, 1) if self.along else (1, self.lane_width)
        most = max(1, target.l1_bytes // 4 // (sum(sizes) * lanes * step)) * step
        inner = math.prod(self.lengths[self.kept + self.outside :])
        row = -(-_ROW // (inner * max(sizes)))
        share = -(-length * math.prod(self.outer) // _UNITS)
        tiles = -(-length // min(most, max(row, share)))
        return -(-length // tiles // step) * step


def _flat_position(kernel: Reduce) -> Place:
    """Return the position in the reduced loops, row by row."""
    coefs, step = [0] * len(kernel.loops), 1
    for loop in reversed(range(len(kernel.kept), len(coefs))):
        coefs[loop] = step
        step *= kernel.loops[loop]
    return Place(0, tuple(coefs))
