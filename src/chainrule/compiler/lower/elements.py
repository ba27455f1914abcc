"""Scalar bodies to formulas: elements with operators, and the table of functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from ... import dtypes
from ...dtypes import DType
from ...ops.notation import ScalarFunctions
from ..ir.expr import PREDICATES, Expr, cast, const, make
from .simplify import simplified


def _infix(name: str, turned: bool = False) -> Callable[[Any, Any], Element]:
    def operate(self: Element, other: Any) -> Element:
        return function(name, other, self) if turned else function(name, self, other)

    return operate


class Element:
    """A formula with Python's operators, as scalar bodies of primitives want it."""

    __slots__ = ("expr",)

    def __init__(self, expr: Expr) -> None:
        self.expr = expr

    def __neg__(self) -> Element:
        return function("neg", self)

    def __invert__(self) -> Element:
        return function("not", self)

    __add__, __radd__ = _infix("add"), _infix("add", turned=True)
    __sub__, __rsub__ = _infix("sub"), _infix("sub", turned=True)
    __mul__, __rmul__ = _infix("mul"), _infix("mul", turned=True)
    __truediv__, __rtruediv__ = _infix("div"), _infix("div", turned=True)
    __floordiv__, __rfloordiv__ = _infix("floordiv"), _infix("floordiv", turned=True)
    __mod__, __rmod__ = _infix("mod"), _infix("mod", turned=True)
    __and__, __rand__ = _infix("and"), _infix("and", turned=True)
    __or__, __ror__ = _infix("or"), _infix("or", turned=True)
    __xor__, __rxor__ = _infix("xor"), _infix("xor", turned=True)
    __lshift__, __rlshift__ = _infix("shl"), _infix("shl", turned=True)
    __rshift__, __rrshift__ = _infix("shr"), _infix("shr", turned=True)
    __lt__, __le__, __gt__, __ge__ = (_infix(name) for name in ("lt", "le", "gt", "ge"))

    def __eq__(self, other: object) -> Any:
        return function("eq", self, other)

    def __ne__(self, other: object) -> Any:
        return function("ne", self, other)

    __hash__ = object.__hash__


def function(name: str, *arguments: Any) -> Element:
    """Return a function of elements and numbers; numbers take the elements' data type."""
    elements = [a.expr for a in arguments if isinstance(a, Element)]
    kind = elements[-1].dtype  # of where: not the condition's
    exprs = [a.expr if isinstance(a, Element) else const(a, kind) for a in arguments]
    found = simplified(name, exprs)
    if found is None:
        found = make(name, dtypes.bool if name in PREDICATES else kind, tuple(exprs))
    return Element(found)


def _named(name: str) -> Callable[..., Element]:
    return lambda *arguments: function(name, *arguments)


def _cast(x: Element, dtype: DType) -> Element:
    return Element(cast(x.expr, dtype))


ELEMENT_FUNCTIONS = ScalarFunctions(
    **{f.name: _named(f.name) for f in fields(ScalarFunctions) if f.name != "cast"}, cast=_cast
)
