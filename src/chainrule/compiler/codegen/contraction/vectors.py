"""Vectors of the accumulators' type, loaded from operands of any floating type."""

from __future__ import annotations

from collections.abc import Sequence

from ....dtypes import DType
from ..lanes import Lanes, memory_type, register_type
from ..writer import Int, Writer
from .plan import Plan


class Vectors:
    """Loads and arithmetic on vectors of a plan's width."""

    def __init__(self, writer: Writer, plan: Plan) -> None:
        self.writer, self.width = writer, plan.width
        self.element = register_type(plan.compute)
        self.itemsize = plan.compute.itemsize
        self._lanes, self._one = Lanes(writer, (), -1, plan.width), Lanes(writer, (), -1, 1)
        self.type = self._lanes.vector(self.element)

    def zero(self) -> str:
        """Return a vector of zeros."""
        zero = "0x0000000000000000"
        return self._lanes.listed(self.element, [zero] * self.width)

    def load(self, dtype: DType, pointer: str, step: int, mask: str | None = None) -> str:
        """Load ``width`` elements that lie ``step`` apart."""
        if step == 0 and self.width > 1:
            return self._lanes.splat(self._scalar(dtype, pointer), self.element)
        element = memory_type(dtype)
        value = self._lanes.load(pointer, step, element, dtype.itemsize, mask)
        return self._lanes.widened(value, dtype)

    def broadcast(self, dtype: DType, pointer: str) -> str:
        """Load one element into every lane."""
        return self.load(dtype, pointer, 0)

    def load_own(self, pointer: str) -> str:
        """Load a vector that ``store_own`` wrote."""
        return self.writer.let(f"load {self.type}, ptr {pointer}, align {self._align()}")

    def store_own(self, value: str, pointer: str) -> None:
        """Store a vector to memory of the kernel's own, which is aligned."""
        self.writer.do(f"store {self.type} {value}, ptr {pointer}, align {self._align()}")

    def multiply_add(self, a: str, b: str, c: str) -> str:
        """Return a * b + c, fused where the target can."""
        t = self.type
        name = f"llvm.fmuladd.{self._lanes.suffix(self.element)}"
        return self.writer.call(t, name, (t, a), (t, b), (t, c))

    def mask(self, count: int) -> str:
        """Return which lanes exist of a vector that has only the first so many."""
        return self._lanes.listed("i1", [str(int(k < count)) for k in range(self.width)])

    def transposed(self, rows: Sequence[str]) -> list[str]:
        """Return the columns of ``width`` vectors.

        First inside of every 16 bytes, then those as wholes: steps that a processor does without
        a register of indices, which the micro-kernel would lack.
        """
        part = min(self.width, 16 // self.itemsize)
        groups = [self._turned(rows[g : g + part]) for g in range(0, self.width, part)]
        columns = [self._gathered([group[c] for group in groups], part) for c in range(part)]
        return [column[k] for k in range(self.width // part) for column in columns]

    def _turned(self, rows: Sequence[str]) -> list[str]:
        """Transpose squares of as many elements as there are rows, along the vectors."""
        values, half, part = list(rows), len(rows) // 2, len(rows)
        firsts = range(0, self.width, part)
        low = [f + at for f in firsts for k in range(half) for at in (k, k + self.width)]
        high = [at + half for at in low]
        for _ in range(half.bit_length()):
            pairs = zip(values[:half], values[half:], strict=True)
            values = [self._shuffled(x, y, order) for x, y in pairs for order in (low, high)]
        return values

    def _gathered(self, vectors: Sequence[str], part: int) -> list[str]:
        """Return, for each place of a part, the parts that vectors have there, side by side."""
        if len(vectors) == 1:
            return list(vectors)
        starts = [f + at for f in (0, self.width) for at in range(0, self.width, 2 * part)]
        even = [at + n for at in starts for n in range(part)]
        odd = [at + part for at in even]
        pairs = list(zip(vectors[::2], vectors[1::2], strict=True))
        halves = [
            self._gathered([self._shuffled(x, y, order) for x, y in pairs], part)
            for order in (even, odd)
        ]
        return [value for pair in zip(*halves, strict=True) for value in pair]

    def address(self, element: str, pointer: str, offset: Int) -> str:
        """Return the address ``offset`` elements further."""
        if offset == 0:
            return pointer
        return self.writer.let(f"getelementptr {element}, ptr {pointer}, i64 {offset}")

    def _shuffled(self, x: str, y: str, order: Sequence[int]) -> str:
        listed = ", ".join(f"i32 {at}" for at in order)
        t = self.type
        return self.writer.let(f"shufflevector {t} {x}, {t} {y}, <{self.width} x i32> <{listed}>")

    def _scalar(self, dtype: DType, pointer: str) -> str:
        element = memory_type(dtype)
        value = self.writer.let(f"load {element}, ptr {pointer}, align {dtype.itemsize}")
        return self._one.widened(value, dtype)

    def _align(self) -> int:
        return min(64, self.width * self.itemsize)
