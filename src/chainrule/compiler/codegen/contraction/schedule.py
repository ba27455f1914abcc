"""The choice of a plan: which loop is vectorised, which tile fits, and then blocks and units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from .... import dtypes
from ...ir.expr import Place
from ...ir.kernels import Contract
from ..target import Target
from .blocking import PANEL_BYTES, blocked, dense, divided, going_along, grain_of, scattered
from .clip import deciding
from .normal import simplified, swapped
from .plan import Plan, operand
from .tiling import choose_tile


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
    if dense(plan, target):
        plan = replace(plan, packed=False)
    elif not spread:
        plan = blocked(plan, PANEL_BYTES if plan.packed else target.l2_bytes // 4)
    plan = going_along(plan) if scattered(plan) else divided(plan, target)
    return replace(plan, grain=grain_of(plan))


def _extent(kernel: Contract, loop: int) -> int:
    return kernel.loops[loop] if loop >= 0 else 1


def _ordered(kernel: Contract, role: str, places: Sequence[Place]) -> list[int]:
    """Return the loops of a role, longest steps through memory first."""
    loops = [x for x, r in enumerate(kernel.roles) if r == role]
    return sorted(loops, key=lambda x: [-abs(p.coefs[x]) for p in places])


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
