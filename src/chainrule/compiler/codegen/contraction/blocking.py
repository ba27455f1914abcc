"""Blocks of k, chunks of rows, groups of panels: what stays in which cache; and units of work."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from ...ir.bounds import touched_elements
from ...ir.expr import Place
from ..target import Target
from .plan import Plan, operand

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


def blocked(plan: Plan, most_bytes: int) -> Plan:
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


def divided(plan: Plan, target: Target) -> Plan:
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


def scattered(plan: Plan) -> bool:
    """Whether rows of a large result are far apart: short pieces of them are slow to write."""
    if not plan.packed or math.prod(plan.k_blocks) > 1 or plan.panels < 4 or len(plan.rows) != 1:
        return False
    (row,), store = plan.rows, plan.kernel.stores[0]
    far = abs(store.place.coefs[row]) * store.buffer.dtype.itemsize >= PAGE_BYTES
    return far and store.place.coefs[plan.lane] == 1 and store.buffer.nbytes >= SCATTERED_BYTES


def going_along(plan: Plan) -> Plan:
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


def dense(plan: Plan, target: Target) -> bool:
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


def grain_of(plan: Plan) -> int:
    """Return how many small units make one that is worth a thread."""
    small = math.prod(plan.lengths)
    if small == 0:
        return 1
    work = max(1, math.prod(plan.kernel.loops) // small)
    return max(1, min(small, max(-(-UNIT_WORK // work), -(-small // MOST_UNITS))))
