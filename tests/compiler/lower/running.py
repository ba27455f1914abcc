"""Lowers graphs and runs their programs by the interpreter, before and after the passes.

>>> results = both(lambda x: (x + x).sum(axis=0), np.ones((2, 3)))   # lowered, and after all passes
>>> assert_equal(lambda x: (x + x).sum(axis=0), np.ones((2, 3)))     # ... equal to NumPy eager
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tests.compiler.programs import all_buffers

import chainrule as cr
from chainrule import dtypes
from chainrule.compiler.ir import Buffer, Program, verify
from chainrule.compiler.ir import kernels as ir
from chainrule.compiler.ir.interpret import interpret
from chainrule.compiler.lower import Lowered, lower_graph
from chainrule.compiler.pipeline import PASSES
from chainrule.graph import Tensor

Array = np.ndarray[Any, Any]
RUBBISH = 119  # what memory holds that nobody has written: as bool true, as float no zero


@dataclass
class Run:
    """What one run of a program leaves behind."""

    outputs: list[Array]
    states: dict[int, Array]  # by id of the leaf: its new value, axes as the leaf has them
    failed: list[str]  # what the checks required that did not hold

    def state(self, leaf: Tensor) -> Array:
        return self.states[id(leaf)]


@dataclass
class Lowering:
    """A lowered graph; ``stages`` runs it as it is, and after each of the passes."""

    outputs: Sequence[Tensor]
    updates: Sequence[tuple[Tensor, Tensor]] = ()
    inputs: Sequence[Tensor] = ()
    lowered: Lowered = field(init=False)

    def __post_init__(self) -> None:
        self.lowered = lower_graph(self.outputs, self.updates, self.inputs)
        verify(self.program)

    @property
    def program(self) -> Program:
        return self.lowered.program

    def optimised(self) -> Program:
        """Run all passes; every one of them leaves a program that keeps the rules."""
        for run in PASSES:
            run(self.program)
            verify(self.program)
        return self.program

    def run(self, *arrays: Any) -> Run:
        memory = {b: np.full(b.size, RUBBISH, b.dtype.storage) for b in all_buffers(self.program)}
        for buffer, array in zip(self.program.inputs, arrays, strict=True):
            memory[buffer] = _flat(array, buffer)
        for state in self.lowered.states:
            memory[state.buffer] = _flat(state.leaf.value.transpose(state.order), state.buffer)
        interpret(self.program, memory)
        return Run(
            [_read(memory, array) for array in self.program.outputs],
            {id(s.leaf): _read(memory, s.array) for s in self.lowered.states},
            [c.required for c in self.program.checks if memory[c.flag][0]],
        )

    def stages(self, *arrays: Any) -> Iterator[Run]:
        """Run the program as it was lowered, then after all passes."""
        yield self.run(*arrays)
        self.optimised()
        yield self.run(*arrays)


def _flat(array: Any, buffer: Buffer) -> Array:
    return dtypes.encode(np.array(array, buffer.dtype.compute), buffer.dtype).reshape(-1).copy()


def _read(memory: dict[Buffer, Array], array: ir.Array) -> Array:
    flat = memory.get(array.buffer, np.zeros(array.buffer.size, array.buffer.dtype.storage))
    places = np.full(array.shape, array.offset)
    for axis, stride in zip(np.ogrid[tuple(map(slice, array.shape))], array.strides, strict=True):
        places = places + axis * stride
    return dtypes.decode(flat[places] if places.size else flat[:0].reshape(array.shape),
                         array.buffer.dtype)  # fmt: skip


def several(result: Any) -> list[Tensor]:
    return list(result) if isinstance(result, tuple | list) else [result]


def lowering(f: Callable[..., Any], *arrays: Any) -> Lowering:
    """Lower a function of arrays of these types."""
    values = [cr.asarray(a) for a in arrays]
    inputs = [cr.input(f"x{k}", v.shape, v.dtype) for k, v in enumerate(values)]
    return Lowering(several(f(*inputs)), (), inputs)


def tolerances(dtype: Any) -> dict[str, float]:
    exact = {"rtol": 0.0, "atol": 0.0}
    rounded = {2: (1e-2, 1e-2), 4: (2e-5, 2e-6), 8: (1e-11, 1e-12)}
    if np.dtype(dtype).kind != "f":
        return exact
    relative, absolute = rounded[np.dtype(dtype).itemsize]
    return {"rtol": relative, "atol": absolute}


def assert_close(found: Sequence[Array], expected: Sequence[Array]) -> None:
    for ours, theirs in zip(found, expected, strict=True):
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
        np.testing.assert_allclose(ours, theirs, **tolerances(theirs.dtype))


def assert_equal(f: Callable[..., Any], *arrays: Any) -> Lowering:
    """Demand that a function compiled is the function run eagerly; return it after the passes."""
    low = lowering(f, *arrays)
    expected = [t.value for t in several(f(*map(cr.asarray, arrays)))]
    for run in low.stages(*[cr.asarray(a).value for a in arrays]):
        assert_close(run.outputs, expected)
        assert run.failed == []
    return low


def kinds(program: Program) -> list[str]:
    """Return what kernels a program has, in order."""
    return [type(kernel).__name__.lower() for kernel in program.kernels]
