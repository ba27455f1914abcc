"""The form of a kernel: what is left of it when its buffers have no names and begin at 0.

Kernels of one form have one code, which is generated once: layers of equal shape, and the blocks of
a layer. Formulas are interned, so that comparing forms compares objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from ...dtypes import DType
from ..ir.expr import Buffer, Expr, Place, make, walk
from ..ir.kernels import Contract, Fill, Kernel, Map, Reduce, Scatter, Store, Term


class Form:
    """A kernel on placeholders, and which buffers they stand for from which element on."""

    def __init__(self, kernel: Kernel) -> None:
        self.buffers: list[Buffer] = []
        self.starts: list[int] = []
        self._numbers: dict[int, int] = {}
        self.kernel = self._placed(kernel)
        self._key = _key(self.kernel)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Form) and self._key == other._key

    def real(self, placeholder: Buffer, offset: int) -> tuple[Buffer, int]:
        """Return the buffer that a placeholder stands for, and an offset in bytes in it."""
        number = int(placeholder.name)
        buffer = self.buffers[number]
        return buffer, offset + self.starts[number] * buffer.dtype.itemsize

    # --- placing ---------------------------------------------------------------------------

    def _placed(self, kernel: Kernel) -> Kernel:
        match kernel:
            case Map():
                return Map(kernel.loops, self._stores(kernel.stores))
            case Fill():
                boxes = [(loops, *self._place(b, p)) for loops, b, p in kernel.boxes]
                return Fill(boxes, kernel.value)
            case Reduce():
                stores = self._stores(kernel.stores)
                values = self._formulas([t.value for t in kernel.terms])
                terms = [Term(t.reducer, v) for t, v in zip(kernel.terms, values, strict=True)]
                return Reduce(kernel.kept, kernel.reduced, terms, stores)
            case Contract():
                stores = self._stores(kernel.stores)
                a, b = self._formulas([kernel.a, kernel.b])
                return Contract(kernel.loops, kernel.roles, a, b, stores)
            case Scatter():
                buffer, place = self._place(kernel.buffer, kernel.place)
                *indices, value = self._formulas([*kernel.indices, kernel.value])
                return Scatter(
                    kernel.loops, kernel.parallel, buffer, place, indices, kernel.steps, value
                )
            case _:
                raise AssertionError("a call has no form")

    def _stores(self, stores: Sequence[Store]) -> list[Store]:
        places = [self._place(s.buffer, s.place) for s in stores]
        values = self._formulas([s.value for s in stores])
        return [Store(b, p, v) for (b, p), v in zip(places, values, strict=True)]

    def _place(self, buffer: Buffer, place: Place) -> tuple[Buffer, Place]:
        """Return a buffer's placeholder; what is met first of a buffer is its element 0."""
        number = self._numbers.setdefault(id(buffer), len(self.buffers))
        if number == len(self.buffers):
            self.buffers.append(buffer)
            self.starts.append(place.offset)
        stand_in = _placeholder(number, buffer.dtype, buffer.size)
        return stand_in, place.shifted(-self.starts[number])

    def _formulas(self, roots: Sequence[Expr]) -> list[Expr]:
        new: dict[Expr, Expr] = {}
        for node in walk(roots):
            payload = node.payload
            if node.kind in ("read", "gather"):
                payload = (*self._place(payload[0], payload[1]), payload[2])
            args = tuple([new[a] for a in node.args])
            new[node] = make(node.kind, node.dtype, args, payload)
        return [new[root] for root in roots]


@cache
def _placeholder(number: int, dtype: DType, size: int) -> Buffer:
    return Buffer(str(number), dtype, size)


def _key(kernel: Kernel) -> tuple[Any, ...]:
    """Return what two kernels on placeholders share if they are equal."""
    match kernel:
        case Map():
            return ("map", kernel.loops, _stored(kernel.stores))
        case Fill():
            return ("fill", tuple(kernel.boxes), repr(kernel.value))
        case Reduce():
            terms = tuple([(t.reducer, t.value) for t in kernel.terms])
            return ("reduce", kernel.kept, kernel.reduced, terms, _stored(kernel.stores))
        case Contract():
            parts = (kernel.a, kernel.b, _stored(kernel.stores))
            return ("contract", kernel.loops, kernel.roles, *parts)
        case Scatter():
            to = (kernel.buffer, kernel.place, tuple(kernel.indices), kernel.steps, kernel.value)
            return ("scatter", kernel.loops, kernel.parallel, *to)
        case _:
            raise AssertionError("a call has no form")


def _stored(stores: Sequence[Store]) -> tuple[Any, ...]:
    return tuple([(s.buffer, s.place, s.value) for s in stores])
