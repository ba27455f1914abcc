"""Reductions: vectors along a kept loop where results are neighbours, else along a reduced one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ... import dtypes
from ...dtypes import DType
from ..ir.expr import Place, acc, buffers_read, make
from ..ir.kernels import Reduce
from .axes import Axes, by_stride, places_in
from .lanes import Lanes
from .rows import RowWriter, lanes_left, tail_mask, tail_width, vector_width
from .scalars import call_function
from .target import Target
from .writer import Code, Int

_COMBINE = {
    "sum": "add",
    "prod": "mul",
    "max": "maximum",
    "min": "minimum",
    "any": "or",
    "all": "and",
}
_ACCUMULATORS = 4  # independent sums, so that additions need not wait for each other
_UNIT = 8192  # elements of a unit of work, at least


def generate_reduce(kernel: Reduce, target: Target) -> Code:
    """Return the code of a reduction."""
    writer = RowWriter(target)
    values = [t.value for t in kernel.terms] + [s.value for s in kernel.stores]
    for store in kernel.stores:
        writer.bind(store.buffer, store.place.offset)
    for buffer in buffers_read(values):
        writer.bind(buffer, 0)
    if 0 in kernel.kept:
        return writer.finish(0)
    return writer.finish(_Reduction(writer, kernel).emit())


class _Reduction:
    """Writes a reduction: loops over kept indices, in each of them loops over reduced ones."""

    def __init__(self, writer: RowWriter, kernel: Reduce) -> None:
        self.writer, self.kernel = writer, kernel
        self.terms = [_Accumulator(t.reducer, t.value.dtype) for t in kernel.terms]
        terms, stores = [t.value for t in kernel.terms], [s.value for s in kernel.stores]
        target = [s.place for s in kernel.stores]
        reads = places_in(terms)
        kept, rank = len(kernel.kept), len(kernel.loops)
        main = max(reads, key=lambda p: sum(map(bool, p.coefs)), default=Place(0, (0,) * rank))
        ordered = [*by_stride(range(kept), target[0]), *by_stride(range(kept, rank), main)]
        positions = any(t.position for t in self.terms)
        order = [*ordered[:kept], *range(kept, rank)] if positions else ordered
        places = [*target, *reads, *places_in(stores)]
        if positions:
            places.append(self._flat_position())
        axes = Axes(kernel.loops, order, places, wall=kept)
        self.kept = axes.count(range(kept))
        self.lengths = axes.lengths
        self.values = axes.values(terms)
        self.results = axes.values(stores)
        self.targets = [(s.buffer, axes.place(s.place)) for s in kernel.stores]
        self.flat = axes.place(self._flat_position())
        self.empty = 0 in kernel.reduced
        self.width = vector_width(
            [*self.values, *self.results], [b.dtype for b, _ in self.targets], writer.target
        )
        if positions:
            self.width = min(self.width, writer.target.lanes(8))

    def _flat_position(self) -> Place:
        """Return the position in the reduced loops, row by row."""
        coefs, step = [0] * len(self.kernel.loops), 1
        for loop in reversed(range(len(self.kernel.kept), len(coefs))):
            coefs[loop] = step
            step *= self.kernel.loops[loop]
        return Place(0, tuple(coefs))

    # --- kept loops ------------------------------------------------------------------------

    def emit(self) -> int:
        """Write the kernel; return how many units it has."""
        along = self._along_kept()
        outer = self.lengths[: self.kept - 1] if along else self.lengths[: self.kept]
        tile = self._tile() if along else 1
        tiles = -(-self.lengths[self.kept - 1] // tile) if along else 1
        turns = math.prod(outer) * tiles
        work = math.prod(self.lengths) // max(1, turns) or 1
        grain = max(1, min(turns, _UNIT // work))
        units = -(-turns // grain)
        last = self.writer.mul("%stop", grain)
        if turns % grain:
            last = self.writer.least(last, turns)
        with self.writer.loop(self.writer.mul("%start", grain), last) as (turn, _):
            *indices, number = self.writer.units([*outer, tiles], turn)
            if along:
                self._kept_tile(indices, number, tile)
            else:
                self._single(indices)
        return units

    def _along_kept(self) -> bool:
        """Whether results and what they are made of lie side by side along the last kept loop."""
        lane = self.kept - 1
        if lane < 0 or self.lengths[lane] < 4:
            return False
        places = [*[p for _, p in self.targets[:1]], *places_in(self.values)]
        steps = [p.coefs[lane] for p in places]
        return all(s in (0, 1) for s in steps) and steps[0] == 1 and 1 in steps[1:]

    def _tile(self) -> int:
        """Return how many results are computed at once: several vectors in registers."""
        most = _ACCUMULATORS if len(self.terms) <= 2 else 2
        return min(most, -(-self.lengths[self.kept - 1] // self.width)) * self.width

    def _kept_tile(self, indices: Sequence[Int], number: Int, tile: int) -> None:
        """Write some vectors of neighbouring results."""
        writer, length, width = self.writer, self.lengths[self.kept - 1], self.width
        first = writer.mul(number, tile)
        masks: list[str | None] = [None] * (tile // width)
        if length % tile:
            masks = [
                lanes_left(writer, width, writer.sub(length, first), k * width)
                for k in range(len(masks))
            ]
        starts = [writer.add(first, k * width) for k in range(len(masks))]
        vectors = [
            _Vector([*indices, at], self.kept - 1, width, mask)
            for at, mask in zip(starts, masks, strict=True)
        ]
        sums = self._reduced_loops(vectors, [], self._identities(vectors))
        for k, vector in enumerate(vectors):
            self._store(vector, sums[k])

    def _single(self, indices: Sequence[Int]) -> None:
        """Write one result: vectors along the innermost reduced loop, then one of their lanes."""
        reduced = self.lengths[self.kept :]
        if self.empty or not reduced:
            vector = _Vector(list(indices), -1, 1, None)
            values = self._identities([vector])
            if not self.empty:
                values = [self._step(vector, [], values[0])]
            self._store(vector, values[0])
            return
        lane = len(self.lengths) - 1
        width = min(self.width, tail_width(self.width, reduced[-1]))
        count = max(1, min(_ACCUMULATORS // len(self.terms) or 1, reduced[-1] // width))
        vectors = [_Vector(list(indices), lane, width, None, k * width) for k in range(count)]
        sums = self._reduced_loops(vectors, [], self._identities(vectors))
        total = sums[0]
        for more in sums[1:]:
            lanes = Lanes(self.writer, (), -1, width)
            total = self._joined(lanes, total, more)
        self._store(_Vector(list(indices), -1, 1, None), self._across(total, width))

    # --- reduced loops ---------------------------------------------------------------------

    def _identities(self, vectors: Sequence[_Vector]) -> list[list[str]]:
        lanes = [Lanes(self.writer, (), -1, v.width) for v in vectors]
        return [[x for t in self.terms for x in t.identity(own, self.empty)] for own in lanes]

    def _reduced_loops(
        self, vectors: Sequence[_Vector], at: list[Int], sums: list[list[str]]
    ) -> list[list[str]]:
        """Write the loops from one depth on; return the accumulators after them."""
        lengths = self.lengths[self.kept :]
        if self.empty:
            return sums
        if len(at) == len(lengths):
            return [self._step(v, at, s) for v, s in zip(vectors, sums, strict=True)]
        length, last = lengths[len(at)], len(at) == len(lengths) - 1
        if last and vectors[0].lane == len(self.lengths) - 1:
            return self._lane_loop(vectors, at, sums)
        with self.writer.loop(0, length, 1, self._carried(vectors, sums)) as (index, carried):
            inner = self._cut(carried.values, vectors)
            carried.next = _flat(self._reduced_loops(vectors, [*at, index], inner))
        return self._cut(carried.values, vectors)

    def _lane_loop(
        self, vectors: Sequence[_Vector], at: list[Int], sums: list[list[str]]
    ) -> list[list[str]]:
        """Write the loop along which vectors lie: several at once, one at a time, then the rest."""
        length, width = self.lengths[-1], vectors[0].width
        for step in sorted({width * len(vectors), width}, reverse=True):
            start = 0 if step == width * len(vectors) else length - length % (width * len(vectors))
            stop = start + (length - start) // step * step
            used = vectors[: step // width]
            if stop > start:
                carried_in = self._carried(used, sums)
                with self.writer.loop(start, stop, step, carried_in) as (index, carried):
                    inner = self._cut(carried.values, used)
                    carried.next = _flat(
                        [
                            self._step(v, [*at, self.writer.add(index, v.shift)], s)
                            for v, s in zip(used, inner, strict=True)
                        ]
                    )
                sums = [*self._cut(carried.values, used), *sums[len(used) :]]
        rest = length % width
        if rest:
            mask = tail_mask(self.writer, width, rest)
            vector = _Vector(vectors[0].indices, vectors[0].lane, width, mask)
            sums = [self._step(vector, [*at, length - rest], sums[0]), *sums[1:]]
        return sums

    def _carried(self, vectors: Sequence[_Vector], sums: list[list[str]]) -> list[tuple[str, str]]:
        kinds = [k for v in vectors for k in self._kinds(v)]
        return list(zip(kinds, _flat(sums[: len(vectors)]), strict=True))

    def _kinds(self, vector: _Vector) -> list[str]:
        lanes = Lanes(self.writer, (), -1, vector.width)
        return [lanes.type(d) for t in self.terms for d in t.dtypes]

    def _cut(self, values: Sequence[str], vectors: Sequence[_Vector]) -> list[list[str]]:
        n = sum(len(t.dtypes) for t in self.terms)
        return [list(values[k * n : (k + 1) * n]) for k in range(len(vectors))]

    def _step(self, vector: _Vector, at: Sequence[Int], sums: Sequence[str]) -> list[str]:
        """Add one vector of values to the accumulators."""
        indices = [*vector.indices, *at]
        lanes = Lanes(self.writer, indices, vector.lane, vector.width, vector.mask)
        result, rest = [], list(sums)
        for term, value in zip(self.terms, self.values, strict=True):
            own, rest = rest[: len(term.dtypes)], rest[len(term.dtypes) :]
            new = [lanes.emit(value)]
            if term.position:
                new.append(lanes.numbers(self.flat))
            joined = term.joined(lanes, own, new)
            if vector.mask is not None and vector.lane == len(self.lengths) - 1:
                joined = [
                    self.writer.let(
                        f"select {lanes.vector('i1')} {vector.mask}, {lanes.type(d)} {a}, "
                        f"{lanes.type(d)} {b}"
                    )
                    for d, a, b in zip(term.dtypes, joined, own, strict=True)
                ]
            result += joined
        return result

    def _joined(self, lanes: Lanes, some: Sequence[str], others: Sequence[str]) -> list[str]:
        result, at = [], 0
        for term in self.terms:
            n = len(term.dtypes)
            result += term.joined(lanes, some[at : at + n], others[at : at + n])
            at += n
        return result

    def _across(self, sums: Sequence[str], width: int) -> list[str]:
        """Return what all lanes of the accumulators make together."""
        values = list(sums)
        while width > 1:
            half = width // 2
            low = [self._half(v, d, width, 0) for v, d in zip(values, self._dtypes(), strict=True)]
            high = [
                self._half(v, d, width, half) for v, d in zip(values, self._dtypes(), strict=True)
            ]
            values = self._joined(Lanes(self.writer, (), -1, half), low, high)
            width = half
        return values

    def _dtypes(self) -> list[DType]:
        return [d for t in self.terms for d in t.dtypes]

    def _half(self, value: str, dtype: DType, width: int, first: int) -> str:
        lanes, half = Lanes(self.writer, (), -1, width), width // 2
        t = lanes.type(dtype)
        if half == 1:
            return self.writer.let(f"extractelement {t} {value}, i32 {first}")
        places = ", ".join(f"i32 {first + k}" for k in range(half))
        return self.writer.let(f"shufflevector {t} {value}, {t} poison, <{half} x i32> <{places}>")

    # --- results ---------------------------------------------------------------------------

    def _store(self, vector: _Vector, sums: Sequence[str]) -> None:
        indices = [*vector.indices, *[0] * (len(self.lengths) - self.kept)]
        lanes = Lanes(self.writer, indices, vector.lane, vector.width, vector.mask)
        at = 0
        for number, term in enumerate(self.terms):
            final = sums[at + len(term.dtypes) - 1]
            lanes.preset(acc(number, term.dtypes[-1]), final)
            at += len(term.dtypes)
        results = [lanes.emit(value) for value in self.results]
        for (buffer, place), result in zip(self.targets, results, strict=True):
            lanes.store(buffer, place, result)


class _Vector:
    """Where some lanes are: indices of the kept loops, the vectorised loop, the mask."""

    def __init__(
        self, indices: list[Int], lane: int, width: int, mask: str | None, shift: int = 0
    ) -> None:
        self.indices, self.lane, self.width = indices, lane, width
        self.mask, self.shift = mask, shift


class _Accumulator:
    """How values are put together: one register, or two for the position of an extreme."""

    def __init__(self, reducer: str, dtype: DType) -> None:
        self.position = reducer.startswith("arg")
        self.reducer = reducer.removeprefix("arg")
        self.dtype = dtype
        self.dtypes = [dtype, dtypes.int64] if self.position else [dtype]

    def identity(self, lanes: Lanes, empty: bool) -> list[str]:
        """Return the registers to begin with; with nothing to reduce they are the result."""
        first = lanes.const(_identity(self.reducer, self.dtype), self.dtype)
        # A position that is behind all others, so that any element comes first.
        behind = 0 if empty else 2**62
        return [first, lanes.const(behind, dtypes.int64)] if self.position else [first]

    def joined(self, lanes: Lanes, a: Sequence[str], b: Sequence[str]) -> list[str]:
        """Return two partial results as one."""
        if not self.position:
            return [_function(lanes, _COMBINE[self.reducer], self.dtype, a[0], b[0])]
        better = _function(lanes, "gt" if self.reducer == "max" else "lt", self.dtype, b[0], a[0])
        nan = None
        if self.dtype.is_floating:
            new = _function(lanes, "isnan", self.dtype, b[0])
            old = _function(lanes, "isnan", self.dtype, a[0])
            nan = (new, old)
        return self._chosen(lanes, a, b, better, nan)

    def _chosen(
        self, lanes: Lanes, a: Sequence[str], b: Sequence[str], better: str,
        nan: tuple[str, str] | None,
    ) -> list[str]:  # fmt: skip
        """Take b where it is better, or as good and earlier."""
        t = lanes.vector("i1")
        let = lanes.writer.let
        same = _function(lanes, "eq", self.dtype, a[0], b[0])
        if nan is not None:
            new, old = nan
            both = let(f"and {t} {new}, {old}")
            same = let(f"or {t} {same}, {both}")
            fresh = let(f"and {t} {new}, {let(f'xor {t} {old}, {lanes.const(True, dtypes.bool)}')}")
            better = let(f"or {t} {better}, {fresh}")
        earlier = _function(lanes, "lt", dtypes.int64, b[1], a[1])
        take = let(f"or {t} {better}, {let(f'and {t} {same}, {earlier}')}")
        return [
            let(f"select {t} {take}, {lanes.type(d)} {y}, {lanes.type(d)} {x}")
            for d, x, y in zip(self.dtypes, a, b, strict=True)
        ]


def _function(lanes: Lanes, name: str, dtype: DType, *arguments: str) -> str:
    compared = name in ("gt", "lt", "eq", "isnan")
    inputs = tuple([acc(k, dtype) for k in range(len(arguments))])
    node = make(name, dtypes.bool if compared else dtype, inputs)
    return call_function(lanes, node, list(arguments))


def _identity(reducer: str, dtype: DType) -> float:
    match reducer:
        case "sum" | "any":
            return 0
        case "prod" | "all":
            return 1
    if dtype.is_floating:
        return -math.inf if reducer == "max" else math.inf
    if dtype is dtypes.bool:
        return int(reducer == "min")
    limits = dtypes.iinfo(dtype)
    return int(limits.min if reducer == "max" else limits.max)


def _flat(parts: Sequence[Sequence[str]]) -> list[str]:
    return [x for part in parts for x in part]
