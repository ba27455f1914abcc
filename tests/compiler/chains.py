"""Random programs whose kernels read what others computed: what passes join, move and cut.

Those of programs.py never read computed numbers. Here all numbers are multiples of powers of two in
float64, few and small enough that every order of a sum gives the same.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st
from tests.compiler.programs import all_buffers

from chainrule.compiler.ir import (
    Array,
    Buffer,
    Contract,
    Expr,
    Fill,
    Guard,
    Map,
    Place,
    Program,
    Reduce,
    Store,
    Term,
    interpret,
)
from chainrule.compiler.ir import expr as ir
from chainrule.compiler.passes.usage import surviving
from chainrule.dtypes import float64

KINDS = ("map", "map", "copy", "shift", "reduce", "contract", "update", "join")
LENGTHS = (1, 2, 3)
Box = tuple[tuple[int, ...], Buffer, Place]


@dataclass
class Chain:
    """Draws kernels, each of which reads arrays of inputs or of earlier ones."""

    draw: st.DrawFn
    program: Program = field(default_factory=Program)
    arrays: list[Array] = field(default_factory=list)
    made: int = 0

    def buffer(self, size: int, kind: str = "temp") -> Buffer:
        self.made += 1
        return Buffer(f"{kind[0]}{self.made}", float64, size, kind)

    def start(self) -> None:
        for kind in ("input", "input", "state"):
            shape = tuple(self.draw(st.lists(st.sampled_from(LENGTHS), min_size=2, max_size=2)))
            buffer = self.buffer(math.prod(shape), kind)
            (self.program.states if kind == "state" else self.program.inputs).append(buffer)
            self.arrays.append(Array(buffer, shape, strides(shape, (0, 1))))

    def target(self, shape: tuple[int, ...]) -> Array:
        """Return a new array, its axes in any order, perhaps within a larger buffer."""
        order = self.draw(st.permutations(range(len(shape))))
        wide = [n + self.draw(st.sampled_from((0, 0, 1))) for n in shape]
        offset = self.draw(st.sampled_from((0, 0, 2)))
        return Array(self.buffer(math.prod(wide) + offset), shape, strides(wide, order), offset)

    def whole(self, shape: tuple[int, ...]) -> Array:
        """Return a new array that fills its buffer, its axes in any order."""
        steps = strides(shape, self.order(len(shape)))
        return Array(self.buffer(math.prod(shape)), shape, steps)

    def some(self, shape: tuple[int, ...] | None = None) -> Array:
        """Return one of the arrays, often a late one."""
        found = [a for a in self.arrays if shape is None or a.shape == shape]
        return self.draw(st.sampled_from([*found, *found[-2:]]))

    def order(self, rank: int) -> list[int]:
        return list(self.draw(st.permutations(range(rank))))

    def number(self, *values: Expr) -> Expr:
        """Return a formula of some values."""
        total = values[0]
        for value in values[1:]:
            name = self.draw(st.sampled_from(("add", "sub", "maximum")))
            total = ir.make(name, float64, (total, value))
        factor = self.draw(st.sampled_from((None, 0.5, -2.0)))
        if factor is None:
            return total
        return ir.make("mul", float64, (total, ir.const(factor, float64)))

    # --- kernels ---------------------------------------------------------------------------

    def map(self) -> None:
        first = self.some()
        others = [self.some(first.shape) for _ in range(self.draw(st.integers(0, 2)))]
        order = self.order(len(first.shape))
        loops = tuple([first.shape[k] for k in order])
        values = [reading(a, order) for a in (first, *others)]
        targets = [self.target(first.shape) for _ in range(self.draw(st.integers(1, 2)))]
        stores = [Store(t.buffer, placed(t, order), self.number(*values)) for t in targets]
        self.program.kernels.append(Map(loops, stores))
        self.arrays += targets

    def copy(self) -> None:
        """Copy an array into the inside of zeros."""
        source = self.some()
        pads = [self.draw(st.integers(0, 1)) for _ in source.shape]
        shape = tuple([n + 2 * p for n, p in zip(source.shape, pads, strict=True)])
        steps = strides(shape, self.order(len(shape)))
        whole = Array(self.buffer(math.prod(shape)), shape, steps)
        if any(pads):
            self.program.kernels.append(Fill(ring(whole, source.shape, pads), 0.0))
        inner = Array(
            whole.buffer, source.shape, steps, sum(p * s for p, s in zip(pads, steps, strict=True))
        )
        self.store(inner, source)
        self.arrays.append(whole)

    def store(self, target: Array, source: Array) -> None:
        order = self.order(len(source.shape))
        loops = tuple([source.shape[k] for k in order])
        store = Store(target.buffer, placed(target, order), reading(source, order))
        self.program.kernels.append(Map(loops, [store]))

    def join(self) -> None:
        """Put two arrays one after the other."""
        first = self.some()
        second = self.some(first.shape)
        shape = (2, *first.shape)
        whole = Array(self.buffer(math.prod(shape)), shape, strides(shape, self.order(len(shape))))
        for k, source in enumerate((first, second)):
            part = Array(whole.buffer, first.shape, whole.strides[1:], k * whole.strides[0])
            self.store(part, source)
        if len(shape) < 4:
            self.arrays.append(whole)

    def shift(self) -> None:
        """Read neighbours along the first axis; beyond the ends there are zeros."""
        source = self.some()
        target, order = self.target(source.shape), list(range(len(source.shape)))
        if not order:
            return self.map()
        by = self.draw(st.sampled_from((-1, 0, 1)))
        unit = tuple([int(k == 0) for k in order])
        guard = Guard(Place(by, unit), source.shape[0])
        place = Place(source.offset + by * source.strides[0], source.strides)
        value = self.number(ir.read(source.buffer, place, (guard,)), reading(source, order))
        store = Store(target.buffer, placed(target, order), value)
        self.program.kernels.append(Map(source.shape, [store]))
        self.arrays.append(target)
        return None

    def reduce(self) -> None:
        source = self.some()
        rank = len(source.shape)
        order = self.order(rank)
        count = self.draw(st.integers(0, rank))
        self._reduction(source, order, count)
        if self.draw(st.booleans()):  # another over the same loops, perhaps after something else
            if self.draw(st.booleans()):
                self.map()
            self._reduction(source, order, count)

    def _reduction(self, source: Array, order: list[int], count: int) -> None:
        reducers = self.draw(st.lists(st.sampled_from(("sum", "max")), min_size=1, max_size=2))
        terms = [Term(r, self.number(reading(source, order))) for r in reducers]
        lengths = tuple([source.shape[k] for k in order])
        kept, reduced = lengths[:count], lengths[count:]
        targets = [self.target(kept) for _ in terms]
        stores = [
            Store(t.buffer, Place(t.offset, (*t.strides, *(0,) * len(reduced))),
                  self.number(ir.acc(k, float64)))
            for k, t in enumerate(targets)
        ]  # fmt: skip
        self.program.kernels.append(Reduce(kept, reduced, terms, stores))
        self.arrays += targets

    def contract(self) -> None:
        flat = [a for a in self.arrays if len(a.shape) == 2]
        left = self.draw(st.sampled_from(flat))
        fitting = [a for a in flat if a.shape[0] == left.shape[1]]
        if not fitting:
            return self.map()
        right = self.draw(st.sampled_from(fitting))
        loops = (left.shape[0], right.shape[1], left.shape[1])
        a = ir.read(left.buffer, Place(left.offset, (left.strides[0], 0, left.strides[1])))
        b = ir.read(right.buffer, Place(right.offset, (0, right.strides[1], right.strides[0])))
        alone = self.draw(st.booleans())  # for one reader, which may lie otherwise
        target = self.whole(loops[:2]) if alone else self.target(loops[:2])
        store = Store(target.buffer, Place(target.offset, (*target.strides, 0)), ir.acc(0, float64))
        self.program.kernels.append(Contract(loops, "mnk", a, b, [store]))
        if alone:
            source, target = target, self.whole(loops[:2])
            store = Store(
                target.buffer, placed(target, [0, 1]), self.number(reading(source, [0, 1]))
            )
            self.program.kernels.append(Map(loops[:2], [store]))
        self.arrays.append(target)
        return None

    def update(self) -> None:
        """Give the state a new value, in place."""
        buffer = self.program.states[0]
        (state,) = (a for a in self.arrays if a.buffer is buffer)
        order = self.order(2)
        others = [self.some(state.shape) for _ in range(self.draw(st.integers(0, 2)))]
        value = self.number(reading(state, order), *[reading(a, order) for a in others])
        loops = tuple([state.shape[k] for k in order])
        self.program.kernels.append(Map(loops, [Store(buffer, placed(state, order), value)]))

    def finish(self) -> None:
        """Return some of the arrays, and mostly the last."""
        for array in {id(a): a for a in (self.some(), self.arrays[-1])}.values():
            size = math.prod(array.shape)
            steps = strides(array.shape, range(len(array.shape)))
            target = Array(self.buffer(size, "output"), array.shape, steps)
            self.store(target, array)
            self.program.outputs.append(target)


def strides(shape: Any, order: Any) -> tuple[int, ...]:
    """Return the strides of axes that lie in this order, slowest first."""
    result, step = [0] * len(shape), 1
    for axis in reversed(list(order)):
        result[axis] = step
        step *= shape[axis]
    return tuple(result)


def ring(whole: Array, inner: tuple[int, ...], pads: list[int]) -> list[Box]:
    """Return boxes that cover all but the inside, each element once."""
    boxes = []
    for axis, pad in enumerate(pads):
        extents = (*inner[:axis], pad, *whole.shape[axis + 1 :])
        for first in (0, pad + inner[axis]):
            start = [*pads[:axis], first]
            at = whole.offset + sum(n * s for n, s in zip(start, whole.strides, strict=False))
            if pad:
                boxes.append((extents, whole.buffer, Place(at, whole.strides)))
    return boxes


def placed(array: Array, order: list[int]) -> Place:
    return Place(array.offset, tuple([array.strides[k] for k in order]))


def reading(array: Array, order: list[int]) -> Expr:
    return ir.read(array.buffer, placed(array, order))


@st.composite
def chains(draw: st.DrawFn, kinds: tuple[str, ...] = KINDS, kernels: int = 7) -> Program:
    """Draw a valid program of up to a number of steps of some kinds."""
    chain = Chain(draw)
    chain.start()
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=kernels)):
        getattr(chain, kind)()
    chain.finish()
    return chain.program


def computed(program: Program) -> dict[str, np.ndarray[Any, Any]]:
    """Return what outlives a run, by name of the buffer; data depend on names alone."""
    memory = {}
    for buffer in all_buffers(program):
        random = np.random.default_rng(zlib.crc32(buffer.name.encode()))
        known = buffer.kind in ("input", "state")
        memory[buffer] = (
            random.integers(-8, 9, buffer.size) / 4 if known else np.full(buffer.size, np.nan)
        )
    interpret(program, memory)
    return {b.name: memory[b] for b in surviving(program)}
