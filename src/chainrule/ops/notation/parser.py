"""From text to records, by way of Python's own parser. Nothing of the text is ever evaluated."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from ... import dtypes
from ...errors import ArgumentError
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
from .scalars import SCALAR_NAMES

REDUCERS = ("sum", "prod", "max", "min", "any", "all")
FUNCTIONS = SCALAR_NAMES | set(dtypes.ALL)
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.And: "and", ast.Or: "or", ast.USub: "-", ast.Invert: "~", ast.Not: "not ",
}  # fmt: skip
_FOR = re.compile(r"for ([^:]+): (.+)", re.DOTALL)


@lru_cache(maxsize=1024)
def parse(text: str) -> Notation:
    """Read index notation; ArgumentError for what is not in its grammar.

    >>> notation = parse("out[i0] = sum(k0 < 3)(x[i0, k0] * 2)")
    >>> notation.target, notation.value.loops
    ((Variable(name='i0'),), (('k0', 3),))
    >>> str(notation)
    'out[i0] = sum(k0 < 3)(x[i0, k0] * 2)'
    """
    found = _FOR.fullmatch(text)
    body = found.group(2) if found else text
    try:
        loops = _loops(ast.parse(f"f({found.group(1)})", mode="eval").body) if found else None
        # Python has no empty subscript; an element of an array without axes needs one.
        return _notation(ast.parse(body.replace("[]", "[()]")).body, loops)
    except SyntaxError as error:
        raise _unreadable(text, str(error.msg)) from None
    except RecursionError:
        raise _unreadable(text[:80] + "...", "nested too deeply") from None


def _unreadable(text: str, why: str) -> ArgumentError:
    return ArgumentError(
        "notation", required="out[i0, ...] = value or for i0 < n: out[...] += value",
        received=f"{text!r} ({why})",
    )  # fmt: skip


def _notation(statements: list[ast.stmt], loops: Loops | None) -> Notation:
    match statements:
        case [ast.Assign([ast.Subscript(ast.Name("out"), at)], value)] if loops is None:
            return Notation(_index(at), _expression(value))
        case [ast.AugAssign(ast.Subscript(ast.Name("out"), at), ast.Add(), value)] if loops:
            return Notation(_index(at), _expression(value), loops)
    raise SyntaxError("one statement about out")


def _index(node: ast.expr) -> tuple[Expression, ...]:
    return tuple(map(_expression, node.elts if isinstance(node, ast.Tuple) else [node]))


def _loops(node: ast.expr) -> Loops:
    loops = []
    for bound in node.args if isinstance(node, ast.Call) else []:
        match bound:
            case ast.Compare(ast.Name(name), [ast.Lt()], [ast.Constant(int(length))]):
                loops.append((name, length))
            case _:
                raise SyntaxError("loops are written as name < length")
    return tuple(loops)


def _expression(node: ast.expr) -> Expression:
    match node:
        case ast.Constant(int() | float() as value):
            return Number(value)
        case ast.Name(name):
            return Variable(name)
        case ast.Subscript(ast.Name(array), at):
            return Read(array, _index(at))
        case ast.UnaryOp(op, operand) if type(op) in _OPERATORS:
            return Unary(_OPERATORS[type(op)], _expression(operand))
        case ast.BinOp(left, op, right) | ast.Compare(left, [op], [right]):
            if type(op) in _OPERATORS:
                return Binary(_OPERATORS[type(op)], _expression(left), _expression(right))
        case ast.BoolOp(op, [first, *rest]):
            joined = _expression(first)
            for part in rest:
                joined = Binary(_OPERATORS[type(op)], joined, _expression(part))
            return joined
        case ast.IfExp(condition, then, otherwise):
            return Choice(*map(_expression, (condition, then, otherwise)))
        case ast.Call(ast.Call(ast.Name(reducer)) as loops, [body], []) if reducer in REDUCERS:
            return Reduce(reducer, _loops(loops), _expression(body))
        case ast.Call(ast.Name(name), arguments, []) if name in FUNCTIONS:
            return Call(name, tuple(map(_expression, arguments)))
    raise SyntaxError(ast.unparse(node))
