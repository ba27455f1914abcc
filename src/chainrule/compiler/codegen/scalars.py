"""The table of scalar functions: every operator and function as instructions, NumPy's meaning."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...dtypes import DType
from ..ir.expr import Expr
from . import floats, integers, rounding
from .conversion import converted
from .elementary import ELEMENTARY
from .elementary.value import Value, element_of, where

if TYPE_CHECKING:
    from .lanes import Lanes

Function = Callable[..., Value]

_INSTRUCTIONS = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}


def call_function(lanes: Lanes, node: Expr, args: list[str]) -> str:
    """Write what computes a node from its arguments' registers; return its register."""
    if node.kind in _INSTRUCTIONS and node.dtype.is_floating:  # nearly all of transforms
        kind = lanes.type(node.dtype)
        return lanes.writer.let(f"{_INSTRUCTIONS[node.kind]} {kind} {args[0]}, {args[1]}")
    values = [
        Value(lanes, text, element_of(x.dtype), x.payload if x.kind == "const" else None)
        for text, x in zip(args, node.args, strict=True)
    ]
    if node.kind == "cast":
        return converted(values[0], node.args[0].dtype, node.dtype).text
    return _table(node.args[-1].dtype)[node.kind](*values).text


def convert(lanes: Lanes, value: str, source: DType, to: DType) -> str:
    """Convert a register between data types, as NumPy's astype does."""
    return converted(Value(lanes, value, element_of(source)), source, to).text


def _table(dtype: DType) -> dict[str, Function]:
    """Return the functions of a data type; of ``where``, its values' type."""
    if dtype.is_floating:
        return _FLOAT
    return {"bool": _BOOL, "int": _SIGNED, "uint": _UNSIGNED}[dtype.kind]


def _same(x: Value) -> Value:
    return x


def _yes(x: Value) -> Value:
    return x.const(True, "i1")


def _no(x: Value) -> Value:
    return x.const(False, "i1")


def _intrinsic(name: str) -> Function:
    return lambda a, *others: a.intrinsic(name, *others)


def _comparisons(signed: bool) -> dict[str, Function]:
    """Return the comparisons: of floats ordered, except that NaN is not equal."""

    def compare(ordered: str, integer: str) -> Function:
        return lambda a, b: a.compare(ordered, integer, b)

    sign = "s" if signed else "u"
    orders = {name: compare("o" + name, sign + name) for name in ("lt", "le", "gt", "ge")}
    return {"eq": compare("oeq", "eq"), "ne": compare("une", "ne"), **orders}


_COMMON: dict[str, Function] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
    "neg": lambda x: -x, "where": where,
}  # fmt: skip
_BITWISE: dict[str, Function] = {
    "and": lambda a, b: a & b, "or": lambda a, b: a | b, "xor": lambda a, b: a ^ b,
    "not": lambda x: ~x, "floor": _same, "ceil": _same, "round": _same, "trunc": _same,
    "isnan": _no, "isinf": _no, "isfinite": _yes,
}  # fmt: skip
_BOOL: dict[str, Function] = {
    **_BITWISE, **_comparisons(signed=False), "where": where, "abs": _same, "signbit": _no,
    "add": lambda a, b: a | b, "mul": lambda a, b: a & b,
    "maximum": lambda a, b: a | b, "minimum": lambda a, b: a & b,
}  # fmt: skip
_FLOAT: dict[str, Function] = {
    **_COMMON, **_comparisons(signed=True), **ELEMENTARY, "div": lambda a, b: a / b,
    "floordiv": floats.floor_divide, "mod": floats.remainder, "abs": abs, "sqrt": Value.sqrt,
    "maximum": floats.maximum, "minimum": floats.minimum, "sign": floats.sign,
    "signbit": floats.signbit, "copysign": Value.copysign, "isnan": Value.is_nan,
    "isinf": floats.is_infinite, "isfinite": floats.is_finite, "floor": rounding.floor,
    "ceil": rounding.ceil, "round": rounding.round_even, "trunc": rounding.trunc,
}  # fmt: skip


def _integer(signed: bool) -> dict[str, Function]:
    letter = "s" if signed else "u"
    return {
        **_COMMON, **_BITWISE, **_comparisons(signed),
        "floordiv": lambda a, b: integers.floor_divide(a, b, signed),
        "mod": lambda a, b: integers.remainder(a, b, signed),
        "shl": integers.shift_left,
        "shr": lambda a, b: integers.shift_right(a, b, signed),
        "pow": lambda a, b: integers.power(a, b, signed),
        "maximum": _intrinsic(f"{letter}max"), "minimum": _intrinsic(f"{letter}min"),
        "abs": (lambda x: where(x < 0, -x, x)) if signed else _same,
        "signbit": (lambda x: x < 0) if signed else _no,
        "sign": lambda x: _sign(x, signed),
    }  # fmt: skip


def _sign(x: Value, signed: bool) -> Value:
    positive = where(x.equals(0), 0, x.const(1))
    return where(x < 0, -1, positive) if signed else positive


_SIGNED, _UNSIGNED = _integer(signed=True), _integer(signed=False)
