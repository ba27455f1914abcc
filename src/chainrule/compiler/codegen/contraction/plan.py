"""How a contraction is computed: lanes, register tile, blocks and units of work, as one record.

A *panel* is what one row of register tiles needs of b: all of k for ``vectors * width`` lanes. Its
vectors lie side by side along the lanes, or, where the lanes are one vector, along another loop. A
unit of work takes a *chunk* of the rows (the m loops) and a *group* of panels. Everything follows
from extents, strides and the target, never from the number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .... import dtypes
from ....dtypes import DType
from ...ir.bounds import touched_elements
from ...ir.expr import Buffer, Expr, Place
from ...ir.kernels import Contract
from ..target import Target
from .clip import deciding
from .normal import simplified, swapped
from .tiling import choose_tile

UNITS = 32  # of a large contraction: enough for even shares, few enough to pack panels seldom
MOST_UNITS = 256
UNIT_WORK = 1 << 15  # multiplications below which a unit is not worth a thread
LINE_BYTES = 64
PANEL_BYTES = 32 * 1024
PARTIAL_BYTES = 256 * 1024
GROUP_BYTES = 128 * 1024  # of panels that are packed together
SCATTERED_BYTES = 4 << 20
PANELS = 4  # that should share a chunk of rows
PAGE_BYTES, PAGES = 4096, 512  # of memory, and how many a tile may meet
FEW_ROWS = 128  # rows that share a packed panel so that packing costs little


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


def choose_plan(kernel: Contract, target: Target) -> Plan:
    """Choose how to compute a contraction."""
    kernel = simplified(kernel)
    a = operand(kernel.a)[0].dtype
    compute = dtypes.float64 if a is dtypes.float64 else dtypes.float32
    most = target.lanes(compute.itemsize)
    lane = _lane(kernel, most)
    if lane >= 0 and kernel.roles[lane] == "m":
        kernel = swapped(kernel)
    width = _width(kernel.loops[lane] if lane >= 0 else 1, most)
    m = _ordered(kernel, "m", [s.place for s in kernel.stores[:1]])
    k = _ordered(kernel, "k", [operand(kernel.a)[1], operand(kernel.b)[1]])
    spread = lane >= 0 and kernel.roles[lane] == "b"
    single = deciding(kernel)
    m.sort(key=lambda x: x not in single)
    beside = _beside(kernel, lane, width)
    vectors, sizes = choose_tile(
        [kernel.loops[x] for x in m if x not in single],
        -(-_extent(kernel, beside) // (width if beside == lane else 1)),
        target.registers,
        spread,
    )
    tiled = len(m) - len(sizes)
    plan = Plan(
        kernel=kernel, compute=compute, lane=lane, width=width, beside=beside, vectors=vectors,
        tile=tuple(zip(m[tiled:], sizes, strict=True)), outer=tuple(m[:tiled]),
        split=0, chunk=1, group=1, k_outer=(), k_inner=tuple(k),
        k_block=kernel.loops[k[0]] if k else 1, packed=not spread and beside == lane,
        along=False, grain=1,
    )  # fmt: skip
    if _dense(plan, target):
        plan = replace(plan, packed=False)
    elif not spread:
        plan = _blocked(plan, PANEL_BYTES if plan.packed else target.l2_bytes // 4)
    plan = _going_along(plan) if _scattered(plan) else _divided(plan, target)
    return replace(plan, grain=_grain(plan))


def _extent(kernel: Contract, loop: int) -> int:
    return kernel.loops[loop] if loop >= 0 else 1


def _ordered(kernel: Contract, role: str, places: Sequence[Place]) -> list[int]:
    """Return the loops of a role, longest steps through memory first."""
    loops = [x for x, r in enumerate(kernel.roles) if r == role]
    return sorted(loops, key=lambda x: [-abs(p.coefs[x]) for p in places])


# --- lanes -------------------------------------------------------------------------------------


def _width(extent: int, most: int) -> int:
    """Return the narrowest vector that does not take more of them."""
    return most if extent >= most else 1 << (max(extent, 1) - 1).bit_length()


def _lane(kernel: Contract, most: int) -> int:
    """Return the loop to vectorise: where an element of the result costs least; -1: none."""
    fixed = deciding(kernel)
    candidates = [
        x for x, role in enumerate(kernel.roles)
        if role in "mnb" and kernel.loops[x] > 1 and x not in fixed
    ]  # fmt: skip
    return min(candidates, key=lambda x: _lane_cost(kernel, x, most), default=-1)


def _lane_cost(kernel: Contract, lane: int, most: int) -> float:
    """Estimate the cycles of one element of the result if ``lane`` is vectorised."""
    extent, role = kernel.loops[lane], kernel.roles[lane]
    width = _width(extent, most)
    k = math.prod(n for n, r in zip(kernel.loops, kernel.roles, strict=True) if r == "k")
    stored = sum(1.0 if s.place.coefs[lane] == 1 else 4.0 * width for s in kernel.stores)
    if role == "b":
        steps = [operand(x)[1].coefs[lane] for x in (kernel.a, kernel.b)]
        loaded = sum(0.5 if step in (0, 1) else 2.0 * width for step in steps)
    else:
        other, vectors = ("m", kernel.b) if role == "n" else ("n", kernel.a)
        uses = [n for n, r in zip(kernel.loops, kernel.roles, strict=True) if r == other]
        loaded = _pack_cost(kernel, lane, operand(vectors)[1], width) / max(1, math.prod(uses))
    lanes = extent / -(-extent // width)
    return (k * (0.5 + loaded) + stored) / lanes


def _pack_cost(kernel: Contract, lane: int, place: Place, width: int) -> float:
    """Estimate the cycles to pack one vector of b."""
    if place.coefs[lane] in (0, 1):
        return 1.0
    k_steps = [c for c, r in zip(place.coefs, kernel.roles, strict=True) if r == "k"]
    return 4.0 if 1 in k_steps else 2.0 * width


def _beside(kernel: Contract, lane: int, width: int) -> int:
    """Return the loop along which vectors of b may be taken together to a panel.

    Where the lanes are one vector and b has vectors in the order of k, as packed weights have,
    vectors along another loop are as good as neighbours in memory, and need no copy.
    """
    if lane < 0 or kernel.roles[lane] != "n" or kernel.loops[lane] != width:
        return lane
    coefs, fixed = operand(kernel.b)[1].coefs, deciding(kernel)
    k_steps = [abs(c) for c, role in zip(coefs, kernel.roles, strict=True) if role == "k"]
    if coefs[lane] != 1 or width not in k_steps:
        return lane
    others = [x for x, r in enumerate(kernel.roles) if r == "n" and x != lane and x not in fixed]
    return max(others, key=lambda x: kernel.loops[x], default=lane)


# --- blocks ------------------------------------------------------------------------------------


def _blocked(plan: Plan, most_bytes: int) -> Plan:
    """Cut k so that a panel has at most so many bytes."""
    most = max(1, most_bytes // (plan.lanes * plan.compute.itemsize))
    loops, size, inner = plan.kernel.loops, 1, len(plan.k_inner)
    while inner and size * loops[plan.k_inner[inner - 1]] <= most:
        inner -= 1
        size *= loops[plan.k_inner[inner]]
    if inner == 0:
        return plan
    extent = loops[plan.k_inner[inner - 1]]
    block = _even(extent, max(1, most // size), 16)
    if block > 1:
        inner -= 1
    else:
        block = loops[plan.k_inner[inner]]
    return replace(plan, k_outer=plan.k_inner[:inner], k_inner=plan.k_inner[inner:], k_block=block)


def _even(extent: int, most: int, multiple: int) -> int:
    """Return how to cut an extent into equal parts of at most ``most``, multiples if possible."""
    parts = -(-extent // most)
    part = -(-extent // parts)
    rounded = -(-part // multiple) * multiple
    return min(extent, rounded if rounded <= most else part)


def _footprint(plan: Plan, rows: Sequence[tuple[int, int]]) -> int:
    """Return the bytes of a that some rows and one block of k touch."""
    buffer, place = operand(plan.kernel.a)
    inner = [(x, plan.kernel.loops[x]) for x in plan.k_inner]
    if inner:
        inner[0] = (inner[0][0], plan.k_block)
    parts = [*rows, *inner]
    coefs = tuple([place.coefs[x] for x, _ in parts])
    return touched_elements(Place(0, coefs), [n for _, n in parts]) * buffer.dtype.itemsize


def _divided(plan: Plan, target: Target) -> Plan:
    """Cut the work into units: rows that stay in cache, then groups of panels."""
    loops = plan.kernel.loops
    total = math.prod(loops[x] for x in plan.rows)
    around = math.prod(loops[x] for x in plan.single)
    most_rows = max(FEW_ROWS, total * around // UNITS)
    if math.prod(plan.k_blocks) > 1:
        side_by_side = min(plan.panels, PANELS)  # that share what is read of a
        room = PARTIAL_BYTES // (plan.lanes * plan.compute.itemsize * side_by_side)
        most_rows = min(most_rows, room)
    split, chunk = _chunk(plan, most_rows, target.l2_bytes // 2)
    plan = replace(plan, split=split, chunk=chunk, group=max(1, plan.panels))
    units = max(1, math.prod(plan.lengths))
    groups = min(plan.panels, -(-UNITS // units))
    rows = max(1, math.prod(plan.chunk_lengths))
    group = max(1, -(-plan.panels // max(1, groups)))
    if math.prod(plan.k_blocks) > 1:
        room = PARTIAL_BYTES // (plan.lanes * plan.compute.itemsize * rows)
        group = max(1, min(group, room))
    tiles = -(-rows // math.prod(size for _, size in plan.tile)) if plan.tile else 1
    return replace(plan, group=group, packed=plan.packed and not _direct(plan, tiles))


def _scattered(plan: Plan) -> bool:
    """Whether rows of a large result are far apart: short pieces of them are slow to write."""
    if not plan.packed or math.prod(plan.k_blocks) > 1 or plan.panels < 4 or len(plan.rows) != 1:
        return False
    (row,), store = plan.rows, plan.kernel.stores[0]
    far = abs(store.place.coefs[row]) * store.buffer.dtype.itemsize >= PAGE_BYTES
    return far and store.place.coefs[plan.lane] == 1 and store.buffer.nbytes >= SCATTERED_BYTES


def _going_along(plan: Plan) -> Plan:
    """Let a unit have some panels side by side, and many rows."""
    size = (
        plan.lanes * plan.compute.itemsize * math.prod(plan.kernel.loops[x] for x in plan.k_inner)
    )
    group = max(1, min(plan.panels, GROUP_BYTES // max(1, size)))
    extent, rows = plan.kernel.loops[plan.rows[0]], plan.size(plan.rows[0])
    most = max(1, 4 * FEW_ROWS // rows) * rows  # whole tiles, or two units would have common rows
    chunk = _even(extent, most, rows)
    return replace(plan, along=True, group=group, chunk=chunk)


def _chunk(plan: Plan, most_rows: int, most_bytes: int) -> tuple[int, int]:
    """Return which of the rows to cut, and into how long pieces."""
    loops = plan.kernel.loops
    for split, loop in enumerate(plan.rows):
        inside = [(x, loops[x]) for x in plan.rows[split + 1 :]]
        inner, size = math.prod(n for _, n in inside), plan.size(loop)
        last = split == len(plan.outer)  # a tile is never cut
        one = _footprint(plan, [(loop, size), *inside])
        if not last and (inner * size > most_rows or one > most_bytes):
            continue
        pieces = max(1, min(most_rows // max(1, inner * size), -(-loops[loop] // size)))
        while pieces > 1 and _footprint(plan, [(loop, pieces * size), *inside]) > most_bytes:
            pieces = pieces * 3 // 4
        return split, max(1, _even(loops[loop], pieces * size, size))
    return len(plan.rows), 1


def _dense(plan: Plan, target: Target) -> bool:
    """Whether b already lies as a panel would: its lanes are neighbours, k steps are short."""
    if plan.lane < 0 or operand(plan.kernel.b)[1].coefs[plan.lane] != 1:
        return False
    coefs = operand(plan.kernel.b)[1].coefs
    steps = [abs(coefs[x]) for x in plan.k_inner]
    length = math.prod(plan.kernel.loops[x] for x in plan.k_inner)
    item = plan.compute.itemsize
    row = max(plan.lanes * item, min(LINE_BYTES, min(steps, default=0) * item))  # whole lines
    small = length * row <= target.l2_bytes // 2
    whole = plan.extent(plan.lane) % plan.width == 0
    return small and whole and min(steps, default=0) <= 4 * plan.lanes and _pages(plan) <= PAGES


def _pages(plan: Plan) -> int:
    """Return about how many pages a tile reads of a."""
    buffer, place = operand(plan.kernel.a)
    page = PAGE_BYTES // buffer.dtype.itemsize
    return math.prod(plan.kernel.loops[x] for x in plan.k_inner if abs(place.coefs[x]) >= page)


def _direct(plan: Plan, tiles: int) -> bool:
    """Whether b is better read where it lies: its lanes are neighbours and used once or twice."""
    if math.prod(plan.k_blocks) > 1 or plan.lane < 0:
        return plan.lane < 0
    return tiles <= 2 and operand(plan.kernel.b)[1].coefs[plan.lane] == 1


def _grain(plan: Plan) -> int:
    """Return how many small units make one that is worth a thread."""
    small = math.prod(plan.lengths)
    if small == 0:
        return 1
    work = max(1, math.prod(plan.kernel.loops) // small)
    return max(1, min(small, max(-(-UNIT_WORK // work), -(-small // MOST_UNITS))))
