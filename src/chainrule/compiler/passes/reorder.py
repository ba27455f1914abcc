"""The order of kernels: what lets go of memory runs as soon as it can.

The gradient of a weight is ready long before the program's end, where its update was written; run
at once, it ends the lives of the arrays that it reads.
"""

from __future__ import annotations

import heapq

from ..ir.expr import Buffer
from ..ir.kernels import Kernel
from ..ir.program import Program, reads_of, writes_of
from ..memory import peak_bytes
from .usage import surviving


def reorder(program: Program) -> None:
    """Run kernels that free memory early, all others in their order, if that lowers the peak."""
    before = program.kernels
    lasting = [check.flag for check in program.checks]
    at_first = peak_bytes(before, lasting)
    program.kernels = _Scheduler(program).run()
    if peak_bytes(program.kernels, lasting) >= at_first:
        program.kernels = before


class _Scheduler:
    """Kernels that wait for others, and buffers that wait for kernels."""

    def __init__(self, program: Program) -> None:
        self._kernels = program.kernels
        touched = [list({id(b): b for b in (*reads_of(k), *writes_of(k))}.values())
                   for k in program.kernels]  # fmt: skip
        keeps = {id(b) for b in surviving(program)}
        self._temps = [[b for b in t if b.kind == "temp" and id(b) not in keeps] for t in touched]
        self._left: dict[int, int] = {}  # kernels that have not touched a temporary yet
        for buffers in self._temps:
            for buffer in buffers:
                self._left[id(buffer)] = self._left.get(id(buffer), 0) + 1
        self._touchers: dict[int, list[int]] = {}
        for number, buffers in enumerate(self._temps):
            for buffer in buffers:
                self._touchers.setdefault(id(buffer), []).append(number)
        self._born: set[int] = set()
        self._users, self._waits = _dependencies(program)

    def run(self) -> list[Kernel]:
        """Return the kernels in their new order."""
        ready = {k for k, count in enumerate(self._waits) if not count}
        first = sorted(ready)  # a heap
        freeing = {k for k in ready if self._growth(k) < 0}
        order = []
        while ready:
            number = min(freeing, key=lambda k: (self._growth(k), k)) if freeing else first[0]
            ready.discard(number)
            freeing.discard(number)
            order.append(number)
            changed = self._done(number)
            for user in self._users[number]:
                self._waits[user] -= 1
                if not self._waits[user]:
                    ready.add(user)
                    heapq.heappush(first, user)
                    changed.add(user)
            freeing.update(k for k in changed if k in ready and self._growth(k) < 0)
            while first and first[0] not in ready:
                heapq.heappop(first)
        return [self._kernels[k] for k in order]

    def _growth(self, number: int) -> int:
        """Return the bytes that a kernel takes, less those that nobody needs after it."""
        taken = sum(b.nbytes for b in self._temps[number] if id(b) not in self._born)
        return taken - sum(b.nbytes for b in self._temps[number] if self._left[id(b)] == 1)

    def _done(self, number: int) -> set[int]:
        """Note that a kernel has run; return those for which this changes something."""
        changed: set[int] = set()
        for buffer in self._temps[number]:
            self._born.add(id(buffer))
            self._left[id(buffer)] -= 1
            changed.update(self._touchers[id(buffer)])
        return changed


def _dependencies(program: Program) -> tuple[list[set[int]], list[int]]:
    """Return for each kernel who waits for it, and for how many it waits."""
    users: list[set[int]] = [set() for _ in program.kernels]
    waits = [0] * len(program.kernels)
    writer: dict[int, int] = {}
    readers: dict[int, list[int]] = {}
    for number, kernel in enumerate(program.kernels):
        before: set[int] = set()
        for buffer in reads_of(kernel):
            before.update(_last(writer, buffer))
        for buffer in writes_of(kernel):
            before.update(_last(writer, buffer), readers.pop(id(buffer), ()))
            writer[id(buffer)] = number
        for buffer in reads_of(kernel):
            readers.setdefault(id(buffer), []).append(number)
        before.discard(number)
        waits[number] = len(before)
        for other in before:
            users[other].add(number)
    return users, waits


def _last(writer: dict[int, int], buffer: Buffer) -> list[int]:
    return [writer[id(buffer)]] if id(buffer) in writer else []
