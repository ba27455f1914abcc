"""Expressions: the scalar formula of one element, reading buffers at affine places.

An expression is a directed acyclic graph of interned nodes. A read names a buffer, an offset and a
coefficient for each index of the surrounding loops: element = offset + sum(coefficient * index).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from chainrule import dtypes as dt
from chainrule.dtypes import DType

Shape = tuple[int, ...]


@dataclass(eq=False)
class Buffer:
    """Memory that kernels read and write: physical elements, and the logical view of them."""

    name: str
    dtype: DType
    size: int  # elements
    kind: str = "temp"  # "temp", "input", "state" or "constant"
    source: Any = None  # the leaf tensor, or the input's position

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class View:
    """A logical array inside of a buffer."""

    buffer: Buffer
    shape: Shape
    strides: tuple[int, ...]
    offset: int = 0

    @property
    def dtype(self) -> DType:
        return self.buffer.dtype


class Expr:
    """A node: ``kind`` is read, const, index or a function of ``args``."""

    __slots__ = ("args", "dtype", "key", "kind", "payload")

    def __init__(self, kind: str, dtype: DType, args: tuple["Expr", ...], payload: Any, key: Any):
        self.kind, self.dtype, self.args, self.payload, self.key = kind, dtype, args, payload, key

    def __repr__(self) -> str:
        if self.kind == "read":
            buffer, offset, coefs = self.payload
            return f"{buffer}[{offset}+{coefs}]"
        if self.kind == "const":
            return repr(self.payload)
        return f"{self.kind}({', '.join(map(repr, self.args))})"

    # infix, for the scalar bodies of primitives
    def _bin(self, kind: str, other: Any, swap: bool = False) -> "Expr":
        o = other if isinstance(other, Expr) else const(other, self.dtype)
        a, b = (o, self) if swap else (self, o)
        out = dt.bool if kind in COMPARE else a.dtype
        return make(kind, out, (a, b))

    def __add__(self, o: Any) -> "Expr":
        return self._bin("add", o)

    def __radd__(self, o: Any) -> "Expr":
        return self._bin("add", o, True)

    def __sub__(self, o: Any) -> "Expr":
        return self._bin("sub", o)

    def __rsub__(self, o: Any) -> "Expr":
        return self._bin("sub", o, True)

    def __mul__(self, o: Any) -> "Expr":
        return self._bin("mul", o)

    def __rmul__(self, o: Any) -> "Expr":
        return self._bin("mul", o, True)

    def __truediv__(self, o: Any) -> "Expr":
        return self._bin("div", o)

    def __rtruediv__(self, o: Any) -> "Expr":
        return self._bin("div", o, True)

    def __eq__(self, o: Any) -> Any:
        return self._bin("eq", o)  # type: ignore[override]

    def __ne__(self, o: Any) -> Any:
        return self._bin("ne", o)  # type: ignore[override]

    def __lt__(self, o: Any) -> "Expr":
        return self._bin("lt", o)

    def __le__(self, o: Any) -> "Expr":
        return self._bin("le", o)

    def __gt__(self, o: Any) -> "Expr":
        return self._bin("gt", o)

    def __ge__(self, o: Any) -> "Expr":
        return self._bin("ge", o)

    def __and__(self, o: Any) -> "Expr":
        return self._bin("and", o)

    def __or__(self, o: Any) -> "Expr":
        return self._bin("or", o)

    def __xor__(self, o: Any) -> "Expr":
        return self._bin("xor", o)

    def __lshift__(self, o: Any) -> "Expr":
        return self._bin("shl", o)

    def __rshift__(self, o: Any) -> "Expr":
        return self._bin("shr", o)

    def __neg__(self) -> "Expr":
        return make("neg", self.dtype, (self,))

    def __invert__(self) -> "Expr":
        return make("not", self.dtype, (self,))

    __hash__ = object.__hash__


COMPARE = {"eq", "ne", "lt", "le", "gt", "ge"}
_INTERNED: dict[Any, Expr] = {}


def make(kind: str, dtype: DType, args: tuple[Expr, ...] = (), payload: Any = None) -> Expr:
    if kind == "read":
        key = (kind, id(payload[0]), payload[1], payload[2])
    else:
        key = (kind, dtype.name, tuple(id(a) for a in args), repr(payload))
    found = _INTERNED.get(key)
    if found is None:
        found = _INTERNED[key] = Expr(kind, dtype, args, payload, key)
    return found


def const(value: Any, dtype: DType) -> Expr:
    return make("const", dtype, (), value)


def read(view: View) -> Expr:
    coefs = tuple(0 if n == 1 else s for n, s in zip(view.shape, view.strides))
    return make("read", view.dtype, (), (view.buffer, view.offset, coefs))


def walk(roots: Sequence[Expr]) -> Iterator[Expr]:
    """Each node once, arguments first."""
    seen: set[int] = set()
    stack = [(r, False) for r in reversed(roots)]
    while stack:
        node, done = stack.pop()
        if id(node) in seen:
            continue
        if done:
            seen.add(id(node))
            yield node
        else:
            stack.append((node, True))
            stack.extend((a, False) for a in reversed(node.args))


def rewrite_reads(expr: Expr, f: Callable[[Buffer, int, tuple[int, ...]], Any]) -> Expr:
    """Rebuild an expression with every read's place changed; f returns (offset, coefs) or an Expr."""
    new: dict[int, Expr] = {}
    for node in walk([expr]):
        if node.kind == "read":
            r = f(*node.payload)
            new[id(node)] = (
                r if isinstance(r, Expr) else make("read", node.dtype, (), (node.payload[0], *r))
            )
        elif node.args:
            new[id(node)] = make(
                node.kind, node.dtype, tuple(new[id(a)] for a in node.args), node.payload
            )
        else:
            new[id(node)] = node
    return new[id(expr)]


class Scalars:
    """The namespace ``s`` of scalar bodies: builds expressions."""

    def __getattr__(self, name: str) -> Callable[..., Expr]:
        def f(*args: Any) -> Expr:
            first = next(a for a in args if isinstance(a, Expr))
            xs = tuple(a if isinstance(a, Expr) else const(a, first.dtype) for a in args)
            out = dt.bool if name in ("isnan", "isinf", "isfinite", "signbit") else xs[-1].dtype
            return make(name, out, xs)

        return f

    def cast(self, x: Expr, dtype: DType) -> Expr:
        return x if x.dtype is dtype else make("cast", dtype, (x,))


S = Scalars()
