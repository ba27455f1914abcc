"""Step: one step of a loop in time as a graph, how it runs, and the step of its gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .. import dtypes
from ..dtypes import Array
from ..graph import PICK, Tensor, TensorType, apply, grad_mode, input, topological_order
from ..graph.apply import evaluate
from ..graph.registry import call
from .choice import astype

Nodes = tuple[Tensor, ...]


def placeholder(name: str, kind: TensorType, requires_grad: bool = True) -> Tensor:
    """Return a symbolic input of a step."""
    wants = requires_grad and kind.dtype.is_floating
    return input(name, kind.shape, kind.dtype, requires_grad=wants)


def captured_by(outputs: Sequence[Tensor], inputs: Sequence[Tensor]) -> list[Tensor]:
    """Return what ``outputs`` read from outside: nodes that do not depend on ``inputs``."""
    return _split(outputs, inputs)[1]


def _split(
    outputs: Sequence[Tensor], inputs: Sequence[Tensor]
) -> tuple[list[Tensor], list[Tensor]]:
    """Return the nodes between inputs and outputs in topological order, and what they capture.

    Whatever depends on the inputs is symbolic, as they are: concrete history is not walked.
    """
    inside = {id(node) for node in inputs}
    order = topological_order(outputs, lambda node: node.symbolic and id(node) not in inside)
    nodes: list[Tensor] = []
    captured: dict[int, Tensor] = {}
    for node in order:
        if id(node) not in inside and any([id(i) in inside for i in node.inputs]):
            inside.add(id(node))
            nodes.append(node)
            captured |= {id(i): i for i in node.inputs if id(i) not in inside}
    captured |= {id(node): node for node in outputs if id(node) not in inside}
    return nodes, list(captured.values())


@dataclass(frozen=True, eq=False)
class Step:
    """One step: from the carry, a slice of each x and captured tensors, to the next carry and more.

    ``ys`` are stacked over the steps, ``sums`` added up over them. So the gradient is a loop of the
    same kind, run backward: a captured tensor's gradient is a sum, that of an x a y, and the other
    way round. All fields hold nodes; ``carry``, ``xs`` and ``captured`` are where the step begins.
    """

    carry: Nodes
    xs: Nodes
    captured: Nodes
    next_carry: Nodes
    ys: Nodes
    sums: Nodes = ()
    saved: int = 0  # how many of the last ys are the carry before the step

    @property
    def inputs(self) -> Nodes:
        """All nodes where the step begins."""
        return (*self.carry, *self.xs, *self.captured)

    @property
    def outputs(self) -> Nodes:
        """All nodes where the step ends."""
        return (*self.next_carry, *self.ys, *self.sums)

    def __repr__(self) -> str:
        return f"<step of {len(self.nodes)} nodes>"

    @cached_property
    def nodes(self) -> list[Tensor]:
        """The nodes between, in topological order."""
        return _split(self.outputs, self.inputs)[0]

    @cached_property
    def saving(self) -> Step:
        """The same step, which also hands out the carry that it begins with, for the gradient."""
        ys = (*self.ys, *self.carry)
        return Step(
            self.carry, self.xs, self.captured, self.next_carry, ys, self.sums, len(self.carry)
        )

    # --- running ---------------------------------------------------------------------------

    @cached_property
    def _program(self) -> tuple[list[tuple[Any, ...]], dict[int, int]]:
        """For each node what to compute, from which places to which; and the nodes' places."""
        places = {id(node): k for k, node in enumerate(self.inputs)}
        program = []
        for node in self.nodes:
            sources = [places[id(i)] for i in node.inputs]
            place = places[id(node)] = len(places)
            half = node.tuple_types is None and node.dtype.compute != node.dtype.storage
            types = node.tuple_types or node.type
            program.append((node.op, sources, types, node.attributes, place, half, node.dtype))
        return program, places

    def run(self, arrays: Sequence[Array], length: int, reverse: bool) -> tuple[Array, ...]:
        """Run ``length`` steps on NumPy arrays: carry, xs (stacked), captured."""
        program, places = self._program
        n, m = len(self.carry), len(self.carry) + len(self.xs)
        values: list[Any] = [*arrays, *[None] * len(program)]
        xs = arrays[n:m]
        ends = [places[id(node)] for node in self.next_carry]
        stacks = [np.empty((length, *y.shape), y.dtype.compute) for y in self.ys]
        totals = [np.zeros(s.shape, s.dtype.compute) for s in self.sums]
        stacked = [(stack, places[id(y)]) for stack, y in zip(stacks, self.ys, strict=True)]
        added = [(total, places[id(s)]) for total, s in zip(totals, self.sums, strict=True)]
        for t in range(length - 1, -1, -1) if reverse else range(length):
            values[n:m] = [x[t, ...] for x in xs]
            for op, sources, types, attributes, place, half, kind in program:
                value: Any = evaluate(op, [values[k] for k in sources], types, attributes)[0]
                values[place] = dtypes.decode(value, kind) if half else value
            for stack, place in stacked:
                stack[t] = values[place]
            for total, place in added:
                total += values[place]
            values[:n] = [values[k] for k in ends]
        return (*values[:n], *stacks, *totals)

    def replay(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """Build the step's graph again on other inputs; return its outputs."""
        copies: dict[int, Any] = {
            id(node): other for node, other in zip(self.inputs, inputs, strict=True)
        }
        for node in self.nodes:
            sources = tuple(copies[id(i)] for i in node.inputs)
            if node.op is PICK:
                copies[id(node)] = sources[0][node.attributes["index"]]
            else:
                assert node.op is not None
                copies[id(node)] = apply(node.op, sources, node.attributes)
        return [copies[id(node)] for node in self.outputs]

    # --- gradient --------------------------------------------------------------------------

    @cached_property
    def _gradients(self) -> dict[Wanted, Gradient]:
        return {}

    def gradient(self, wanted: Wanted) -> Gradient:
        """Return the step of the gradient, built on first use."""
        if wanted not in self._gradients:
            with grad_mode(True):
                self._gradients[wanted] = _gradient_of(self, wanted)
        return self._gradients[wanted]


@dataclass(frozen=True)
class Wanted:
    """Which ys and sums have a gradient, and which xs and captured tensors want one."""

    ys: tuple[bool, ...]
    sums: tuple[bool, ...]
    xs: tuple[bool, ...]
    captured: tuple[bool, ...]


@dataclass(frozen=True)
class Gradient:
    """The step of the gradient, and which tensors it reads of those that there are.

    ``xs`` indexes (xs, saved carry, gradients of ys); ``captured`` indexes (captured, gradients of
    sums); ``constants`` are captured besides.
    """

    step: Step
    xs: tuple[int, ...]
    captured: tuple[int, ...]
    constants: Nodes


def floating(nodes: Sequence[Tensor]) -> list[Tensor]:
    """Return the nodes that a gradient can flow through."""
    return [node for node in nodes if node.dtype.is_floating]


def chosen(items: Sequence[Any], flags: Sequence[bool]) -> list[Any]:
    """Return the items whose flag is set."""
    return [item for item, flag in zip(items, flags, strict=True) if flag]


def _gradient_of(step: Step, wanted: Wanted) -> Gradient:
    """Run the step again from the saved carry, and the chain rule over it."""
    copies = [placeholder(node.label, node.type) for node in step.inputs]
    n, m = len(step.carry), len(step.carry) + len(step.xs)
    carry, xs, captured = copies[:n], copies[n:m], copies[m:]
    outputs = step.replay(copies)
    k = len(step.next_carry) + len(step.ys)
    ends = floating(outputs[:n])
    ys, sums = chosen(outputs[n:k], wanted.ys), chosen(outputs[k:], wanted.sums)
    seeds = [placeholder(f"gradient of {node.label}", node.type) for node in (*ends, *ys, *sums)]
    targets = [floating(carry), chosen(xs, wanted.xs), chosen(captured, wanted.captured)]
    nodes = [node for group in targets for node in group]
    found = call("pullback", [*ends, *ys, *sums], nodes)(seeds, create_graph=True)
    gradients = [astype(g, node.dtype) for g, node in zip(found, nodes, strict=True)]
    p, q = len(targets[0]), len(targets[0]) + len(targets[1])
    e, f = len(ends), len(ends) + len(ys)
    used = {id(node) for node in topological_order(gradients)}
    candidates, shared = [*xs, *carry, *seeds[e:f]], [*captured, *seeds[f:]]
    read = [j for j, node in enumerate(candidates) if id(node) in used]
    kept = [j for j, node in enumerate(shared) if id(node) in used]
    begin = [*seeds[:e], *[candidates[j] for j in read], *[shared[j] for j in kept]]
    constants = tuple(captured_by(gradients, begin))
    made = Step(
        tuple(seeds[:e]), tuple(candidates[j] for j in read),
        (*[shared[j] for j in kept], *constants),
        tuple(gradients[:p]), tuple(gradients[p:q]), tuple(gradients[q:]),
    )  # fmt: skip
    return Gradient(made, tuple(read), tuple(kept), constants)
