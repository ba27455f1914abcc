"""Lowering: one graph becomes one program, node by node; formulas melt until somebody needs memory.

What each operation becomes is in the family files beside this one, registered under the operation's
name with ``lowers``. This file has what they share: buffers, stores, and when a value is stored.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from ...dtypes import DType
from ...graph import PICK, Tensor
from ...graph.location import describe
from ..ir.cost import passes
from ..ir.expr import Buffer, Expr, Place, Shape, acc, const, moved, walk
from ..ir.kernels import Array, Map, Origin, Origins, Reduce, Store, Term
from ..ir.program import Check, Program
from .cost import worth_storing
from .order import axis_order
from .regions import Region, regions
from .value import (
    Residues,
    Value,
    boxes,
    is_row_major,
    of_array,
    row_major,
    strides_of,
    whole,
)

Rule = Callable[..., Any]
RULES: dict[str, Rule] = {}
WANTS_ARRAY: set[str] = set()
MOVES: set[str] = set()


def lowers(*names: str, wants_array: bool = False, moves: bool = False) -> Callable[[Rule], Rule]:
    """Register what operations become: ``rule(lowering, node, *values, **attributes)``.

    ``wants_array``: its inputs have to lie in memory; ``moves``: it only changes places.
    """

    def register(rule: Rule) -> Rule:
        for name in names:
            RULES[name] = rule
            if wants_array:
                WANTS_ARRAY.add(name)
            if moves:
                MOVES.add(name)
        return rule

    return register


class Lowering:
    """The program as it grows, and the values of the nodes so far."""

    def __init__(
        self, consumers: dict[int, list[Tensor]], convolution: str = "auto", vector_bytes: int = 32
    ) -> None:
        self.program, self.convolution = Program(vector_bytes=vector_bytes), convolution
        self.changing: set[int] = set()  # ids of the states' buffers that the program writes
        self.values: dict[int, Any] = {}
        self._consumers = consumers
        self._names: dict[str, int] = {}
        self.padded: dict[tuple[Any, ...], list[Any]] = {}  # what padding.py made, by array
        self.copies: dict[tuple[Any, ...], list[tuple[Shape, Array]]] = {}  # of batch.py
        self.rows: dict[Expr, Value] = {}  # of turns.py: what lies in a row of a stack
        self.in_turn = False  # of a loop, which stacks what it computes row by row
        self.known: dict[Any, tuple[Tensor, Value, Any]] = {}  # of turns.py: what was computed
        self._checked: dict[tuple[Any, ...], Expr] = {}
        self._stored: dict[tuple[Any, ...], Value] = {}
        self._sources: dict[int, Sequence[Tensor]] = {}  # of the nodes that are lowered
        self._alive: list[Value] = []  # what ids in keys stand for

    def count_uses(self, nodes: Sequence[Tensor], results: Sequence[Tensor]) -> None:
        """Note what the nodes of an inner graph are used by."""
        for node in nodes:
            self._consumers[id(node)] = []
        for node in nodes:
            for source in node.inputs:
                self._consumers.setdefault(id(source), []).append(node)
        for node in results:
            self._consumers.setdefault(id(node), []).append(node)

    def share_uses(self, first: Tensor, again: Tensor) -> None:
        """Note that a node has the value of another one, which so has more uses."""
        uses = [*self._consumers.get(id(again), []), *self._consumers.get(id(first), [])]
        self._consumers[id(again)] = list({id(use): use for use in uses}.values())

    @contextmanager
    def turning(self) -> Iterator[None]:
        """Lower what is inside as a turn of a loop."""
        before, self.in_turn = self.in_turn, True
        yield
        self.in_turn = before

    # --- memory ----------------------------------------------------------------------------

    def fixed(self, buffer: Buffer) -> bool:
        """Whether a buffer is a state that the program only reads."""
        return buffer.kind == "state" and id(buffer) not in self.changing

    def buffer(self, name: str, dtype: DType, size: int, kind: str = "temp") -> Buffer:
        """Return a new buffer; a number makes its name unique."""
        number = self._names[name] = self._names.get(name, 0) + 1
        unique = f"{name}{number}" if number > 1 or kind == "temp" else name
        return Buffer(unique, dtype, size, kind)

    def array(
        self, shape: Shape, dtype: DType, order: Sequence[int] | None = None, name: str = "t"
    ) -> Array:
        """Return a new temporary array whose axes lie in this order, slowest first."""
        strides = row_major(shape) if order is None else strides_of(shape, order)
        return Array(self.buffer(name, dtype, math.prod(shape)), shape, strides)

    def store(self, target: Array, value: Value) -> None:
        """Write a value into memory."""
        parts = regions(value)
        for extents in dict.fromkeys(part.value.shape for part in parts):
            alike = [part for part in parts if part.value.shape == extents]
            stores = [self._region(target, part) for part in alike]
            self.program.kernels.append(Map(extents, stores))
        if parts:
            return
        for first, extents, residues in boxes(value.shape, value.steps):
            formulas = [value.pieces[r] for r in residues]
            if any(first):  # quotients are counted from there
                formulas = moved(formulas, partial(_from, first))
            places = [_place(target, value, first, r) for r in residues]
            stores = [Store(target.buffer, p, f) for p, f in zip(places, formulas, strict=True)]
            self.program.kernels.append(Map(extents, stores))

    def _region(self, target: Array, part: Region) -> Store:
        offset = target.offset + part.first * target.strides[part.axis]
        return Store(target.buffer, Place(offset, target.strides), part.value.expr)

    def stored(self, value: Value, order: Sequence[int] | None = None, name: str = "t") -> Value:
        """Return the value as one that just reads memory; if it does not yet, it is written."""
        if value.array is not None:
            return value
        key = (tuple(map(id, value.pieces.values())), value.shape, value.steps)
        if key not in self._stored:
            target = self.array(value.shape, value.dtype, order or axis_order(value), name)
            self.store(target, value)
            self._stored[key] = of_array(target)
            self._alive.append(value)
        return self._stored[key]

    def plain(self, value: Value) -> Value:
        """Return the value as one formula for all elements."""
        return value if value.whole else self.stored(value)

    def row_major(self, value: Value) -> Array:
        """Return the value as an array that lies in memory as NumPy's default."""
        found = value.array
        if found is not None and is_row_major(found):
            return Array(found.buffer, value.shape, row_major(value.shape))
        target = self.array(value.shape, value.dtype)
        self.store(target, value)
        return target

    # --- common kernels --------------------------------------------------------------------

    def reduce(
        self, reducer: str, value: Value, axes: Sequence[int], dtype: DType, name: str = "t"
    ) -> Array:
        """Return the reduction of a whole value over axes, without these axes."""
        kept = [k for k in range(len(value.shape)) if k not in axes]
        order = [*kept, *axes]
        (expr,) = moved([value.expr], lambda p: p.permuted(order))
        shape = tuple([value.shape[k] for k in kept])
        lying = [kept.index(k) for k in axis_order(value) if k in kept]
        target = self.array(shape, dtype, lying, name)
        place = Place(0, target.strides + (0,) * len(axes))
        stores = [Store(target.buffer, place, acc(0, dtype))]
        reduced = tuple([value.shape[k] for k in axes])
        self.program.kernels.append(Reduce(shape, reduced, [Term(reducer, expr)], stores))
        return target

    def broadcast(self, value: Value, shape: Shape) -> Value:
        """Return the value with new axes in front and axes of length 1 repeated.

        What is dear to compute is stored first if it would be computed again and again.
        """
        if value.shape == shape:
            return value
        value = self.plain(value)
        if passes(value.expr) > 0.04 and math.prod(shape) >= 4 * max(1, value.size):
            value = self.stored(value)
        front = len(shape) - len(value.shape)
        keeps = [n == m for n, m in zip(value.shape, shape[front:], strict=True)]

        def change(place: Place) -> Place:
            coefs = [c if keep else 0 for c, keep in zip(place.coefs, keeps, strict=True)]
            return Place(place.offset, (0,) * front + tuple(coefs))

        return value.change(shape, change)

    def note(self, node: Tensor, text: str) -> None:
        """Tell the report what was chosen for a node, and why."""
        shapes = " by ".join(str(source.shape) for source in node.inputs)
        name = node.op.name if node.op is not None else "leaf"
        self.program.notes.append(f"{name} {shapes}: {text}")

    def check(self, condition: Expr, shape: Shape, required: str, where: str) -> None:
        """Demand of every run that a condition holds for no element of a shape."""
        key = (id(condition), shape, required)
        if key in self._checked:
            return
        self._checked[key] = condition
        flag = self.buffer("flag", condition.dtype, 1)
        store = Store(flag, Place(0, (0,) * len(shape)), acc(0, condition.dtype))
        self.program.kernels.append(Reduce((), shape, [Term("any", condition)], [store]))
        self.program.checks.append(Check(flag, required, where))

    # --- nodes -----------------------------------------------------------------------------

    def lower(self, node: Tensor, sources: Sequence[Tensor]) -> None:
        """Find the value of a node whose inputs have theirs."""
        op = node.op
        assert op is not None
        inputs = [self.values[id(i)] for i in sources]
        first = len(self.program.kernels)
        if op is PICK:
            self.values[id(node)] = inputs[0][node.attributes["index"]]
            return
        rule = RULES.get(op.name) or RULES["elementwise" if native(op) else "call"]
        result = rule(self, node, *inputs, **node.attributes)
        if isinstance(result, Value):
            result = self.settled(node, result)
        self.values[id(node)] = result
        self._sources[id(node)] = sources
        self.mark(first, node)

    def mark(self, first: int, node: Tensor) -> None:
        """Note of the kernels from a number on that they compute a node, and what melted into it.

        Those that are marked already are the steps of an inner graph.
        """
        new = [k for k in self.program.kernels[first:] if not k.origins]
        if new:
            origins = self.origins(node)
            for kernel in new:
                kernel.origins = origins

    def origins(self, node: Tensor) -> Origins:
        """Return what a kernel computes that stores a node."""
        return tuple(dict.fromkeys(map(_origin, self._melted(node))))

    def _melted(self, node: Tensor) -> list[Tensor]:
        """Return a node of an operation and the nodes before it that are formulas, not arrays."""
        found, open_ends = {id(node): node}, [node]
        while open_ends:
            for source in self._sources.get(id(open_ends.pop()), ()):
                value = self.values.get(id(source))
                melted = isinstance(value, Value) and value.array is None
                if melted and source.op is not None and id(source) not in found:
                    found[id(source)] = source
                    open_ends.append(source)
        return [n for n in found.values() if n.op is not None]

    def settled(self, node: Tensor, value: Value) -> Value:
        """Store the value now if that is better than computing it wherever it is used."""
        if value.array is not None or not any(_reads(e) for e in value.pieces.values()):
            return value
        uses = self._consumers.get(id(node), [])
        if worth_storing(value, len(uses)) or (len(uses) > 1 and self._wanted_as_array(node)):
            return self.stored(value)
        return value

    def _wanted_as_array(self, node: Tensor) -> bool:
        for user in self._consumers.get(id(node), []):
            if user is node:  # a result is listed among its own users
                continue
            name = user.op.name if user.op is not None else ""
            if name in WANTS_ARRAY or (name in MOVES and self._wanted_as_array(user)):
                return True
        return False


def _origin(node: Tensor) -> Origin:
    """Return what reports say of a node."""
    name = node.op.name if node.op is not None else node.label
    path, phase = node.scope or ("", "forward")
    return Origin(name, path, phase, describe(node.location))


def _place(target: Array, value: Value, first: Shape, residues: Residues) -> Place:
    """Return where one piece is stored, for quotients counted from ``first``."""
    starts = [s * q + r for s, q, r in zip(value.steps, first, residues, strict=True)]
    coefs = [t * s for t, s in zip(target.strides, value.steps, strict=True)]
    return Place(target.offset + _dot(target.strides, starts), tuple(coefs))


def _from(first: Shape, place: Place) -> Place:
    return place.shifted(_dot(place.coefs, first))


def _dot(xs: Sequence[int], ys: Sequence[int]) -> int:
    return sum(x * y for x, y in zip(xs, ys, strict=True))


def native(op: Any) -> bool:
    """Whether an operation becomes kernels, not a call of NumPy."""
    return op.name in RULES or getattr(op, "scalar", None) is not None


def _reads(expr: Expr) -> bool:
    return any(node.kind in ("read", "gather") for node in walk([expr]))


def filled(shape: Shape, number: float, dtype: DType) -> Value:
    """Return the value that is one number everywhere."""
    return whole(shape, const(number, dtype))
