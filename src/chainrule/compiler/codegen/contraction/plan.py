"""How a contraction is computed: lanes, register tile, blocks and units of work, as one record.

A *panel* is what one row of register tiles needs of b: all of k for ``vectors * width`` lanes. Its
vectors lie side by side along the lanes, or, where the lanes are one vector, along another loop. A
unit of work takes a *chunk* of the rows (the m loops) and a *group* of panels. Everything follows
from extents, strides and the target, never from the number of threads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ....dtypes import DType
from ...ir.expr import Buffer, Expr, Place
from ...ir.kernels import Contract


@dataclass(frozen=True)
class Plan:
    """The schedule of a contraction in normal form."""

    kernel: Contract
    compute: DType  # of the accumulators
    lane: int  # the vectorised loop, of role n or b; -1: none
    width: int  # lanes of a vector
    beside: int  # the loop along which a panel's vectors are neighbours: the lanes' or another one
    vectors: int  # of a panel
    tile: tuple[tuple[int, int], ...]  # (m loop, rows of it), outermost first
    outer: tuple[int, ...]  # other m loops, outermost first
    split: int  # the first of rows() that a unit does not have as a single index
    chunk: int  # indices of that loop in a unit
    group: int  # panels of a unit
    k_outer: tuple[int, ...]  # k loops around the panel
    k_inner: tuple[int, ...]  # k loops inside of it, outermost first
    k_block: int  # indices of k_inner[0] in a panel
    packed: bool  # b is copied into panels first
    along: bool  # a group's panels are packed first, and each row of tiles goes along them
    grain: int  # small units that are one

    @property
    def rows(self) -> tuple[int, ...]:
        """The m loops, outermost first."""
        return (*self.outer, *(loop for loop, _ in self.tile))

    @property
    def lanes(self) -> int:
        """Lanes of a panel."""
        return self.width * self.vectors

    @property
    def panels(self) -> int:
        """Panels side by side."""
        return -(-self.extent(self.beside) // (self.vectors * self.apart))

    @property
    def apart(self) -> int:
        """By how much the index of ``beside`` differs between neighbouring vectors."""
        return self.width if self.beside == self.lane else 1

    @property
    def k_blocks(self) -> tuple[int, ...]:
        """Lengths of the loops around the panel: outer k loops, then blocks of the next one."""
        lengths = [self.kernel.loops[x] for x in self.k_outer]
        if self.k_inner and self.k_block < self.kernel.loops[self.k_inner[0]]:
            lengths.append(-(-self.kernel.loops[self.k_inner[0]] // self.k_block))
        return tuple(lengths)

    @property
    def outside(self) -> tuple[int, ...]:
        """Loops of which a unit has one index and that a depends on: batches, the first rows."""
        loops = range(len(self.kernel.loops))
        batches = [x for x in loops if self.kernel.roles[x] == "b" and x != self.lane]
        return (*batches, *self.rows[: self.split])

    @property
    def columns(self) -> tuple[int, ...]:
        """Loops of which a unit has one index and that a does not depend on."""
        loops = range(len(self.kernel.loops))
        beside = (self.lane, self.beside)
        return tuple([x for x in loops if self.kernel.roles[x] == "n" and x not in beside])

    @property
    def single(self) -> tuple[int, ...]:
        """Loops of which a unit has one index."""
        return (*self.outside, *self.columns)

    @property
    def lengths(self) -> tuple[int, ...]:
        """What small units are counted by: as long as rows stay the same, a stays in the cache."""
        outside, columns = (
            [self.kernel.loops[x] for x in loops] for loops in (self.outside, self.columns)
        )
        return (*outside, self.chunks, *columns, -(-self.panels // self.group))

    @property
    def chunks(self) -> int:
        """Chunks of the rows."""
        if self.split == len(self.rows):
            return 1
        return -(-self.kernel.loops[self.rows[self.split]] // self.chunk)

    @property
    def chunk_lengths(self) -> tuple[int, ...]:
        """Extents of the rows of one chunk."""
        inside = [self.kernel.loops[x] for x in self.rows[self.split :]]
        return (self.chunk, *inside[1:]) if inside else ()

    @property
    def units(self) -> int:
        """Units of work."""
        return -(-math.prod(self.lengths) // self.grain)

    def extent(self, loop: int) -> int:
        """Return a loop's extent; loop -1 has one index."""
        return self.kernel.loops[loop] if loop >= 0 else 1

    def size(self, loop: int) -> int:
        """Return how many rows of a loop a tile has."""
        return dict(self.tile).get(loop, 1)

    def describe(self) -> str:
        """Return the schedule in words."""
        rows = "x".join(str(size) for _, size in self.tile) or "1"
        b = "packed" if self.packed else "direct"
        return (
            f"tile {rows} rows x {self.vectors} vectors of {self.width}, b {b}, "
            f"chunks of {'x'.join(map(str, self.chunk_lengths)) or '1'} rows, "
            f"groups of {self.group} of {self.panels} panels, "
            f"{math.prod(self.k_blocks)} blocks of k, {self.units} units"
        )


def operand(read: Expr) -> tuple[Buffer, Place]:
    """Return what an operand reads and where."""
    buffer, place, _ = read.payload
    return buffer, place
