"""Values: what a node is before anything is stored, a formula for each element.

Movement changes the places in the formula and nothing else. A value may come in *pieces*: along an
axis with step s, element s*q + r has a formula of its own for each remainder r, written in q. So an
array that was spread out with zeros between (the gradient of a strided slice) stays a formula.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ...dtypes import DType
from ..ir.expr import Expr, Guard, Place, Shape, make, moved, read, rebuild
from ..ir.kernels import Array

Residues = tuple[int, ...]


@dataclass(frozen=True)
class Value:
    """An array as formulas over its axes: one, or one for each combination of remainders."""

    shape: Shape
    pieces: dict[Residues, Expr]
    steps: tuple[int, ...]

    @property
    def whole(self) -> bool:
        """Whether there is one formula for all elements."""
        return len(self.pieces) == 1

    @property
    def expr(self) -> Expr:
        """The formula of a whole value."""
        (expr,) = self.pieces.values()
        return expr

    @property
    def dtype(self) -> DType:
        """The data type of the elements."""
        return next(iter(self.pieces.values())).dtype

    @property
    def size(self) -> int:
        """How many elements it has."""
        return math.prod(self.shape)

    @property
    def array(self) -> Array | None:
        """The array in memory that the value just reads, if it does nothing else."""
        if not self.whole or self.expr.kind != "read":
            return None
        buffer, place, guards = self.expr.payload
        return None if guards else Array(buffer, self.shape, place.coefs, place.offset)

    def change(self, shape: Shape, change: Callable[[Place], Place]) -> Value:
        """Return a whole value whose places are changed to those over other axes."""
        return whole(shape, moved([self.expr], change)[0])


def whole(shape: Shape, expr: Expr) -> Value:
    """Return the value with one formula for all elements."""
    ones = (1,) * len(shape)
    return Value(shape, {(0,) * len(shape): expr}, ones)


def of_array(array: Array) -> Value:
    """Return the value that reads an array; along axes of length 1 no place moves."""
    pairs = zip(array.shape, array.strides, strict=True)
    place = Place(array.offset, tuple([0 if n == 1 else s for n, s in pairs]))
    return whole(array.shape, read(array.buffer, place))


def row_major(shape: Shape) -> tuple[int, ...]:
    """Return the strides of a dense array whose last axis is contiguous."""
    return strides_of(shape, range(len(shape)))


def strides_of(shape: Shape, order: Sequence[int]) -> tuple[int, ...]:
    """Return the strides of a dense array whose axes lie in this order, slowest first."""
    strides, step = [0] * len(shape), 1
    for axis in reversed(order):
        strides[axis] = step
        step *= shape[axis]
    return tuple(strides)


def is_row_major(array: Array) -> bool:
    """Whether an array lies in memory as NumPy's default, with nothing around it."""
    dense = row_major(array.shape)
    same = all(n == 1 or s == d for n, s, d in zip(array.shape, array.strides, dense, strict=True))
    return same and array.offset == 0 and array.buffer.size == math.prod(array.shape)


# --- pieces ----------------------------------------------------------------------------------


def refined(value: Value, steps: tuple[int, ...]) -> dict[Residues, Expr]:
    """Return the formulas of a value for finer steps: multiples of its own."""
    result = {}
    for residues in itertools.product(*map(range, steps)):
        own = tuple(r % s for r, s in zip(residues, value.steps, strict=True))
        factors = [n // s for n, s in zip(steps, value.steps, strict=True)]
        first = [(r - o) // s for r, o, s in zip(residues, own, value.steps, strict=True)]

        def change(place: Place, factors: list[int] = factors, first: list[int] = first) -> Place:
            more = sum(c * f for c, f in zip(place.coefs, first, strict=True))
            coefs = [c * f for c, f in zip(place.coefs, factors, strict=True)]
            return Place(place.offset + more, tuple(coefs))

        result[residues] = moved([value.pieces[own]], change)[0]
    return result


def common_steps(values: Sequence[Value]) -> tuple[int, ...]:
    """Return the coarsest steps that all values' formulas can be written in."""
    return tuple([math.lcm(*steps) for steps in zip(*[v.steps for v in values], strict=True)])


def boxes(shape: Shape, steps: tuple[int, ...]) -> Iterator[tuple[Shape, Shape, list[Residues]]]:
    """Cut an array into boxes of quotients: first quotients, extents, the remainders inside.

    All remainders share the box of whole steps; the rest of each axis has only the first ones.
    """
    segments = []
    for n, s in zip(shape, steps, strict=True):
        parts = [(0, n // s, range(s)), (n // s, 1, range(n % s))]
        segments.append([p for p in parts if p[1] and len(p[2])])
    for choice in itertools.product(*segments):
        residues = list(itertools.product(*[c[2] for c in choice]))
        yield tuple([c[0] for c in choice]), tuple([c[1] for c in choice]), residues


# --- conditions ------------------------------------------------------------------------------


def guard_reads(expr: Expr, guards: tuple[Guard, ...]) -> Expr:
    """Return the formula with guards on every read, so that it may be evaluated outside of them."""

    def change(node: Expr) -> Expr | None:
        if node.kind != "read":
            return None
        buffer, place, own = node.payload
        more = tuple([g for g in guards if g not in own])
        return make("read", node.dtype, (), (buffer, place, own + more))

    return rebuild([expr], change)[0]
