"""LoadedProgram: a compilation in memory, bound to its state, ready to be called."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..compiler.codegen.writer import Code
from ..compiler.ir import Buffer, Call, Kernel
from ..dtypes import Array
from ..errors import BoundsError
from ..graph import Tensor
from ..runtime.executable import Executable
from ..runtime.host import host
from ..runtime.memory import Arena
from ..runtime.task import Task
from .callback import Callback
from .compilation import Compilation, Options, work_of
from .inputs import BindArray, BindNumber, BindStatic
from .memory import NumberBlock
from .outputs import Outputs
from .signature import ArrayKind, Signature
from .state import Place, State

RUNNING = threading.RLock()  # a program uses all cores: one runs after the other
NO_MATCH = object()
_WORTH_THREADS = 300_000  # operations and bytes of a run, below which one thread is faster
_MISSING = -1  # the slot of a buffer that no kernel touches


class LoadedProgram:
    """A program for one signature; ``attempt`` and ``run`` call it."""

    def __init__(self, compilation: Compilation, signature: Signature, options: Options) -> None:
        compilation.check_memory(options.memory_limit)
        began = time.perf_counter()
        self.compilation = compilation
        compiled = compilation.compiled
        self._slots = {id(buffer): slot for slot, buffer in enumerate(compiled.buffers)}
        self._arena = Arena(compiled.arena_bytes)
        threads = options.threads or host().cores
        self.executable = Executable(
            self._tasks(), len(compiled.buffers),
            threads if work_of(compilation) > _WORTH_THREADS else 1,
        )  # fmt: skip
        self._place_temporaries()
        self._facts = compilation.facts
        self._bind_memory(signature)
        llvm = self.executable.loading.seconds
        load = time.perf_counter() - began - llvm
        self.seconds = compilation.seconds | {"llvm": llvm, "load": load}

    # --- making ----------------------------------------------------------------------------

    def _slot(self, buffer: Buffer) -> int:
        return self._slots.get(id(buffer), _MISSING)

    def _tasks(self) -> list[Task]:
        compiled = self.compilation.compiled
        parts = zip(compiled.program.kernels, compiled.codes, compiled.waits, strict=True)
        return [self._task(kernel, code, waits) for kernel, code, waits in parts]

    def _task(self, kernel: Kernel, code: Code | None, waits: bool) -> Task:
        if isinstance(kernel, Call):
            return Task(callback=Callback(kernel, self._slots, self.address_of))
        assert code is not None
        arguments = [(self._slots[id(buffer)], offset) for buffer, offset in code.arguments]
        return Task(code.text, code.declarations, arguments, code.units, waits)

    def address_of(self, slot: int) -> int:
        """Return where the buffer at a slot lies now."""
        return int(self.executable.table[slot])

    def _place_temporaries(self) -> None:
        compiled = self.compilation.compiled
        for buffer in compiled.buffers:
            if buffer.kind == "temp":
                place = self._arena.address + compiled.offsets[id(buffer)]
                self.executable.table[self._slot(buffer)] = place
        checks = self.compilation.lowered.program.checks
        self._checks = [(compiled.offsets[id(check.flag)], check) for check in checks]
        self._flags = memoryview(self._arena.bytes())  # type: ignore[arg-type]  # NumPy exports it

    def _bind_memory(self, signature: Signature) -> None:
        """Give every input, number, output and leaf its place."""
        build, program = self.compilation, self.compilation.lowered.program
        live = [s for s in build.lowered.states if id(s.leaf) in build.numbers]
        arrays = [kind for kind in signature.kinds if isinstance(kind, ArrayKind)]
        plain = [
            buffer
            for kind, buffer in zip(arrays, program.inputs, strict=True)
            if kind.number is not None
        ]
        scalar = {id(a.buffer): a.buffer for a in program.outputs if not a.shape}
        cells = [*plain, *(state.buffer for state in live), *scalar.values()]
        self.block = NumberBlock([buffer.dtype for buffer in cells])
        self._cells = {id(buffer): k for k, buffer in enumerate(cells)}
        table = self.executable.table
        for buffer, place in zip(cells, self.block.addresses, strict=True):
            if self._slot(buffer) != _MISSING:
                table[self._slot(buffer)] = place
        self._bind_inputs(signature, program.inputs)
        self._numbers = [
            (self.block.writer(self._cells[id(state.buffer)]), build.numbers[id(state.leaf)])
            for state in live
        ]
        self._bind_state({id(state.leaf) for state in live})
        self._outputs = Outputs(
            build.result, build.outputs, program.outputs, self._slots, self._cells, self.block,
            table,
        )  # fmt: skip

    def _bind_inputs(self, signature: Signature, buffers: Sequence[Buffer]) -> None:
        following = iter(buffers)
        self._binds = [
            BindStatic(kind) if not isinstance(kind, ArrayKind)
            else self._bind(kind, next(following))
            for kind in signature.kinds
        ]  # fmt: skip
        self.arity = len(self._binds)

    def _bind(self, kind: ArrayKind, buffer: Buffer) -> BindArray | BindNumber:
        if kind.number is not None:
            return BindNumber(kind, self.block.writer(self._cells[id(buffer)]))
        return BindArray(kind, self._slot(buffer), self.executable.table)

    def _bind_state(self, numbers: set[int]) -> None:
        places = [
            Place(state.leaf, self._slot(state.buffer), state.order)
            for state in self.compilation.lowered.states
            if id(state.leaf) not in numbers
        ]
        changed = self.compilation.changed
        self.state = State(
            [place for place in places if id(place.leaf) not in changed],
            [place for place in places if id(place.leaf) in changed],
            self.executable.table,
        )

    # --- running ---------------------------------------------------------------------------

    def still_holds(self) -> bool:
        """Whether everything that the traced function relied on is as it was."""
        return self._facts.hold()

    def attempt(self, values: Sequence[Any]) -> Any:
        """Run on these arguments if they are of the right kind; else return NO_MATCH."""
        held = []
        for bind, value in zip(self._binds, values, strict=True):
            fitting = bind(value)
            if fitting is None:
                return NO_MATCH
            held.append(fitting)
        if not self._facts.hold():
            return NO_MATCH
        return self._execute(held)

    def run(self, values: Sequence[Any]) -> Any:
        """Run on arguments of this signature, converting what does not lie as it is needed."""
        held = []
        for bind, value in zip(self._binds, values, strict=True):
            fitting = bind(value)
            held.append(bind.convert(value) if fitting is None else fitting)
        return self._execute(held)

    def _execute(self, held: list[Any]) -> Any:
        held.append(self.state.follow())  # nobody frees what the program works on
        for cell, read in self._numbers:
            cell[0] = read()
        arrays = self._outputs.allocate()
        executable = self.executable
        status = executable.start(executable.job, 1)
        if status:
            executable.finish(status)
        self.state.changed()
        for place, check in self._checks:
            if self._flags[place]:
                raise BoundsError(
                    "index", required=check.required, received="one outside", where=check.where
                )
        return self._outputs.results(arrays)

    # --- looking ---------------------------------------------------------------------------

    def profile(self, runs: int = 3) -> list[float]:
        """Return the mean seconds of each kernel, measured on zeros; state stays as it is."""
        with RUNNING:
            zeros = [_zeros(bind) for bind in self._binds]
            held = [*zeros, self.state.follow(), self._outputs.allocate()]
            before = self.state.copy()
            # An operation that is called back may refuse zeros; then its time is not known.
            with contextlib.suppress(Exception):
                self.executable.profile(runs)
            self.state.restore(before)
            del held
        return [float(seconds) for seconds in self.executable.seconds]


def _zeros(bind: Any) -> Array | None:
    if not isinstance(bind, BindArray):
        return None
    return bind.convert(Tensor(np.zeros(bind.kind.shape, bind.kind.dtype.storage), bind.kind.dtype,
                               bind.kind.shape))  # fmt: skip
