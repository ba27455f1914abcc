"""LoadedProgram: a compilation in memory, bound to its state, ready to be called."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..compiler.codegen.writer import Code
from ..compiler.ir import Buffer, Call, Kernel
from ..compiler.ir.program import Check
from ..dtypes import Array
from ..errors import BoundsError
from ..graph import Tensor
from ..runtime.executable import Executable
from ..runtime.host import host
from ..runtime.kernels import begin
from ..runtime.memory import Arena
from ..runtime.task import Task
from .callback import Callback
from .compilation import Compilation, Options, work_of
from .inputs import BindArray, BindNumber, BindStatic
from .locks import RUNNING
from .memory import NumberBlock
from .outputs import Outputs
from .rows import Rows
from .signature import ArrayKind, Signature
from .state import Place, State

NO_MATCH = object()
_WORTH_THREADS = 1_500_000  # operations and bytes of a run, below which one thread is faster
_MISSING = -1  # the slot of a buffer that no kernel touches


def begin_codes(codes: Sequence[Code]) -> None:
    """Let LLVM begin with codes of a program that is not complete yet."""
    begin([(code.text, code.declarations) for code in codes])


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
        count = threads if work_of(compilation) > _WORTH_THREADS else 1
        tasks, slots, first = self._tasks(), len(compiled.buffers), compiled.prologue
        self.executable = Executable(tasks[first:], slots, count)
        self.prologue = Executable(tasks[:first], slots, count) if first else None
        self._place_temporaries()
        self._facts = compilation.facts
        self._bind_memory(signature)
        self.attempt, self._execute = self._direct()
        llvm = sum(part.loading.seconds for part in self.parts)
        load = time.perf_counter() - began - llvm
        self.seconds = compilation.seconds | {"llvm": llvm, "load": load}

    @property
    def parts(self) -> list[Executable]:
        """What runs when parameters have changed, if anything does, and what runs at every call."""
        return [part for part in (self.prologue, self.executable) if part is not None]

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
        return Task(
            code.text, code.declarations, arguments, code.units, waits, numbers=code.numbers
        )  # fmt: skip

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
        self._check_slots = [self._slot(check.flag) for check in checks]
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
        self._number_slots = [(self._slot(s.buffer), s.buffer.dtype.storage) for s in live]
        self._bind_state({id(state.leaf) for state in live})
        shown = program.outputs[: len(build.outputs)]
        self._outputs = Outputs(
            build.result, build.outputs, shown, self._slots, self._cells, self.block, table
        )
        self._failed = [self._slot(a.buffer) for a in program.outputs[len(shown) :]]

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
            self._run_prologue,
        )

    def _run_prologue(self) -> None:
        """Compute anew what depends on parameters alone."""
        if self.prologue is not None:
            self.prologue.table[:] = self.executable.table
            self.prologue.run()

    # --- running ---------------------------------------------------------------------------

    def still_holds(self) -> bool:
        """Whether everything that the traced function relied on is as it was."""
        return self._facts.hold()

    def run(self, values: Sequence[Any]) -> Any:
        """Run on arguments of this signature, converting what does not lie as it is needed."""
        self.executable.require_rest()
        return self._execute(self._bound(values))

    def _bound(self, values: Sequence[Any]) -> list[Any]:
        held = []
        for bind, value in zip(self._binds, values, strict=True):
            fitting = bind.fit(value)
            held.append(bind.convert(value) if fitting is None else fitting)
        return held

    def _direct(self) -> tuple[Callable[[Sequence[Any]], Any], Callable[[list[Any]], Any]]:
        """Return ``attempt`` and ``_execute``: closures, since every microsecond counts.

        ``attempt`` runs on these arguments if they are of the right kind; else it gives NO_MATCH.
        """
        fits, numbers, checks = [bind.fit for bind in self._binds], self._numbers, self._checks
        hold, follow, changed = self._facts.hold, self.state.follow, self.state.changed
        outputs = self._outputs
        allocate, build, sources = outputs.allocate, outputs.build, outputs.sources
        has_arrays, none = outputs.has_arrays, dict[int, Array]()
        relies, has_state = not self._facts.are_none, not self.state.is_empty
        start, finish, job = self.executable.start, self.executable.finish, self.executable.job
        flags, new, executable = self._flags, object.__new__, self.executable

        def attempt(values: Sequence[Any]) -> Any:
            if executable.running:  # called from within its own run
                return NO_MATCH
            held = []
            for fit, value in zip(fits, values):  # noqa: B905  (as many: the caller has counted)
                fitting = fit(value)
                if fitting is None:
                    return NO_MATCH
                held.append(fitting)
            return NO_MATCH if relies and not hold() else execute(held)

        def execute(held: list[Any]) -> Any:
            if has_state:
                held.append(follow())  # nobody frees what the program works on
            for cell, read in numbers:
                cell[0] = read()
            arrays = allocate() if has_arrays else none
            try:
                status = start(job, 1)
                if status:
                    finish(status)
            finally:
                if has_state:
                    changed()
            for place, check in checks:
                if flags[place]:
                    raise _violation(check)
            tensors = []
            for copy, key, dtype, shape, cut_by in sources:
                tensor = new(Tensor)  # as ``fresh`` makes it, but without the call
                tensor._data = copy() if copy is not None else arrays[key]
                tensor.dtype, tensor._shape, tensor.requires_grad = dtype, shape, False
                if cut_by is not None:
                    tensor.cut_by = cut_by
                tensors.append(tensor)
            return build(tensors)

        return attempt, execute

    def run_many(
        self, values: Sequence[Any], stacked: Array, each_step: Callable[[], Any] | None,
        progress: Callable[[int], Any] | None,
    ) -> Any:  # fmt: skip
        """Run a step for each row of an array, which takes the place of the first argument.

        Results are stacked. The last step is one that fails a condition, whatever rows are left.
        """
        self.executable.require_rest()
        held = self._bound(values)
        held.append(self.state.follow())  # nobody frees what the program works on
        rows = Rows(self.executable.table, len(stacked))
        rows.give(self._slot(self.compilation.lowered.program.inputs[0]), stacked)
        self._read_numbers(rows, each_step)
        arrays = self._outputs.allocate_many(rows)
        flags = [rows.new(slot, (), np.bool_) for slot in self._check_slots]
        for slot in self._failed:
            rows.new(slot, (), np.bool_)
        halts = [slot for slot in (*self._check_slots, *self._failed) if slot != _MISSING]
        self.executable.progress = progress
        try:
            done = self.executable.run(rows.steps, rows.advances, halts)
        finally:
            self.executable.progress = None
            rows.put_back()
            self.state.changed()
        for (_, check), flag in zip(self._checks, flags, strict=True):
            if flag[:done].any():
                raise _violation(check)
        return self._outputs.stacked([array[:done] for array in arrays])

    def _read_numbers(self, rows: Rows, each_step: Callable[[], Any] | None) -> None:
        """Read what is read at each call, learning rates for example, ahead for all steps."""
        columns = [rows.new(slot, (), storage) for slot, storage in self._number_slots]
        reads = [read for _, read in self._numbers]
        for step in range(rows.steps):
            for column, read in zip(columns, reads, strict=True):
                column[step] = read()
            if each_step is not None:
                each_step()

    # --- looking ---------------------------------------------------------------------------

    def profile(self, runs: int = 3) -> list[float]:
        """Return the mean seconds of each kernel, measured on zeros; state stays as it is."""
        with RUNNING:
            zeros = [_zeros(bind) for bind in self._binds]
            held = [*zeros, self.state.follow(), self._outputs.allocate()]
            before = self.state.copy()
            # An operation that is called back may refuse zeros; then its time is not known.
            with contextlib.suppress(Exception):
                for part in self.parts:
                    part.profile(runs)
            self.state.restore(before)
            del held
        return [float(seconds) for part in self.parts for seconds in part.seconds]


def _violation(check: Check) -> BoundsError:
    return BoundsError("index", required=check.required, received="one outside", where=check.where)


def _zeros(bind: Any) -> Array | None:
    if not isinstance(bind, BindArray):
        return None
    return bind.convert(Tensor(np.zeros(bind.kind.shape, bind.kind.dtype.storage), bind.kind.dtype,
                               bind.kind.shape))  # fmt: skip
