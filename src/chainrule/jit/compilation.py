"""Compilation: from a recorded function to a program, before any memory is taken or code is run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..compiler.codegen.target import Target
from ..compiler.ir import print_program
from ..compiler.lower import Lowered, lower_graph
from ..compiler.pipeline import Ahead, CompiledProgram, compile_program
from ..dtypes import Array, DType
from ..errors import MemoryLimitError
from ..graph import Operation, Shape, Tensor
from ..graph.operation import Attributes, Types, Values
from ..runtime.host import host
from .recording import Facts, Recording, Result
from .work import flops, traffic

Cut = tuple[Operation, None] | None


@dataclass(frozen=True)
class Options:
    """What ``compile`` was told."""

    threads: int | None = None
    memory_limit: int | None = None
    debug: bool = False
    convolution: str = "auto"


class CompiledCall(Operation):
    """Where gradients stop that are asked for through a compiled function; it makes no nodes."""

    def __init__(self, what: str) -> None:
        self.name = what

    def infer(self, types: Sequence[Any], attributes: Attributes) -> Types | None:
        """Tell nothing."""
        return None

    def compute(self, arrays: Sequence[Array], attributes: Attributes) -> Values:
        """Refuse."""
        raise NotImplementedError

    def pullback(
        self, g: Any, y: Any, inputs: Sequence[Tensor], attributes: Attributes,
        needed: Sequence[bool],
    ) -> Sequence[Tensor | None]:  # fmt: skip
        """Refuse."""
        raise NotImplementedError


@dataclass(frozen=True)
class Output:
    """What is known of a result before it is computed."""

    dtype: DType
    shape: Shape
    cut_by: Cut  # where a gradient stops that is asked for through the result


@dataclass
class Compilation:
    """A program for one signature: what it does, what it needs, and what it relies on."""

    what: str
    lowered: Lowered
    compiled: CompiledProgram
    outputs: list[Output]
    result: Result
    numbers: dict[int, Callable[[], float]]  # by id(leaf): what is read into it at every call
    changed: set[int]  # ids of the leaves that get new values
    facts: Facts
    seconds: dict[str, float] = field(default_factory=dict)

    def memory_plan(self) -> dict[str, int]:
        """Return the bytes of temporaries, state, inputs and outputs, and their sum."""
        program = self.lowered.program
        outputs = {id(array.buffer): array.buffer.nbytes for array in program.outputs}
        plan = {
            "temporaries": self.compiled.arena_bytes,
            "state": sum(buffer.nbytes for buffer in program.states),
            "inputs": sum(buffer.nbytes for buffer in program.inputs),
            "outputs": sum(outputs.values()),
        }
        return plan | {"total": sum(plan.values())}

    def program_text(self) -> str:
        """Return the program in index notation."""
        return print_program(self.lowered.program)

    def check_memory(self, limit: int | None) -> None:
        """Raise MemoryLimitError if the program needs more than a limit."""
        plan = self.memory_plan()
        if limit is None or plan["total"] <= limit:
            return
        parts = ", ".join(f"{plan[part]:,} {part}" for part in plan if part != "total")
        raise MemoryLimitError(
            self.what, required=f"{plan['total']:,} bytes ({parts})",
            received=f"memory_limit={limit:,}",
            hint="values are computed again already where that helps: use a smaller batch",
        )  # fmt: skip


def compile_recording(
    recording: Recording, what: str, trace_seconds: float, options: Options,
    ahead: Ahead | None = None,
) -> Compilation:  # fmt: skip
    """Lower a recorded graph and generate the code of its kernels."""
    began = time.perf_counter()
    cut = (CompiledCall(what), None)
    live = [leaf for leaf, _ in recording.numbers]
    hidden = [] if recording.failed is None else [recording.failed]
    outputs = [*recording.outputs, *hidden]
    here = target()
    lowered = lower_graph(
        outputs, recording.updates, recording.inputs, live, options.convolution, here.vector_bytes
    )
    seconds = {"trace": trace_seconds, "lower": time.perf_counter() - began}
    compiled = compile_program(lowered.program, here, options.memory_limit, ahead)
    facts = Facts(recording.guards, lowered.baked)
    lowered.baked.clear()  # constants that nobody else holds cannot change
    return Compilation(
        what, lowered, compiled,
        [Output(t.dtype, t.shape, cut if t.requires_grad else None) for t in recording.outputs],
        recording.result,
        {id(leaf): read for leaf, read in recording.numbers},
        {id(leaf) for leaf, _ in recording.updates},
        facts,
        seconds | compiled.timings,
    )  # fmt: skip


def target() -> Target:
    """Return what code is generated for: this machine."""
    here = host()
    return Target(
        here.triple, here.cpu, here.features, here.vector_bytes, here.registers,
        here.l1_bytes, here.l2_bytes,
    )  # fmt: skip


def work_of(compilation: Compilation) -> int:
    """Return the operations and bytes of one run, to judge whether threads are worth it."""
    return sum(flops(k) + traffic(k) for k in compilation.compiled.program.kernels)
