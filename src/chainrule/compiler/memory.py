"""The memory plan: when each temporary lives, and where it lies in the one arena."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from .ir.expr import Buffer
from .ir.kernels import Kernel
from .ir.program import Program, reads_of, writes_of

ALIGNMENT = 64  # a cache line


@dataclass(frozen=True)
class MemoryPlan:
    """Where temporaries lie: the offset of each in the arena, in bytes, by id of the buffer."""

    offsets: dict[int, int]
    size: int


@dataclass
class Life:
    """The first and the last kernel that touches a temporary."""

    buffer: Buffer
    first: int
    last: int

    @property
    def size(self) -> int:
        """Bytes in the arena."""
        return -(-self.buffer.nbytes // ALIGNMENT) * ALIGNMENT


def lifetimes(kernels: Sequence[Kernel], lasting: Sequence[Buffer]) -> list[Life]:
    """Return the first and last kernel that touches each temporary."""
    touched = [[*reads_of(kernel), *writes_of(kernel)] for kernel in kernels]
    return list(lives_of(touched, lasting).values())


def lives_of(touched: Sequence[Sequence[Buffer]], lasting: Sequence[Buffer]) -> dict[int, Life]:
    """Return the lives of temporaries, by id, from what each kernel touches."""
    lives: dict[int, Life] = {}
    for number, buffers in enumerate(touched):
        for buffer in buffers:
            if buffer.kind == "temp":
                life = lives.setdefault(id(buffer), Life(buffer, number, number))
                life.last = number
    for buffer in lasting:
        if id(buffer) in lives:
            lives[id(buffer)].last = len(touched)
    return lives


def peak_bytes(kernels: Sequence[Kernel], lasting: Sequence[Buffer]) -> int:
    """Return the most bytes that temporaries take while any of the kernels runs."""
    change = [0] * (len(kernels) + 2)
    for life in lifetimes(kernels, lasting):
        change[life.first] += life.size
        change[life.last + 1] -= life.size
    return max(itertools.accumulate(change))


def plan_memory(program: Program, kept: Sequence[Buffer] = ()) -> MemoryPlan:
    """Place the largest temporaries first, each as low as those alive at its time allow.

    What is ``kept`` from run to run shares its place with nothing.
    """
    lives = lifetimes(program.kernels, [check.flag for check in program.checks])
    lasting = {id(buffer) for buffer in kept}
    for life in lives:
        if id(life.buffer) in lasting:
            life.first, life.last = 0, len(program.kernels)
    placed: list[tuple[int, Life]] = []
    size = 0
    for life in sorted(lives, key=lambda life: (-life.size, life.first)):
        at = 0
        for offset, other in placed:  # in order of offsets
            if other.first <= life.last and life.first <= other.last:
                if offset - at >= life.size:
                    break
                at = max(at, offset + other.size)
        placed.append((at, life))
        placed.sort(key=lambda pair: pair[0])
        size = max(size, at + life.size)
    return MemoryPlan({id(life.buffer): offset for offset, life in placed}, size)
