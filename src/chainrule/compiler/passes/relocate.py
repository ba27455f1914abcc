"""Moving a temporary array: to another layout, or into a part of another buffer.

An array of known axes (lengths and strides) is found again in every place that touches it: a
place's coefficients and offset are numbers whose digits, in the mixed radix of the strides, say how
it moves along each axis. Where the digits are not unique, nothing is moved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..ir.expr import Buffer, Expr, Place, Shape, make, rebuild, walk
from ..ir.kernels import Array, Call, Contract, Fill, Kernel, Map, Reduce, Scatter, Store
from ..ir.program import values_of


@dataclass(frozen=True)
class Axes:
    """The axes of an array that fills its buffer: lengths above 1, and strides, largest first."""

    lengths: Shape
    strides: tuple[int, ...]

    def digits(self, number: int) -> list[int]:
        """Return how far an offset (or a coefficient of either sign) moves along each axis."""
        sign, rest, result = (-1 if number < 0 else 1), abs(number), []
        for stride in self.strides:
            digit, rest = divmod(rest, stride)
            result.append(sign * digit)
        return result


def axes_of(place: Place, loops: Shape, size: int) -> Axes | None:
    """Return the axes of an array of ``size`` elements that a place walks, each element once."""
    moves = sorted(
        ((c, n) for c, n in zip(place.coefs, loops, strict=True) if n != 1), reverse=True
    )
    step = 1
    for coef, length in reversed(moves):
        if coef != step:
            return None
        step *= length
    if step != size or place.offset != 0:
        return None
    return Axes(tuple([n for _, n in moves]), tuple([c for c, _ in moves]))


class Relocation:
    """An array's new home: for each of its axes a stride in the new buffer."""

    def __init__(self, old: Buffer, axes: Axes, new: Buffer, offset: int, strides: Sequence[int]):
        self.old, self.axes, self.new = old, axes, new
        self.offset, self.strides = offset, tuple(strides)

    def place(self, place: Place, loops: Shape) -> Place | None:
        """Return where a place has gone; None if it does not follow the axes."""
        start = self.axes.digits(place.offset)
        if place.offset < 0:
            return None
        moves = [
            self.axes.digits(c) if n != 1 else [] for c, n in zip(place.coefs, loops, strict=True)
        ]
        for axis, length in enumerate(self.axes.lengths):
            least = most = start[axis]
            for digits, n in zip(moves, loops, strict=True):
                if digits:
                    least += min(0, digits[axis]) * (n - 1)
                    most += max(0, digits[axis]) * (n - 1)
            if least < 0 or most >= length:
                return None
        coefs = [self._moved(digits) for digits in moves]
        return Place(self.offset + self._moved(start), tuple(coefs))

    def _moved(self, digits: Sequence[int]) -> int:
        return sum(d * s for d, s in zip(digits, self.strides, strict=True)) if digits else 0

    def array(self, array: Array) -> Array | None:
        """Return where an array of a call has gone."""
        if array.buffer is not self.old:
            return array
        found = self.place(Place(array.offset, array.strides), array.shape)
        return None if found is None else Array(self.new, array.shape, found.coefs, found.offset)


def relocate(kernels: Sequence[Kernel], move: Relocation) -> bool:
    """Change every access to an array; nothing is changed if one cannot be."""
    changes: list[Callable[[], None]] = []
    for kernel in kernels:
        change = _changed(kernel, move)
        if change is None:
            return False
        changes.append(change)
    for change in changes:
        change()
    return True


def _nothing() -> None:
    pass


def _changed(kernel: Kernel, move: Relocation) -> Callable[[], None] | None:
    """Return what makes a kernel use the array's new place; None if it cannot."""
    if isinstance(kernel, Call):
        return _changed_call(kernel, move)
    if isinstance(kernel, Fill):
        return None if any(b is move.old for _, b, _ in kernel.boxes) else _nothing
    if isinstance(kernel, Scatter) and kernel.buffer is move.old:
        return None
    values = values_of(kernel)
    if not _readable(values, move, kernel.loops):
        return None
    stores = [] if isinstance(kernel, Scatter) else kernel.stores
    targets: list[Place] = []
    for store in stores:
        found = move.place(store.place, kernel.loops) if store.buffer is move.old else store.place
        if found is None:
            return None
        targets.append(found)
    loops = kernel.loops

    def change() -> None:
        replace(kernel, lambda exprs: _moved_reads(exprs, move, loops))
        for store, place in zip(stores, targets, strict=True):
            if store.buffer is move.old:
                store.buffer, store.place = move.new, place

    return change


def _changed_call(kernel: Call, move: Relocation) -> Callable[[], None] | None:
    inputs = [move.array(a) for a in kernel.inputs]
    outputs = [move.array(a) for a in kernel.outputs]
    if any(a is None for a in [*inputs, *outputs]):
        return None

    def change() -> None:
        kernel.inputs = [a for a in inputs if a is not None]
        kernel.outputs = [a for a in outputs if a is not None]

    return change


def _readable(values: Sequence[Expr], move: Relocation, loops: Shape) -> bool:
    for node in walk(values):
        if node.kind == "gather" and node.payload[0] is move.old:
            return False
        if node.kind == "read" and node.payload[0] is move.old:
            guarded = bool(node.payload[2])
            if guarded or move.place(node.payload[1], loops) is None:
                return False
    return True


def _moved_reads(exprs: Sequence[Expr], move: Relocation, loops: Shape) -> list[Expr]:
    def change(node: Expr) -> Expr | None:
        if node.kind != "read" or node.payload[0] is not move.old:
            return None
        place = move.place(node.payload[1], loops)
        assert place is not None
        return make("read", node.dtype, (), (move.new, place, node.payload[2]))

    return rebuild(exprs, change)


def replace(kernel: Kernel, change: Callable[[Sequence[Expr]], list[Expr]]) -> None:
    """Replace all formulas of a kernel by others, in the order of ``values_of``."""
    new = iter(change(values_of(kernel)))
    match kernel:
        case Reduce():
            for term in kernel.terms:
                term.value = next(new)
        case Contract():
            kernel.a, kernel.b = next(new), next(new)
        case Scatter():
            kernel.indices = [next(new) for _ in kernel.indices]
            kernel.value = next(new)
        case _:
            pass
    if isinstance(kernel, Map | Reduce | Contract):
        for store in kernel.stores:
            store.value = next(new)


def copied(store: Store) -> tuple[Buffer, Place] | None:
    """Return what a store copies, if it just copies one array."""
    if store.value.kind != "read" or store.value.payload[2]:
        return None
    buffer, place, _ = store.value.payload
    return buffer, place
