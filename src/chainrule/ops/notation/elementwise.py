"""Notation of any primitive: of elementwise ones it follows from their scalar body."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any

from ...dtypes import DType
from ...errors import ArgumentError
from ...graph import Opaque, Primitive, TensorType
from ..rules import broadcast_reads, broadcast_shapes, index_names
from .parser import parse
from .records import Binary, Call, Expression, Notation, Number, Read, Unary, Variable
from .scalars import ScalarFunctions


class _Element:
    """An element that writes down what is done with it."""

    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    def __neg__(self) -> _Element:
        return _Element(Unary("-", self.expression))

    def __invert__(self) -> _Element:
        return _Element(Unary("~", self.expression))

    def __hash__(self) -> int:
        return hash(self.expression)


def _infix(symbol: str, turned: bool = False) -> Callable[[Any, Any], _Element]:
    def operate(self: _Element, other: Any) -> _Element:
        left, right = _expression(self), _expression(other)
        return _Element(Binary(symbol, right, left) if turned else Binary(symbol, left, right))

    return operate


_METHODS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "and": "&",
    "or": "|", "xor": "^", "lshift": "<<", "rshift": ">>",
}  # fmt: skip
_COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
for _name, _symbol in {**_METHODS, **_COMPARISONS}.items():
    setattr(_Element, f"__{_name}__", _infix(_symbol))
for _name, _symbol in _METHODS.items():
    setattr(_Element, f"__r{_name}__", _infix(_symbol, turned=True))


def _expression(value: Any) -> Expression:
    return value.expression if isinstance(value, _Element) else Number(value)


def _writes_call(name: str) -> Callable[..., _Element]:
    return lambda *arguments: _Element(Call(name, tuple(map(_expression, arguments))))


def _writes_cast(x: Any, dtype: DType) -> _Element:
    return _Element(Call(dtype.name, (_expression(x),)))


_WRITERS = ScalarFunctions(
    **{f.name: _writes_call(f.name) for f in fields(ScalarFunctions) if f.name != "cast"},
    cast=_writes_cast,
)


def elementwise_notation(
    primitive: Primitive, types: Sequence[TensorType], attributes: Mapping[str, Any] | None = None
) -> Notation:
    """Return the notation of a primitive with a scalar body; broadcasting reads index 0.

    >>> from chainrule.graph import PRIMITIVES, TensorType
    >>> types = [TensorType(dtypes.float32, (4, 1)), TensorType(dtypes.float32, (5,))]
    >>> print(elementwise_notation(PRIMITIVES["logaddexp"], types))
    out[i0, i1] = maximum(x[i0, 0], y[i1]) + log1p(exp(-abs(x[i0, 0] - y[i1])))
    """
    if primitive.scalar is None:
        raise ArgumentError(
            "elementwise_notation", required="a primitive with a scalar body",
            received=repr(primitive.name),
        )  # fmt: skip
    shapes = [kind.shape for kind in types if kind.shape is not None]
    out = index_names(len(broadcast_shapes(*shapes)))
    names = array_names(primitive.kernel, len(types))
    elements = [
        _Element(Read(name, tuple(map(_place, broadcast_reads(out, shape)))))
        for name, shape in zip(names, shapes, strict=True)
    ]
    body = primitive.scalar(_WRITERS, *elements, **(attributes or {}))
    return Notation(tuple(map(Variable, out)), _expression(body))


def _place(name: str) -> Expression:
    return Number(0) if name == "0" else Variable(name)


def notation_of(
    primitive: Primitive, types: Sequence[TensorType], attributes: Mapping[str, Any] | None = None
) -> Notation | Opaque:
    """Return the notation of a primitive for inputs of known shapes, or why it has none.

    >>> from chainrule.graph import PRIMITIVES, TensorType
    >>> print(notation_of(PRIMITIVES["sum"], [TensorType(dtypes.float32, (2, 3))], {"axis": 1}))
    out[i0] = sum(k1 < 3)(x[i0, k1])
    """
    if isinstance(primitive.notation, Opaque):
        return primitive.notation
    if primitive.notation is not None:
        return parse(primitive.notation(*types, **(attributes or {})))
    return elementwise_notation(primitive, types, attributes)


@lru_cache(maxsize=1024)
def array_names(kernel: Callable[..., Any], count: int) -> tuple[str, ...]:
    """Return the names of a kernel's arrays in notation: its parameters', or x0, x1, ...

    >>> array_names(lambda x, y, *, axis: x, 2), array_names(lambda *xs: xs, 3)
    (('x', 'y'), ('x0', 'x1', 'x2'))
    """
    parameters = inspect.signature(kernel).parameters.values()
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return tuple(index_names(count, "x"))
    return tuple(p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD)[:count]
