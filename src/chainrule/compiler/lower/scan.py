"""Loops in time: the step is lowered once for each turn; equal kernels share their code."""

from __future__ import annotations

from collections.abc import Sequence

from ...graph import Tensor
from ...ops.step import Step
from ..ir.expr import Place
from ..ir.kernels import Array
from .elements import Element
from .lowering import Lowering, filled, lowers
from .value import Value, of_array, whole


@lowers("scan")
def scan(
    low: Lowering, node: Tensor, *inputs: Value, step: Step, length: int, reverse: bool
) -> list[Value]:
    """Run the step ``length`` times; results are the last carry, stacked ys, and sums."""
    return _Scan(low, step, inputs, length).run(reverse)


class _Scan:
    def __init__(self, low: Lowering, step: Step, inputs: Sequence[Value], length: int) -> None:
        self.low, self.step, self.length = low, step, length
        n, m = len(step.carry), len(step.carry) + len(step.xs)
        self.carry = [low.stored(v) for v in inputs[:n]]
        self.xs = [low.stored(v) for v in inputs[n:m]]
        self.captured = [low.stored(v) for v in inputs[m:]]
        self.stacks = [low.array((length, *y.shape), y.dtype) for y in step.ys]
        self.sums = [filled(s.shape, 0, s.dtype) for s in step.sums]
        low.count_uses(step.nodes, step.outputs)

    def run(self, reverse: bool) -> list[Value]:
        for t in range(self.length - 1, -1, -1) if reverse else range(self.length):
            self._turn(t)
        stacked = [of_array(stack) for stack in self.stacks]
        return [*self.carry, *stacked, *self.sums]

    def _turn(self, t: int) -> None:
        low, step = self.low, self.step
        slices = [_slice(x, t) for x in self.xs]
        for node, value in zip(step.inputs, [*self.carry, *slices, *self.captured], strict=True):
            low.values[id(node)] = value
        for node in step.nodes:
            low.lower(node, node.inputs)
        for stack, y in zip(self.stacks, step.ys, strict=True):
            low.store(_row(stack, t), low.values[id(y)])
        self.carry = [low.stored(low.values[id(c)]) for c in step.next_carry]
        self.sums = [
            low.stored(_added(total, low.values[id(s)]))
            for total, s in zip(self.sums, step.sums, strict=True)
        ]


def _added(total: Value, more: Value) -> Value:
    return whole(total.shape, (Element(total.expr) + Element(more.expr)).expr)


def _slice(x: Value, t: int) -> Value:
    return x.change(x.shape[1:], lambda p: Place(p.offset + t * p.coefs[0], p.coefs[1:]))


def _row(stack: Array, t: int) -> Array:
    offset = stack.offset + t * stack.strides[0]
    return Array(stack.buffer, stack.shape[1:], stack.strides[1:], offset)
