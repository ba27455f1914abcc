"""Random small programs, and data to run them on: what every way to run programs is tested with.

Programs are valid and tame: values that decide (compared, cast to integers, positions of extremes)
and arguments of curved functions are read or constant, never computed, so that two ways to compute
that round differently still agree up to rounding. Data are multiples of 1/8 from -4 to 4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

from chainrule import dtypes
from chainrule.compiler.ir import (
    Array,
    Buffer,
    Contract,
    Expr,
    Fill,
    Guard,
    Kernel,
    Map,
    Place,
    Program,
    Reduce,
    Scatter,
    Store,
    Term,
)
from chainrule.compiler.ir import expr as ir
from chainrule.compiler.ir.bounds import reach
from chainrule.compiler.ir.functions import accumulated_dtype
from chainrule.compiler.ir.program import reads_of, writes_of
from chainrule.dtypes import DType

Draw = st.DrawFn
EXTENTS = (0, 1, 2, 3, 5, 7, 13)
FLOATS = (dtypes.float32, dtypes.float64)
INTEGERS = (dtypes.int32, dtypes.int64, dtypes.uint8)
DTYPES = (*FLOATS, *INTEGERS, dtypes.bool)
KINDS = ("map", "fill", "reduce", "contract", "scatter")
SMOOTH = ("add", "sub", "mul", "maximum", "minimum", "neg", "abs", "where")
CURVED = ("exp", "tanh", "sin", "erf", "floor", "sign", "sqrt", "log1p", "expm1", "round")
WHOLE = ("add", "sub", "mul", "floordiv", "mod", "and", "or", "xor", "maximum", "minimum", "where")
LOGICAL = ("and", "or", "xor", "not", "where")
COMPARED = ("eq", "ne", "lt", "le", "gt", "ge")
UNARY = frozenset({"neg", "abs", "not"})


def shapes(most: int = 3, least: int = 0, *, empty: bool = True) -> st.SearchStrategy[Any]:
    extents = EXTENTS if empty else EXTENTS[1:]
    return st.lists(st.sampled_from(extents), min_size=least, max_size=most).map(tuple)


@dataclass
class Builder:
    """Draws kernels of one program; makes the buffers that they need."""

    draw: Draw
    program: Program = field(default_factory=Program)
    ready: list[Buffer] = field(default_factory=list)  # what may be read
    made: int = 0

    def new(self, dtype: DType, size: int, kind: str) -> Buffer:
        buffer = Buffer(f"{kind[0]}{self.made}", dtype, size, kind)
        self.made += 1
        if kind in ("input", "state"):
            {"input": self.program.inputs, "state": self.program.states}[kind].append(buffer)
            self.ready.append(buffer)
        return buffer

    def source(self, dtype: DType, size: int) -> Buffer:
        """Return a buffer of at least a size: one that exists, or a new input."""
        found = [b for b in self.ready if b.dtype is dtype and b.size >= size]
        if found and self.draw(st.booleans()):
            return self.draw(st.sampled_from(found))
        kind = self.draw(st.sampled_from(("input", "input", "state")))
        return self.new(dtype, size + self.draw(st.sampled_from((0, 0, 3))), kind)

    # --- places ----------------------------------------------------------------------------

    def dense(self, loops: tuple[int, ...], summed: frozenset[int] = frozenset()) -> Place:
        """Return a place that no two indices share, in any order of the loops."""
        coefs, step = [0] * len(loops), self.draw(st.sampled_from((1, 1, 1, 2)))
        natural = list(reversed(range(len(loops))))
        order = natural if self.draw(st.booleans()) else self.draw(st.permutations(natural))
        for k in order:
            if k not in summed:
                coefs[k] = step
                step *= max(loops[k], 1)
        return Place(self.draw(st.sampled_from((0, 0, 2))), tuple(coefs))

    def anywhere(self, loops: tuple[int, ...], summed: frozenset[int] = frozenset()) -> Place:
        """Return a place of a read: a dense one, or with other coefficients; never negative."""
        if self.draw(st.booleans()):
            return self.dense(loops, summed)
        choices = st.sampled_from((0, 1, 1, 2, 3, -1))
        coefs = tuple([0 if k in summed else self.draw(choices) for k in range(len(loops))])
        low, _ = reach(Place(0, coefs), tuple([max(n, 1) for n in loops]))
        return Place(-low + self.draw(st.sampled_from((0, 1))), coefs)

    def size(self, place: Place, loops: tuple[int, ...]) -> int:
        return 0 if 0 in loops else reach(place, loops)[1] + 1

    def target(self, dtype: DType, loops: tuple[int, ...], summed: frozenset[int]) -> Store:
        """Return a store to a new buffer, its value still to come."""
        place = self.dense(loops, summed)
        kind = self.draw(st.sampled_from(("temp", "output", "state")))
        left = tuple([1 if k in summed else n for k, n in enumerate(loops)])
        buffer = self.new(dtype, self.size(place, left), kind)
        if kind == "state":  # what this kernel stores is not for itself to read
            self.ready.remove(buffer)
        return Store(buffer, place, ir.const(0, dtype))

    # --- formulas --------------------------------------------------------------------------

    def leaf(self, dtype: DType, loops: tuple[int, ...], summed: frozenset[int]) -> Expr:
        what = self.draw(st.sampled_from(("read", "read", "guarded", "const", "index", "gather")))
        if what == "const":
            return self.const(dtype)
        if what == "index" and dtype is dtypes.int64:
            return ir.index(self.anywhere(loops, summed))
        if what == "guarded":
            return self.guarded(dtype, loops, summed)
        if what == "gather":
            return self.gathered(dtype, loops, summed)
        place = self.anywhere(loops, summed)
        return ir.read(self.source(dtype, self.size(place, loops)), place)

    def const(self, dtype: DType) -> Expr:
        if dtype is dtypes.bool:
            return ir.const(self.draw(st.booleans()), dtype)
        number = self.draw(st.integers(0 if dtype.kind == "uint" else -32, 32))
        return ir.const(number / 8 if dtype.is_floating else number, dtype)

    def guarded(self, dtype: DType, loops: tuple[int, ...], summed: frozenset[int]) -> Expr:
        """Return a read of an array with a border of zeros."""
        free = [k for k in range(len(loops)) if k not in summed]
        coefs = [0] * len(loops)
        guards, size = [], 1
        for k in free:
            pad, step = self.draw(st.integers(0, 2)), self.draw(st.sampled_from((1, 1, 2, -1)))
            length = self.draw(st.integers(1, 7))
            unit = tuple([step * (j == k) for j in range(len(loops))])
            guards.append(Guard(Place(-pad if step > 0 else loops[k] + pad, unit), length))
            coefs[k] = size
            size *= length
        offset = sum(coefs[k] * g.place.offset for k, g in zip(free, guards, strict=True))
        slope = tuple([coefs[k] * sum(g.place.coefs[k] for g in guards) for k in range(len(loops))])
        return ir.read(self.source(dtype, size), Place(offset, slope), tuple(guards))

    def gathered(self, dtype: DType, loops: tuple[int, ...], summed: frozenset[int]) -> Expr:
        index, length = self.position(loops, summed)
        step, place = self.draw(st.integers(1, 3)), self.anywhere(loops, summed)
        size = self.size(place, loops) + step * (length - 1)
        return ir.gather(self.source(dtype, size), place, [index], [step])

    def position(self, loops: tuple[int, ...], summed: frozenset[int]) -> tuple[Expr, int]:
        """Return an integer from 0 to below a length, and that length."""
        dtype, length = self.draw(st.sampled_from(INTEGERS)), self.draw(st.integers(1, 7))
        place = self.anywhere(loops, summed)
        number = ir.read(self.source(dtype, self.size(place, loops)), place)
        return ir.make("mod", dtype, (number, ir.const(length, dtype))), length

    def condition(self, loops: tuple[int, ...], summed: frozenset[int]) -> Expr:
        dtype = self.draw(st.sampled_from(DTYPES))
        args = (self.leaf(dtype, loops, summed), self.leaf(dtype, loops, summed))
        return ir.make(self.draw(st.sampled_from(COMPARED)), dtypes.bool, args)

    def value(
        self, dtype: DType, loops: tuple[int, ...], depth: int, accs: tuple[Expr, ...] = (),
        summed: frozenset[int] = frozenset(),
    ) -> Expr:  # fmt: skip
        """Return a formula; with accumulators, one that mostly uses them."""
        mine = [a for a in accs if a.dtype is dtype]
        if mine and (depth == 0 or self.draw(st.booleans())):
            return self.draw(st.sampled_from(mine))
        if depth == 0:
            return self.leaf(dtype, loops, summed)
        how = self.draw(st.sampled_from(("function", "function", "leaf", "other")))
        if how == "leaf":
            return self.leaf(dtype, loops, summed)
        if how == "other":
            return self.other(dtype, loops, summed)
        names = SMOOTH if dtype.is_floating else LOGICAL if dtype is dtypes.bool else WHOLE
        name = self.draw(st.sampled_from(names))
        count = 1 if name in UNARY else 2
        args = [self.value(dtype, loops, depth - 1, accs, summed) for _ in range(count)]
        chosen = [self.condition(loops, summed)] if name == "where" else []
        return ir.make(name, dtype, (*chosen, *args))

    def other(self, dtype: DType, loops: tuple[int, ...], summed: frozenset[int]) -> Expr:
        """Return a cast, a comparison, a curved function or a quotient, of leaves."""
        if dtype is dtypes.bool:
            return self.condition(loops, summed)
        sources = [d for d in DTYPES if not (dtype.kind == "uint" and d.is_floating)]
        source = self.draw(st.sampled_from(sources))
        if not dtype.is_floating or self.draw(st.booleans()):
            return ir.cast(self.leaf(source, loops, summed), dtype)
        leaves = [self.leaf(dtype, loops, summed) for _ in range(2)]
        if self.draw(st.booleans()):
            return ir.make("div", dtype, tuple(leaves))
        return ir.make(self.draw(st.sampled_from(CURVED)), dtype, (leaves[0],))

    # --- kernels ---------------------------------------------------------------------------

    def stores(
        self, loops: tuple[int, ...], accs: tuple[Expr, ...] = (),
        summed: frozenset[int] = frozenset(),
    ) -> list[Store]:  # fmt: skip
        wanted = [a.dtype for a in accs]
        wanted += self.draw(st.lists(st.sampled_from(DTYPES), min_size=not wanted, max_size=2))
        left = tuple([1 if k in summed else n for k, n in enumerate(loops)])
        stores = [self.target(dtype, loops, summed) for dtype in wanted]
        for store in stores:
            store.value = self.value(store.buffer.dtype, left, 2, accs, summed)
            if store.buffer.kind == "state" and self.draw(st.booleans()):  # updated in place
                old = ir.read(store.buffer, store.place)
                name = "or" if old.dtype is dtypes.bool else "add"
                store.value = ir.make(name, old.dtype, (old, store.value))
        return stores

    def map(self) -> Map:
        loops = self.draw(shapes())
        return Map(loops, self.stores(loops))

    def fill(self) -> Fill:
        dtype = self.draw(st.sampled_from(DTYPES))
        boxes = []
        for _ in range(self.draw(st.integers(1, 2))):
            loops = self.draw(shapes())
            store = self.target(dtype, loops, frozenset())
            boxes.append((loops, store.buffer, store.place))
        return Fill(boxes, self.const(dtype).payload)

    def reduce(self) -> Reduce:
        kept, reduced = self.draw(shapes(2)), self.draw(shapes(2))
        loops = kept + reduced
        terms = []
        for _ in range(self.draw(st.integers(1, 3))):
            terms.append(self.term(loops, 0 in reduced))
        accs = tuple(
            ir.acc(k, accumulated_dtype(t.reducer, t.value.dtype)) for k, t in enumerate(terms)
        )
        return Reduce(kept, reduced, terms, self.stores(loops, accs, self.after(kept, loops)))

    def after(self, kept: tuple[int, ...], loops: tuple[int, ...]) -> frozenset[int]:
        return frozenset(range(len(kept), len(loops)))

    def term(self, loops: tuple[int, ...], empty: bool) -> Term:
        dtype = self.draw(st.sampled_from(DTYPES))
        if dtype is dtypes.bool:
            reducer = self.draw(st.sampled_from(("any", "all")))
            return Term(reducer, self.value(dtype, loops, 1))
        names = ("sum", "sum", "max", "min", "prod", *(() if empty else ("argmax", "argmin")))
        reducer = self.draw(st.sampled_from(names))
        exact = reducer in ("prod", "argmax", "argmin")
        return Term(reducer, self.value(dtype, loops, 0 if exact else 2))

    def contract(self) -> Contract:
        loops = self.draw(shapes(4, 1))
        roles = "".join(self.draw(st.sampled_from("bmnkk")) for _ in loops)
        dtype = self.draw(st.sampled_from(FLOATS))
        factors = []
        for absent in "nm":
            place = self.anywhere(loops, frozenset(k for k, r in enumerate(roles) if r == absent))
            factors.append(ir.read(self.source(dtype, self.size(place, loops)), place))
        summed = frozenset(k for k, role in enumerate(roles) if role == "k")
        stores = self.stores(loops, (ir.acc(0, dtype),), summed)
        return Contract(loops, roles, factors[0], factors[1], stores)

    def scatter(self) -> Scatter:
        first, rest = self.draw(shapes(2)), self.draw(shapes(2))
        loops = first + rest
        dtype = self.draw(st.sampled_from((*FLOATS, *INTEGERS)))
        (index, length), step = self.position(loops, frozenset()), self.draw(st.integers(1, 2))
        room = step * (length - 1) + 1
        coefs = [room * math.prod(first[k + 1 :]) for k in range(len(first))]
        place = Place(0, tuple(coefs) + (0,) * len(rest))
        buffer = self.new(dtype, room * math.prod(first), "state")
        self.ready.remove(buffer)
        value = self.value(dtype, loops, 1)
        return Scatter(loops, len(first), buffer, place, [index], (step,), value)

    def add(self, kernel: Kernel) -> None:
        self.program.kernels.append(kernel)
        for buffer in writes_of(kernel):
            if buffer.kind == "output":
                self.program.outputs.append(Array(buffer, (buffer.size,), (1,)))
        fresh = [b for b in writes_of(kernel) if b not in self.ready]
        self.ready += [b for b in fresh if not _unbounded(b, kernel)]


def _unbounded(buffer: Buffer, kernel: Kernel) -> bool:
    """Whether a buffer holds computed floats: reading them as if they were exact is not tame."""
    return buffer.dtype.is_floating and not isinstance(kernel, Fill)


@st.composite
def programs(draw: Draw, kinds: tuple[str, ...] = KINDS, kernels: int = 3) -> Program:
    """Draw a valid program of up to a number of kernels of some kinds."""
    builder = Builder(draw)
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=kernels)):
        builder.add(getattr(builder, kind)())
    return builder.program


def all_buffers(program: Program) -> list[Buffer]:
    found = [*program.inputs, *program.states]
    for kernel in program.kernels:
        found += [*reads_of(kernel), *writes_of(kernel)]
    return list(dict.fromkeys(found))


def data(program: Program, seed: int = 0) -> dict[Buffer, np.ndarray[Any, Any]]:
    """Return arrays for a program's buffers: inputs and states are data, the others rubbish."""
    random = np.random.default_rng(seed)
    return {b: _values(random, b) for b in all_buffers(program)}


def _values(random: np.random.Generator, buffer: Buffer) -> np.ndarray[Any, Any]:
    kind = buffer.dtype.kind
    low, high = {"bool": (0, 2), "uint": (0, 33), "int": (-32, 33), "float": (-32, 33)}[kind]
    numbers = random.integers(low, high, buffer.size)
    values = numbers / 8 if kind == "float" else numbers
    return dtypes.encode(values.astype(buffer.dtype.compute), buffer.dtype)
