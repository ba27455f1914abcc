"""The memory plan: lifetimes of temporaries, all in one arena."""

from __future__ import annotations

from typing import Any

from .expr import Buffer
from .fuse import touched

ALIGNMENT = 64


def plan_memory(kernels: list[Any], keep: list[Buffer]) -> tuple[dict[int, int], int]:
    """Return the arena offset of every temporary (by id) and the arena's bytes."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    buffers: dict[int, Buffer] = {}
    for number, kernel in enumerate(kernels):
        for buffer in touched(kernel):
            if buffer.kind == "temp":
                first.setdefault(id(buffer), number)
                last[id(buffer)] = number
                buffers[id(buffer)] = buffer
    for buffer in keep:
        last[id(buffer)] = len(kernels)
    offsets: dict[int, int] = {}
    live: list[tuple[int, int, int]] = []  # offset, size, last use
    top = 0
    for key in sorted(buffers, key=lambda k: first[k]):
        size = _aligned(buffers[key].size * buffers[key].dtype.itemsize + ALIGNMENT)
        live = [entry for entry in live if entry[2] >= first[key]]
        at = 0
        for offset, taken, _ in sorted(live):
            if offset - at >= size:
                break
            at = max(at, offset + taken)
        offsets[key] = at
        live.append((at, size, last[key]))
        top = max(top, at + size)
    return offsets, top


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
