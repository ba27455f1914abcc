"""An interpreter of index notation, in NumPy: slow, plain, and strict about bounds.

Every loop is one axis of a grid, and expressions are evaluated on the whole grid at once. It is
what tests compare kernels with, and what shows that a line of notation means what it says.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ... import dtypes
from ...dtypes import Array, DType
from ...errors import BoundsError
from ...graph import Shape
from .parser import parse
from .records import (
    Binary,
    Call,
    Choice,
    Expression,
    Loops,
    Notation,
    Number,
    Read,
    Reduce,
    Unary,
    Variable,
)
from .scalars import NUMPY_SCALARS

_INFIX: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "//": operator.floordiv, "%": operator.mod, "&": operator.and_, "|": operator.or_,
    "^": operator.xor, "<<": operator.lshift, ">>": operator.rshift, "==": operator.eq,
    "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_PREFIX: dict[str, Callable[[Any], Any]] = {
    "-": operator.neg, "~": operator.invert, "not ": np.logical_not,
}  # fmt: skip
_REDUCERS: dict[str, Any] = {
    "sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min, "any": np.any, "all": np.all,
}  # fmt: skip


def interpret(
    notation: Notation | str, arrays: Mapping[str, Array], shape: Shape, dtype: DType
) -> Array:
    """Compute what notation says: out, of the given shape and data type.

    Raises BoundsError where an array is read or written outside of its bounds.

    >>> x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], np.float32)
    >>> interpret("out[i0] = sum(k0 < 3)(x[i0, k0])", {"x": x}, (2,), dtypes.float32).tolist()
    [6.0, 15.0]
    """
    tree = parse(notation) if isinstance(notation, str) else notation
    written = _written(tree, shape) if tree.loops is None else tree.loops
    rank = len(written) + _depth(tree.value)
    scope = Scope(arrays, rank, {}, np.ones((1,) * rank, np.bool_)).inside(written)
    out: Array = np.zeros(shape, dtype.compute)
    sizes = tuple(n for _, n in written)
    with np.errstate(all="ignore"):
        value = np.broadcast_to(scope.value(tree.value), sizes + (1,) * (rank - len(sizes)))
    if tree.loops is None:
        out[...] = value.reshape(shape).astype(dtype.compute)
        return out
    places = scope.places("out", tree.target, shape)
    if value.size:
        np.add.at(out, tuple(np.broadcast_to(p, value.shape) for p in places), value)
    return out


def _written(tree: Notation, shape: Shape) -> Loops:
    """Return the loops over out; an axis of length 1 may be written at 0, without a name."""
    names = [
        place.name if isinstance(place, Variable) else f"(axis {k})"
        for k, place in enumerate(tree.target)
    ]
    return tuple(zip(names, shape, strict=True))


def _depth(node: Expression) -> int:
    """Return how many axes the loops of nested reductions need."""
    own = len(node.loops) if isinstance(node, Reduce) else 0
    return own + max(map(_depth, node.parts()), default=0)


@dataclass(frozen=True)
class Scope:
    """What expressions see: arrays, the loops' names as index arrays, and where on the grid.

    All index arrays have ``rank`` axes, of length 1 but for the loop's own. ``where`` is true at
    the points of the grid at which the expression is evaluated.
    """

    arrays: Mapping[str, Array]
    rank: int
    names: Mapping[str, Array]
    where: Array

    def inside(self, loops: Loops) -> Scope:
        """Return the scope inside of loops: each takes the next free axis."""
        names = dict(self.names)
        for axis, (name, length) in enumerate(loops, start=len(names)):
            shape = [length if k == axis else 1 for k in range(self.rank)]
            names[name] = np.arange(length).reshape(shape)
        return Scope(self.arrays, self.rank, names, self.where)

    def under(self, condition: Any) -> Scope:
        """Return the scope in which a condition holds."""
        where = self.where & np.asarray(condition, np.bool_)
        return Scope(self.arrays, self.rank, self.names, where)

    def value(self, node: Expression) -> Any:
        """Evaluate an expression at all points of the grid."""
        match node:
            case Number(number):
                return number
            case Variable(name):
                return self.names[name]
            case Read(array, index):
                return self.read(array, index)
            case Unary(symbol, operand):
                return _PREFIX[symbol](self.value(operand))
            case Binary("and" | "or" as symbol, left, right):
                return self.joined(symbol, left, right)
            case Binary(symbol, left, right):
                return _INFIX[symbol](self.value(left), self.value(right))
            case Choice(condition, then, otherwise):
                holds = np.asarray(self.value(condition), np.bool_)
                chosen = self.under(holds).value(then)
                return np.where(holds, chosen, self.under(~holds).value(otherwise))
            case Call(name, arguments):
                return self.called(name, [self.value(a) for a in arguments])
            case Reduce(reducer, loops, body):
                return self.reduced(reducer, loops, body)
        raise AssertionError(node)

    def joined(self, symbol: str, left: Expression, right: Expression) -> Any:
        """Evaluate the right side only where the left one leaves it open."""
        first = np.asarray(self.value(left), np.bool_)
        if symbol == "and":
            return first & np.asarray(self.under(first).value(right), np.bool_)
        return first | np.asarray(self.under(~first).value(right), np.bool_)

    def called(self, name: str, arguments: list[Any]) -> Any:
        """Call a function of elements, or cast."""
        if name in dtypes.ALL:
            return NUMPY_SCALARS.cast(arguments[0], dtypes.ALL[name])
        return getattr(NUMPY_SCALARS, name)(*arguments)

    def reduced(self, reducer: str, loops: Loops, body: Expression) -> Any:
        """Reduce the axes of the loops to length 1."""
        first = len(self.names)
        axes = tuple(range(first, first + len(loops)))
        value = np.asarray(self.inside(loops).value(body))
        shape = [1] * (self.rank - value.ndim) + list(value.shape)
        for axis, (_, length) in zip(axes, loops, strict=True):
            shape[axis] = length
        full = np.broadcast_to(value, shape)
        return _REDUCERS[reducer](full, axis=axes, keepdims=True)

    def read(self, name: str, index: tuple[Expression, ...]) -> Any:
        """Read an array; where nothing is read, the value does not matter."""
        array = self.arrays[name]
        places = self.places(name, index, array.shape)
        if array.size == 0:
            return np.zeros((1,) * self.rank, array.dtype)
        return array[tuple(np.broadcast_arrays(*places))] if places else array[()]

    def places(self, name: str, index: tuple[Expression, ...], shape: Shape) -> list[Array]:
        """Evaluate indices and check them; they are 0 where the array is not touched."""
        places = []
        for axis, (node, length) in enumerate(zip(index, shape, strict=True)):
            place = np.where(self.where, self.value(node), 0)
            touched = np.broadcast_to(self.where, place.shape)
            wrong = touched & ((place < 0) | (place >= length))
            if wrong.any():
                raise BoundsError(
                    f"notation, axis {axis} of {name!r}", required=f"0 <= index < {length}",
                    received=f"{node} = {place[wrong].flat[0]}",
                )  # fmt: skip
            places.append(place)
        return places
