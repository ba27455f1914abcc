"""The prologue: what depends on parameters alone is computed once, and again when they change.

A program that only reads its parameters, inference for example, packs, transposes and transforms
them in the same way at every call. Those kernels come first and are run on their own; what later
kernels read of them has a place in the arena that nothing else shares.
"""

from __future__ import annotations

from .ir.expr import Buffer
from .ir.kernels import Call
from .ir.program import Program, reads_of, writes_of
from .passes.usage import surviving


def form_prologue(program: Program) -> tuple[int, list[Buffer]]:
    """Move the kernels of the prologue to the front; return how many, and what has to be kept."""
    early = early_kernels(program)
    if not early:
        return 0, []
    first = [k for n, k in enumerate(program.kernels) if n in early]
    rest = [k for n, k in enumerate(program.kernels) if n not in early]
    made = {id(b): b for kernel in first for b in writes_of(kernel)}
    read = {id(b) for kernel in rest for b in reads_of(kernel)}
    program.kernels = [*first, *rest]
    return len(first), [buffer for key, buffer in made.items() if key in read]


def early_kernels(program: Program) -> set[int]:
    """Return the numbers of the kernels whose results depend on fixed states and nothing else."""
    if not program.fixed:
        return set()
    fixed = {id(buffer) for buffer in program.fixed}
    reads = [{id(b) for b in reads_of(k)} for k in program.kernels]
    writes = [{id(b) for b in writes_of(k)} for k in program.kernels]
    kinds = {id(b): b.kind for k in program.kernels for b in writes_of(k)}
    lasting = {id(b) for b in surviving(program)}
    early = {
        n for n, kernel in enumerate(program.kernels)
        if not isinstance(kernel, Call) and reads[n]
        and all(kinds[key] == "temp" and key not in lasting for key in writes[n])
    }  # fmt: skip
    while True:
        late = {key for n in range(len(reads)) if n not in early for key in writes[n]}
        made = {key for n in early for key in writes[n]}
        wrong = {n for n in early if writes[n] & late or not reads[n] <= fixed | (made - late)}
        if not wrong:
            return early
        early -= wrong
