"""The loops of a contraction: units, blocks of k, panels, rows of tiles."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product

from ...ir.expr import buffers_read
from ...ir.kernels import Contract
from ..lanes import memory_type
from ..target import Target
from ..writer import Code, Int
from .clip import Ranges, clipped, clips_of
from .epilogue import Epilogue, TileWriter
from .loops import Level, joined, pieces, turns
from .pack import Packer
from .plan import Plan, operand
from .schedule import choose_plan
from .tile import Tile
from .vectors import Vectors

_LONG_EPILOGUE = 600  # lines of a tile's epilogue, from which on it is a loop over the rows


def generate_contract(kernel: Contract, target: Target) -> Code:
    """Return the code of a contraction."""
    writer = TileWriter(target)
    if any(n == 0 and role != "k" for n, role in zip(kernel.loops, kernel.roles, strict=True)):
        return writer.finish(0)
    plan = choose_plan(kernel, target)
    _bind(writer, plan)
    unit = _Unit(writer, plan)
    small, grain = math.prod(plan.lengths), plan.grain
    start, stop = (writer.mul(at, grain) for at in ("%start", "%stop"))
    if small % grain:
        stop = writer.least(stop, small)
    with writer.loop(start, stop) as (number, _):
        unit.emit(number)
    return writer.finish(plan.units)


def _bind(writer: TileWriter, plan: Plan) -> None:
    """Bind every buffer at its first place, so that the text does not depend on offsets."""
    for read in (plan.kernel.a, plan.kernel.b):
        buffer, place = operand(read)
        writer.bind(buffer, place.offset)
    for store in plan.kernel.stores:
        writer.bind(store.buffer, store.place.offset)
    for buffer in buffers_read([s.value for s in plan.kernel.stores]):
        writer.bind(buffer, 0)


class _Unit:
    """Writes what one unit does; ``indices`` are those of the kernel's loops, as far as known."""

    def __init__(self, writer: TileWriter, plan: Plan) -> None:
        self.writer, self.plan, self.kernel = writer, plan, plan.kernel
        self.vectors = Vectors(writer, plan)
        self.indices: list[Int] = [0] * len(plan.kernel.loops)
        self.blocks = math.prod(plan.k_blocks)
        self.clips = [clips_of(plan.kernel, which) for which in (0, 1)]
        element, lanes = self.vectors.element, plan.lanes
        k = plan.k_inner
        size = math.prod(self.kernel.loops[x] for x in k[1:]) * plan.k_block if k else 1
        self.panel_size = max(1, size * lanes)
        if plan.packed:
            held = plan.group if plan.along else 1
            self.panel = writer.cell(element, self.panel_size * held)
        if self.blocks > 1:
            rows = math.prod(plan.chunk_lengths)
            self.partial = writer.cell(element, rows * plan.group * lanes)
        most = math.prod(rows for _, rows in plan.tile)
        self.lines = Epilogue(writer, plan, []).lines * most * plan.vectors
        if self.lines > _LONG_EPILOGUE:
            self.scratch = writer.cell(element, most * lanes)

    # --- units, blocks of k, panels --------------------------------------------------------

    def emit(self, number: str) -> None:
        """Write a unit: its blocks of k, and for each the panels of its group."""
        plan, writer = self.plan, self.writer
        numbers = writer.units(plan.lengths, number)
        count = len(plan.outside)
        outside, chunk = numbers[:count], numbers[count]
        columns, group = numbers[count + 1 : -1], numbers[-1]
        for loop, at in zip(plan.single, [*outside, *columns], strict=True):
            self.indices[loop] = at
        self._cut_rows(chunk)
        self.first = writer.mul(group, plan.group)
        self.last = writer.add(self.first, plan.group)
        if plan.panels % plan.group:
            self.last = writer.least(self.last, plan.panels)
        if self.blocks > 1:
            self._clear_partial()
        with turns(writer, 0, self.blocks, 1) as (block, _):
            self._cut_k(block)
            for piece in self._panel_pieces():
                with self._panels(*piece):
                    self._pack()
                    if not plan.along:
                        self._rows(0, {})
            if plan.along:
                self._rows(0, {})

    def _cut_rows(self, chunk: Int) -> None:
        """Find which part of the split loop the unit has."""
        plan = self.plan
        self.low: Int = 0
        self.high: Int = 0
        if plan.split < len(plan.rows):
            extent = self.kernel.loops[plan.rows[plan.split]]
            self.low = self.writer.mul(chunk, plan.chunk) if plan.chunks > 1 else 0
            self.high = self.writer.add(self.low, plan.chunk) if plan.chunks > 1 else extent
            if extent % plan.chunk:
                self.high = self.writer.least(self.high, extent)

    def _cut_k(self, block: Int) -> None:
        """Find which part of every k loop the block has."""
        plan = self.plan
        at = self.writer.units(plan.k_blocks, block)
        self.last_block = block
        self.block: Ranges = {x: (0, self.kernel.loops[x]) for x in plan.k_inner}
        for loop, index in zip(plan.k_outer, at, strict=False):
            self.block[loop] = index, 1
        if len(at) > len(plan.k_outer):
            loop, length = plan.k_inner[0], plan.k_block
            start = self.writer.mul(at[-1], length)
            left = self.writer.sub(self.kernel.loops[loop], start)
            ragged = self.kernel.loops[loop] % length
            self.block[loop] = start, self.writer.least(left, length) if ragged else length

    def _panel_pieces(self) -> list[tuple[Int, Int, int]]:
        """Cut the unit's panels into (start, stop, indices of each): the last one may be small."""
        plan, size = self.plan, self.plan.vectors * self.plan.apart
        whole, rest = divmod(plan.extent(plan.beside), size)
        if not whole or not rest:
            return [(self.first, self.last, rest or size)]
        stop = self.writer.least(self.last, whole)
        return [(self.first, stop, size), (whole, self.last, rest)]

    @contextmanager
    def _panels(self, start: Int, stop: Int, size: int) -> Iterator[None]:
        """For each of the unit's panels of one size: its lanes, its ranges of the k loops."""
        plan, writer = self.plan, self.writer
        with writer.loop(start, stop) as (panel, _):
            self.in_group = writer.sub(panel, self.first)
            if plan.lane >= 0:
                self.indices[plan.beside] = writer.mul(panel, plan.vectors * plan.apart)
            self.size = size
            whole, rest = divmod(size, plan.apart)
            self.masks: list[str | None] = [None] * whole
            if rest:
                self.masks.append(self.vectors.mask(rest))
            self.ranges = self._start(clipped(writer, self.clips[1], self.indices, self.block))
            yield

    def _pack(self) -> None:
        """Copy the panel to where the micro-kernel reads it."""
        if self.plan.packed:
            steps = [operand(self.kernel.b)[1].coefs, self._panel_steps()]
            packer = Packer(self.vectors, self.plan, self.masks, self.size)
            levels = self._levels(steps, self.ranges)
            packer.pack(levels, self._pointer(1), self._in_panel(self.ranges))

    def _start(self, ranges: Ranges) -> Ranges:
        """Let the indices of the k loops be the first ones of their ranges."""
        for loop, (first, _) in ranges.items():
            self.indices[loop] = first
        return ranges

    def _pointer(self, which: int) -> str:
        """Return where an operand's element of the current indices lies."""
        buffer, place = operand((self.kernel.a, self.kernel.b)[which])
        at = self.writer.dot(place.offset, place.coefs, self.indices)
        return self.writer.pointer(buffer, at, memory_type(buffer.dtype))

    def _in_panel(self, ranges: Ranges) -> str:
        """Return where the panel has the first element of ranges."""
        moves = [self.writer.sub(ranges[x][0], self.block[x][0]) for x in self.plan.k_inner]
        steps = self._panel_steps()
        held = self.writer.mul(self.in_group, self.panel_size) if self.plan.along else 0
        at = self.writer.dot(held, [steps[x] for x in self.plan.k_inner], moves)
        return self.vectors.address(self.vectors.element, self.panel, at)

    def _levels(self, steps: Sequence[Sequence[int]], ranges: Ranges) -> list[Level]:
        """Return the k loops over ranges with steps by loop, joined where possible."""
        loops = [x for x in (*self.plan.k_outer, *self.plan.k_inner) if ranges[x][1] != 1]
        levels = [Level(ranges[x][1], tuple(s[x] for s in steps)) for x in loops]
        return joined(self.writer, levels)

    def _panel_steps(self) -> list[int]:
        """Return by how much each loop moves in a packed panel."""
        steps, step = [0] * len(self.kernel.loops), self.plan.lanes
        for loop in reversed(self.plan.k_inner):
            steps[loop] = step
            step *= self.kernel.loops[loop]
        return steps

    # --- rows ------------------------------------------------------------------------------

    def _rows(self, depth: int, sizes: dict[int, int]) -> None:
        """Write the loops over rows from one depth on; ``sizes`` of a tile are known so far."""
        if depth == len(self.plan.rows) - self.plan.split:
            for piece in self._panel_pieces() if self.plan.along else []:
                with self._panels(*piece):
                    self._tile(sizes)
            if not self.plan.along:
                self._tile(sizes)
            return
        loop = self.plan.rows[self.plan.split + depth]
        for start, stop, step in self._row_pieces(depth, loop):
            with turns(self.writer, start, stop, step) as (at, _):
                self.indices[loop] = at
                self._rows(depth + 1, {**sizes, loop: step})

    def _row_pieces(self, depth: int, loop: int) -> list[tuple[Int, Int, int]]:
        extent, size = self.kernel.loops[loop], self.plan.size(loop)
        if depth or self.plan.chunks == 1:
            return pieces(self.writer, extent, size)
        whole, rest = extent // size * size, extent % size
        if not rest:
            return [(self.low, self.high, size)]
        tiles: tuple[Int, Int, int] = (self.low, self.writer.least(self.high, whole), size)
        return [tiles, (whole, self.high, rest)]  # the rest is in the last chunk only

    def _tile(self, sizes: dict[int, int]) -> None:
        """Write one tile: sums of this block of k, then what becomes of them."""
        tiled = [(loop, sizes.get(loop, 1)) for loop, _ in self.plan.tile]
        shifts = [
            dict(zip([loop for loop, _ in tiled], at, strict=True))
            for at in product(*[range(size) for _, size in tiled])
        ]
        coefs = operand(self.kernel.a)[1].coefs
        offsets = [sum(coefs[x] * n for x, n in shift.items()) for shift in shifts]
        tile = Tile(self.vectors, self.plan, offsets, self.masks)
        b = self._panel_steps() if self.plan.packed else operand(self.kernel.b)[1].coefs
        places = self._partial_places(shifts) if self.blocks > 1 else []
        if self.blocks == 1:
            with self.writer.remembering():
                Epilogue(self.writer, self.plan, self.masks).prefetch(self.indices, shifts)
        sums = [self.vectors.load_own(p) for p in places]
        sums = sums or [self.vectors.zero()] * len(offsets) * len(self.masks)
        ranges = self._start(clipped(self.writer, self.clips[0], self.indices, self.ranges))
        at_b = self._in_panel(ranges) if self.plan.packed else self._pointer(1)
        sums = tile.accumulate(self._levels([coefs, b], ranges), self._pointer(0), at_b, sums)
        if self.blocks == 1:
            self._finish(tiled, shifts, sums)
            return
        last = self.writer.let(f"icmp eq i64 {self.last_block}, {self.blocks - 1}")
        with self.writer.when(last):
            self._finish(tiled, shifts, sums)
        with self.writer.when(self.writer.let(f"xor i1 {last}, true")):
            for value, place in zip(sums, places, strict=True):
                self.vectors.store_own(value, place)

    def _finish(
        self, tiled: list[tuple[int, int]], shifts: list[dict[int, int]], sums: Sequence[str]
    ) -> None:
        """Write the stores of a tile's sums; long formulas in a loop over the rows."""
        epilogue, vectors = Epilogue(self.writer, self.plan, self.masks), len(self.masks)
        if self.lines <= _LONG_EPILOGUE:
            with self.writer.remembering():
                for row, shift in enumerate(shifts):
                    part = sums[row * vectors : (row + 1) * vectors]
                    epilogue.store(self.indices, shift, part)
            return
        element, lanes = self.vectors.element, self.plan.width * vectors
        for number, value in enumerate(sums):
            place = self.vectors.address(element, self.scratch, number * self.plan.width)
            self.vectors.store_own(value, place)
        with self.writer.loop(0, len(shifts)) as (turn, _):
            indices = list(self.indices)
            rest: Int = turn
            for loop, size in reversed(tiled):
                rest, at = self.writer.divmod(rest, size)
                indices[loop] = self.writer.add(self.indices[loop], at)
            start = self.vectors.address(element, self.scratch, self.writer.mul(turn, lanes))
            places = [
                self.vectors.address(element, start, j * self.plan.width) for j in range(vectors)
            ]
            with self.writer.remembering():
                epilogue.store(indices, {}, [self.vectors.load_own(p) for p in places])

    # --- partial sums between blocks of k --------------------------------------------------

    def _clear_partial(self) -> None:
        count = math.prod(self.plan.chunk_lengths) * self.plan.group * self.plan.lanes
        with self.writer.loop(0, count, self.plan.width) as (at, _):
            self.vectors.store_own(
                self.vectors.zero(), self.vectors.address(self.vectors.element, self.partial, at)
            )

    def _partial_places(self, shifts: list[dict[int, int]]) -> list[str]:
        """Return where the partial sums of a tile's vectors lie: [panel][rows][lanes]."""
        plan, writer = self.plan, self.writer
        rows, element = plan.rows[plan.split :], self.vectors.element
        steps, step = {}, plan.lanes
        for loop, length in zip(reversed(rows), reversed(plan.chunk_lengths), strict=True):
            steps[loop] = step
            step *= length
        at = writer.mul(self.in_group, step)
        for n, loop in enumerate(rows):
            index = self.indices[loop]
            at = writer.add(
                at, writer.mul(index if n else writer.sub(index, self.low), steps[loop])
            )
        base = self.vectors.address(element, self.partial, at)
        return [
            self.vectors.address(
                element,
                base,
                sum(steps[x] * n for x, n in shift.items() if x in steps) + j * plan.width,
            )
            for shift in shifts
            for j in range(len(self.masks))
        ]
