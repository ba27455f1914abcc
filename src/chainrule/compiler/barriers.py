"""Which kernels have to wait: those that touch what another one since the last barrier touches."""

from __future__ import annotations

from .ir.expr import Buffer
from .ir.program import Program, reads_of, writes_of
from .memory import MemoryPlan

Span = tuple[int, int]  # where a buffer lies: in the arena, or at a place of its own


def waits(program: Program, plan: MemoryPlan) -> list[bool]:
    """Return for each kernel whether all before it must be done when it starts."""
    result: list[bool] = []
    reads: list[Span] = []
    writes: list[Span] = []
    spans = _Spans(plan)
    for kernel in program.kernels:
        own_reads = [spans.of(b) for b in reads_of(kernel)]
        own_writes = [spans.of(b) for b in writes_of(kernel)]
        wait = _meet(own_reads, writes) or _meet(own_writes, writes) or _meet(own_writes, reads)
        result.append(wait and bool(result))
        if wait:
            reads, writes = [], []
        reads += own_reads
        writes += own_writes
    return result


class _Spans:
    """Temporaries by their place in the arena, all else beyond it."""

    def __init__(self, plan: MemoryPlan) -> None:
        self._plan = plan
        self._others: dict[int, int] = {}

    def of(self, buffer: Buffer) -> Span:
        at = self._plan.offsets.get(id(buffer))
        if at is not None:
            return at, at + buffer.nbytes
        number = self._others.setdefault(id(buffer), len(self._others) + 1)
        return -number, -number + 1


def _meet(some: list[Span], others: list[Span]) -> bool:
    return any(a < d and c < b for a, b in some for c, d in others)
