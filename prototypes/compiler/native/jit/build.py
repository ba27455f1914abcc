"""From a traced function to a program in memory: trace, lower, fuse, assemble, bind, run."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import dtypes
from ..compiler.assemble import Assembly, assemble
from ..compiler.expr import Buffer, View
from ..compiler.fuse import fuse_epilogues
from ..compiler.kernels import Call, Contract
from ..compiler.lower import Lowering
from ..compiler.memory import plan_memory
from chainrule.dtypes import Array
from chainrule.graph import Tensor, Trace, as_tensor, constant, input, topological_order, tracing
from chainrule.graph.trees import flatten_tree
from ..runtime.engine import vector_lanes
from ..runtime.executable import Executable
from ..runtime.memory import Arena, owned, strided
from .report import Timings, kernel_table

_WORTH_A_THREAD = 1_000_000  # elements or multiplications, below which one thread is faster


class _Leaves:
    """What the graph's leaves are to the program: inputs, state, or numbers written into it."""

    def __init__(self, inputs: Sequence[Tensor], trace: Trace) -> None:
        self.inputs = {
            id(t): Buffer(f"input{k}", t.dtype, t.size, "input", k) for k, t in enumerate(inputs)
        }
        self.state: dict[int, tuple[Buffer, Tensor]] = {}
        self.baked: dict[int, tuple[weakref.ref[Tensor], int]] = {}
        self._kept = {id(leaf) for leaf, _ in trace.updates.values()}
        self._kept |= {id(leaf) for leaf, _ in trace.numbers}

    def buffer_or_number(self, leaf: Tensor) -> Buffer | float:
        """Return the buffer of a leaf, or the value of a constant that is a single number."""
        if id(leaf) in self.inputs:
            return self.inputs[id(leaf)]
        if leaf.shape == () and id(leaf) not in self._kept and not leaf.requires_grad:
            self.baked[id(leaf)] = (weakref.ref(leaf), leaf._version)
            number: float = leaf.item()
            return number
        return self.state_buffer(leaf)

    def state_buffer(self, leaf: Tensor) -> Buffer:
        """Return the buffer of a leaf whose memory the program uses."""
        if id(leaf) not in self.state:
            buffer = Buffer(leaf.name or f"state{len(self.state)}", leaf.dtype, leaf.size, "state")
            self.state[id(leaf)] = (buffer, leaf)
        return self.state[id(leaf)][0]


class CompiledProgram:
    """A function compiled for one signature, in memory and ready to run."""

    def __init__(
        self, function: Callable[[list[Tensor]], Any], example: Sequence[Tensor], threads: int
    ) -> None:
        clock = Timings()
        inputs = [
            input(f"input{k}", x.shape, x.dtype, requires_grad=False) for k, x in enumerate(example)
        ]
        with tracing() as trace:
            result = function(inputs)
            outputs, self._rebuild = flatten_tree(result)
            values = [trace.current(as_tensor(output)) for output in outputs]
        clock.mark("trace")
        leaves = _Leaves(inputs, trace)
        lowering = _lower(values, trace, leaves)
        clock.mark("lowering")
        self._outputs = lowering.outputs
        keep = [view.buffer for view in self._outputs]
        self._kernels = fuse_epilogues(lowering.kernels, keep)
        assembly = assemble(self._kernels, vector_lanes())
        offsets, self._arena_bytes = plan_memory(self._kernels, keep)
        self._arena = Arena(self._arena_bytes)
        self._held = [np.empty(t.shape, t.dtype.storage) for t in inputs]
        self._bind(assembly, offsets, leaves)
        clock.mark("assembly")
        work = sum(map(_work, self._kernels))
        self._executable = Executable(
            assembly.text, [self._segment(s) for s in assembly.segments],
            [self._address[id(b)] for b in assembly.table], len(self._kernels),
            threads if work > _WORTH_A_THREAD else 1,
        )  # fmt: skip
        clock.mark("LLVM")
        self._finish(trace, leaves, assembly, clock)

    # --- making ----------------------------------------------------------------------------

    def _bind(self, assembly: Assembly, offsets: dict[int, int], leaves: _Leaves) -> None:
        """Find the address of every buffer."""
        self._state: list[tuple[Tensor, int, Array]] = []
        known = {id(b): self._held[b.source].ctypes.data for b in leaves.inputs.values()}
        slots = {id(buffer): slot for slot, buffer in enumerate(assembly.table)}
        for buffer, leaf in leaves.state.values():
            array = owned(leaf)
            self._state.append((leaf, slots.get(id(buffer), -1), array))
            known[id(buffer)] = array.ctypes.data
        self._address = {
            id(b): self._arena.address + offsets[id(b)] if b.kind == "temp" else known[id(b)]
            for b in assembly.table
        }
        self._buffer_slot = slots

    def _finish(self, trace: Trace, leaves: _Leaves, assembly: Assembly, clock: Timings) -> None:
        self._numbers = trace.numbers
        self._guards = trace.guards
        self._changed = [leaf for leaf, _ in trace.updates.values()]
        for leaf, _, _ in self._state:
            leaf.grad = None
        self._units = assembly.units
        self._timings = clock
        trace.updates.clear()  # the graph goes; numbers that somebody else holds stay to be watched
        alive = [(ref, version) for ref, version in leaves.baked.values() if ref() is not None]
        self._baked = alive

    def _segment(self, segment: str | Call) -> str | Callable[[], None]:
        """Return a native entry's name, or a function that calls a NumPy kernel."""
        if isinstance(segment, str):
            return segment
        kernel, op = segment, segment.node.op
        assert op is not None

        def call() -> None:
            arrays = [dtypes.decode(self._array(v), v.dtype) for v in kernel.inputs]
            with np.errstate(all="ignore"):
                values = op.compute(arrays, kernel.node.attributes)
            parts = values if isinstance(values, tuple) else (values,)
            for view, value in zip(kernel.outputs, parts, strict=True):
                self._array(view)[...] = dtypes.encode(np.asarray(value), view.dtype)

        return call

    def _array(self, view: View) -> Array:
        address = self._address.get(id(view.buffer))
        if address is None:  # nothing native touches it
            address = self._executable.table[self._buffer_slot[id(view.buffer)]] or 0
        return strided(address, view.dtype.storage, view.shape, view.strides, view.offset)

    # --- running ---------------------------------------------------------------------------

    def still_holds(self) -> bool:
        """Whether everything that the traced function relied on is as it was."""
        for read, value in self._guards:
            if read() != value:
                return False
        for ref, version in self._baked:
            leaf = ref()
            if leaf is not None and leaf._version != version:
                return False
        return True

    def run(self, inputs: Sequence[Tensor]) -> Any:
        """Run once; return the outputs in the structure that the function returned."""
        for held, given in zip(self._held, inputs, strict=True):
            held[...] = given.data
        for number, (leaf, slot, array) in enumerate(self._state):
            if leaf._data is not array:
                self._rebind(number, leaf, slot)
        for leaf, read in self._numbers:
            leaf.data[...] = read()
        self._executable.run()
        for leaf in self._changed:
            leaf._version += 1
        results = [constant(np.array(self._array(v)), v.dtype) for v in self._outputs]
        return self._rebuild(results)

    def _rebind(self, number: int, leaf: Tensor, slot: int) -> None:
        """Follow a leaf to which Python, or another program, gave other memory."""
        array = owned(leaf)
        self._state[number] = (leaf, slot, array)
        if slot >= 0:
            self._executable.table[slot] = array.ctypes.data
            for key, place in self._buffer_slot.items():
                if place == slot:
                    self._address[key] = array.ctypes.data

    # --- looking ---------------------------------------------------------------------------

    def memory_plan(self) -> dict[str, int]:
        """Return the bytes of temporaries, state and inputs, and their sum."""
        state = sum(array.nbytes for _, _, array in self._state)
        held = sum(array.nbytes for array in self._held)
        total = self._arena_bytes + state + held
        return {"temporaries": self._arena_bytes, "state": state, "inputs": held, "total": total}

    def report(self) -> str:
        """Return the kernels with their work and time, the memory, and the time to compile."""
        plan = self.memory_plan()
        lines = [
            f"{len(self._kernels)} kernels on {self._executable.threads} threads, "
            f"{plan['total']:,} bytes ({plan['temporaries']:,} temporary)",
            self._timings.describe(),
            *kernel_table(self._kernels, self._units, list(self._executable.clock)),
        ]
        return "\n".join(lines)


def _lower(outputs: list[Tensor], trace: Trace, leaves: _Leaves) -> Lowering:
    updates = list(trace.updates.values())
    order = topological_order([*outputs, *[value for _, value in updates]])
    targets = [(leaves.state_buffer(leaf), value) for leaf, value in updates]
    return Lowering(order, outputs, leaves.buffer_or_number, targets)


def _work(kernel: Any) -> int:
    """Estimate a kernel's work in elements or multiplications."""
    if isinstance(kernel, Contract):
        return math.prod(kernel.extents)
    shape = [*getattr(kernel, "kept", ()), *getattr(kernel, "shape", ())]
    reduced = getattr(kernel, "reduced", ())
    shape += [reduced] if isinstance(reduced, int) else [*reduced]
    shape += getattr(kernel, "taps", ())
    return math.prod(shape)
