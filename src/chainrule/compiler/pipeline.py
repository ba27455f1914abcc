"""From a program as it was lowered to code for every kernel: passes in order, each timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .barriers import waits
from .codegen.generate import generate
from .codegen.share import share
from .codegen.target import Target
from .codegen.writer import Code
from .ir.expr import Buffer, forget
from .ir.kernels import Call, Contract, Kernel
from .ir.program import Program, reads_of, writes_of
from .memory import plan_memory
from .passes.alias_copies import alias_copies
from .passes.dead_kernels import dead_kernels
from .passes.drop_guards import drop_guards
from .passes.fuse import fuse
from .passes.layouts import match_layouts
from .passes.merge_reductions import merge_reductions
from .passes.pack_operands import pack_operands
from .passes.recompute import recompute
from .passes.reorder import reorder
from .passes.split_contractions import split_contractions
from .passes.split_reductions import split_reductions
from .prologue import form_prologue

PASSES: tuple[Callable[[Program], None], ...] = (
    dead_kernels, drop_guards, alias_copies, match_layouts, merge_reductions, fuse, drop_guards,
    pack_operands, split_contractions, split_reductions, reorder,
)  # fmt: skip
Ahead = Callable[[Sequence[Code]], None]
_TRIES = 4  # of recomputing more, when the arena has holes


@dataclass
class CompiledProgram:
    """A program with everything that running it needs."""

    program: Program
    codes: list[Code | None]  # for each kernel; None for a call of NumPy
    waits: list[bool]
    offsets: dict[int, int]  # of temporaries in the arena, in bytes, by id of the buffer
    arena_bytes: int
    buffers: list[Buffer]  # in the order of slots
    timings: dict[str, float] = field(default_factory=dict)
    prologue: int = 0  # how many kernels, the first ones, run only when parameters have changed


def optimise(program: Program, timings: dict[str, float] | None = None) -> None:
    """Run all passes."""
    for run in PASSES:
        start = time.perf_counter()
        run(program)
        if timings is not None:
            spent = time.perf_counter() - start
            timings[run.__name__] = timings.get(run.__name__, 0.0) + spent


def compile_program(
    program: Program, target: Target, memory_limit: int | None = None, ahead: Ahead | None = None
) -> CompiledProgram:
    """Run the passes, plan memory (within a limit, if that is possible) and generate code.

    ``ahead`` is given codes as soon as they are final, so that LLVM may begin.
    """
    program.vector_bytes = target.vector_bytes
    if memory_limit is not None:
        program.fixed = []  # where memory is short nothing is kept
    try:
        return _compiled(program, target, memory_limit, ahead)
    finally:
        forget()


def _compiled(
    program: Program, target: Target, memory_limit: int | None, ahead: Ahead | None
) -> CompiledProgram:
    timings: dict[str, float] = {}
    optimise(program, timings)
    start = time.perf_counter()
    if memory_limit is not None:
        _shrink(program, memory_limit)
        timings["recompute"], start = time.perf_counter() - start, time.perf_counter()
    first, kept = form_prologue(program)
    plan = plan_memory(program, kept)
    barriers = waits(program, plan)
    timings["memory"], start = time.perf_counter() - start, time.perf_counter()
    codes = _codes(program.kernels, target, ahead)
    timings["codegen"] = time.perf_counter() - start
    return CompiledProgram(
        program, codes, barriers, plan.offsets, plan.size, _buffers(program), timings, first
    )


def _codes(kernels: Sequence[Kernel], target: Target, ahead: Ahead | None) -> list[Code | None]:
    """Return the code of each kernel; contractions first, which are most of the work for LLVM."""
    codes: dict[int, Code] = {}
    for contractions in (True, False):
        chosen = [
            n for n, kernel in enumerate(kernels)
            if not isinstance(kernel, Call) and isinstance(kernel, Contract) == contractions
        ]  # fmt: skip
        made = share([generate(kernels[n], target) for n in chosen])
        codes |= dict(zip(chosen, made, strict=True))
        if ahead is not None:
            ahead(made)
    return [codes.get(n) for n in range(len(kernels))]


def _shrink(program: Program, memory_limit: int) -> None:
    """Recompute temporaries until the arena is as small as what all else leaves of a limit."""
    fixed = [*program.inputs, *program.states, *[array.buffer for array in program.outputs]]
    room = memory_limit - sum(buffer.nbytes for buffer in {id(b): b for b in fixed}.values())
    goal = room
    for _ in range(_TRIES):
        gap = plan_memory(program).size - room
        if gap <= 0:
            break
        recompute(program, goal)
        goal -= max(0, plan_memory(program).size - room)  # the arena has holes


def _buffers(program: Program) -> list[Buffer]:
    """Return all buffers, each once: inputs, state, outputs, then temporaries."""
    listed = [*program.inputs, *program.states, *[a.buffer for a in program.outputs]]
    for kernel in program.kernels:
        listed += [*reads_of(kernel), *writes_of(kernel)]
    return list({id(b): b for b in listed}.values())
