"""Kernels whose results nobody reads."""

from __future__ import annotations

from ..ir.program import Program, reads_of, writes_of
from .usage import surviving


def dead_kernels(program: Program) -> None:
    """Remove kernels that write only what is not read afterwards."""
    needed = {id(b) for b in surviving(program)}
    kept = []
    for kernel in reversed(program.kernels):
        if any(id(b) in needed for b in writes_of(kernel)):
            needed |= {id(b) for b in reads_of(kernel)}
            kept.append(kernel)
    program.kernels = kept[::-1]
