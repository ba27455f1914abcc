"""Graph to program: every primitive becomes index notation, melted as far as it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...graph import Tensor
from ..ir.expr import Buffer
from ..ir.kernels import Array
from ..ir.program import Program
from . import (  # noqa: F401  (each registers its rules)
    call,
    checkpoint,
    contraction,
    convolution,
    elementwise,
    indexing,
    movement,
    random,
    reduction,
    scan,
    window,
)
from .layout import state_orders
from .lowering import Lowering
from .prepare import Prepared
from .state import Leaves, State, update
from .value import of_array, row_major


@dataclass(frozen=True)
class Lowered:
    """A program, and what its buffers are to the graph that it was made of."""

    program: Program
    states: list[State]
    baked: list[tuple[Tensor, int]]  # numbers written into the code, with their version


def lower_graph(
    outputs: Sequence[Tensor],
    updates: Sequence[tuple[Tensor, Tensor]] = (),
    inputs: Sequence[Tensor] = (),
    live: Sequence[Tensor] = (),
    convolutions: str = "auto",
    vector_bytes: int = 32,
) -> Lowered:
    """Lower nodes to a program that computes ``outputs`` and gives leaves their new values.

    ``updates`` lists (leaf, node of its new value); ``inputs`` are the symbolic leaves that every
    call gives; ``live`` are leaves whose number is read anew at every call; ``convolutions`` is a
    mode of winograd/choice.py, where the bytes of a register count too. The program's inputs and
    outputs lie row by row in buffers of their own.
    """
    prepared = Prepared([*outputs, *[value for _, value in updates]])
    low = Lowering(prepared.consumers, convolutions, vector_bytes)
    leaves = Leaves(low, state_orders(prepared, updates), live)
    for number, node in enumerate(inputs):
        buffer = low.buffer(node.name or f"input{number}", node.dtype, node.size, "input")
        low.program.inputs.append(buffer)
        low.values[id(node)] = of_array(Array(buffer, node.shape, row_major(node.shape)))
    targets = [(leaves.state(leaf), node) for leaf, node in updates]
    low.changing = {id(state.buffer) for state, _ in targets}
    for node in prepared.order:
        if node.op is not None:
            low.lower(node, [prepared.same[id(i)] for i in node.inputs])
        elif id(node) not in low.values:
            low.values[id(node)] = leaves.value(node, id(node) in leaves.states)
    same = prepared.same
    for number, node in enumerate(outputs):
        first = len(low.program.kernels)
        low.program.outputs.append(_output(low, number, node, same[id(node)]))
        low.mark(first, same[id(node)])
    low.program.fixed = leaves.fixed(leaf for leaf, _ in updates)
    update(low, [(state.array, same[id(node)]) for state, node in targets])
    return Lowered(low.program, list(leaves.states.values()), leaves.baked)


def _output(low: Lowering, number: int, node: Tensor, first: Tensor) -> Array:
    buffer: Buffer = low.buffer(f"output{number}", node.dtype, node.size, "output")
    target = Array(buffer, node.shape, row_major(node.shape))
    low.store(target, low.values[id(first)])
    return target


__all__ = ["Lowered", "State", "lower_graph"]
