"""The epilogue: a contraction's stores, for each vector of a tile while it is in registers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ...ir.expr import Buffer, Place, acc, moved, walk
from ...ir.kernels import Store
from ..lanes import Lanes, memory_type
from ..target import Target
from ..writer import Int, Writer
from .plan import Plan

FAR = 64  # elements between rows, from which on they share no cache lines
LARGE = 1 << 20  # bytes of an array that does not stay in the cache


class TileWriter(Writer):
    """A writer that can remember sums of places: neighbours differ by a constant only."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self._sums: dict[tuple[tuple[int, ...], tuple[Int, ...]], Int] | None = None

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Reuse what is computed inside, where every line comes after all lines before."""
        self._sums = {}
        yield
        self._sums = None

    def dot(self, offset: Int, coefs: Sequence[int], indices: Sequence[Int]) -> Int:
        """Return offset + sum(coef * index), the offset added last."""
        if self._sums is None:
            return super().dot(offset, coefs, indices)
        key = (tuple(coefs), tuple(indices))
        if key not in self._sums:
            self._sums[key] = super().dot(0, coefs, indices)
        return self.add(self._sums[key], offset)


class Epilogue:
    """Writes the stores of a kernel for vectors of sums."""

    def __init__(self, writer: TileWriter, plan: Plan, masks: Sequence[str | None]) -> None:
        self.writer, self.plan, self.masks = writer, plan, masks
        self.stores = plan.kernel.stores
        self.lines = sum(_lines(node.kind) for node in walk([s.value for s in self.stores]))

    def store(self, indices: Sequence[Int], shift: dict[int, int], sums: Sequence[str]) -> None:
        """Write one row: ``shift`` says how far some loops are beyond their indices."""
        for j, (value, mask) in enumerate(zip(sums, self.masks, strict=True)):
            lanes = Lanes(self.writer, indices, self.plan.lane, self.plan.width, mask)
            beyond = {**shift, self.plan.beside: j * self.plan.apart}
            stores = _shifted(self.stores, beyond)
            for node in walk([s.value for s in stores]):
                if node.kind == "acc":
                    lanes.preset(acc(0, node.dtype), value)
            results = lanes.emit_all([s.value for s in stores])
            for to, result in zip(stores, results, strict=True):
                lanes.store(to.buffer, to.place, result)

    def prefetch(self, indices: Sequence[Int], shifts: Sequence[dict[int, int]]) -> None:
        """Ask for what the stores of a tile will read, long before it is needed.

        A weight's update walks through memory in steps that no processor foresees.
        """
        plan, writer = self.plan, self.writer
        for buffer, place in self._far_reads():
            element = memory_type(buffer.dtype)
            for shift in shifts:
                for j in range(len(self.masks)):
                    beyond = {**shift, plan.beside: j * plan.apart}
                    here = place.shifted(sum(place.coefs[x] * n for x, n in beyond.items() if n))
                    at = writer.dot(here.offset, here.coefs, indices)
                    pointer = writer.pointer(buffer, at, element)
                    hints = [("i32", "0"), ("i32", "3"), ("i32", "1")]  # read, keep, data
                    writer.call("void", "llvm.prefetch.p0", ("ptr", pointer), *hints)

    def _far_reads(self) -> list[tuple[Buffer, Place]]:
        """Return the large arrays of which a tile reads a vector from each of many rows."""
        plan, found = self.plan, []
        rows = [loop for loop, size in plan.tile if size > 1]
        for node in walk([s.value for s in self.stores]):
            if node.kind == "read" and not node.payload[2] and plan.lane >= 0:
                buffer, place, _ = node.payload
                far = any(abs(place.coefs[x]) >= FAR for x in rows)
                if far and place.coefs[plan.lane] == 1 and buffer.nbytes >= LARGE:
                    found.append((buffer, place))
        return found


def _shifted(stores: Sequence[Store], shift: dict[int, int]) -> list[Store]:
    """Return the stores with some loops' indices further by constants."""

    def change(place: Place) -> Place:
        return place.shifted(sum(place.coefs[x] * n for x, n in shift.items() if n))

    values = moved([s.value for s in stores], change)
    return [
        Store(s.buffer, change(s.place), value) for s, value in zip(stores, values, strict=True)
    ]


def _lines(kind: str) -> int:
    """Estimate the lines that a node becomes: functions of the C library's kind are polynomials."""
    return 2 if kind in _SHORT else 40


_SHORT = frozenset(
    [
        "read",
        "index",
        "inside",
        "const",
        "acc",
        "cast",
        "add",
        "sub",
        "mul",
        "div",
        "neg",
        "abs",
        "maximum",
        "minimum",
        "sqrt",
        "sign",
        "where",
        "and",
        "or",
        "not",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "floor",
        "ceil",
        "round",
        "trunc",
    ]
)
