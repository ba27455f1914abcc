"""Expressions: the scalar formula of one element, reading buffers at affine places.

An expression is a directed acyclic graph of interned nodes: equal formulas are one object, so that
what is common is computed once and ``is`` compares. All of movement is arithmetic on places: a
kernel with loops i, j that reads ``x[4*j + i]`` reads a transposed array.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from ... import dtypes
from ...dtypes import DType

Shape = tuple[int, ...]
COMPARISONS = frozenset({"eq", "ne", "lt", "le", "gt", "ge"})
PREDICATES = COMPARISONS | {"isnan", "isinf", "isfinite", "signbit", "inside"}


@dataclass(eq=False)
class Buffer:
    """Memory that kernels read and write: ``size`` elements of one data type.

    ``kind`` is "input" (what a call gives), "state" (lives on between calls), "output" (what a call
    returns) or "temp" (in the arena, alive between its first and last use).
    """

    name: str
    dtype: DType
    size: int
    kind: str = "temp"

    @property
    def nbytes(self) -> int:
        """Bytes that the buffer takes."""
        return self.size * self.dtype.itemsize

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Place:
    """A number that is affine in the loop indices: offset + sum(coefficient * index)."""

    offset: int
    coefs: tuple[int, ...]

    def __add__(self, more: int) -> Place:
        return Place(self.offset + more, self.coefs)

    def permuted(self, order: Sequence[int]) -> Place:
        """Return the place for loops in another order: new loop k is old loop order[k]."""
        return Place(self.offset, tuple(self.coefs[k] for k in order))


@dataclass(frozen=True)
class Guard:
    """The condition 0 <= place < length."""

    place: Place
    length: int


class Expr:
    """One node of a formula; made by the functions below, never directly.

    ============  ===========================  ===================================================
    kind          args                         payload
    ============  ===========================  ===================================================
    read          none                         (buffer, place, guards): 0 where a guard fails
    gather        integer expressions          (buffer, place, steps): place + sum(step * arg)
    index         none                         place: its value, int64
    inside        none                         guards: whether all hold, bool
    const         none                         the number
    acc           none                         which accumulator of the kernel: its final value
    cast          one                          None; the data type says to what
    any other     the function's arguments     None; a name of FUNCTIONS
    ============  ===========================  ===================================================
    """

    __slots__ = ("__weakref__", "args", "dtype", "kind", "payload")

    def __init__(self, kind: str, dtype: DType, args: tuple[Expr, ...], payload: Any) -> None:
        self.kind, self.dtype, self.args, self.payload = kind, dtype, args, payload

    def __repr__(self) -> str:
        inside = [repr(self.payload)] if self.payload is not None else []
        return f"{self.kind}({', '.join([*inside, *map(repr, self.args)])})"


_INTERNED: WeakValueDictionary[Any, Expr] = WeakValueDictionary()


def make(kind: str, dtype: DType, args: tuple[Expr, ...] = (), payload: Any = None) -> Expr:
    """Return the one node of this kind, type, arguments and payload."""
    # repr tells 0.0 from -0.0 and 1 from True, and NaN equals itself.
    content = repr(payload) if kind == "const" else payload
    key = (kind, dtype.name, tuple(map(id, args)), content)
    found = _INTERNED.get(key)
    if found is None:
        found = _INTERNED[key] = Expr(kind, dtype, args, payload)
    return found


def const(value: float | bool, dtype: DType) -> Expr:
    """Return a number."""
    return make("const", dtype, (), value)


def read(buffer: Buffer, place: Place, guards: tuple[Guard, ...] = ()) -> Expr:
    """Return a buffer's element at a place; 0 where a guard does not hold."""
    return make("read", buffer.dtype, (), (buffer, place, guards))


def gather(buffer: Buffer, place: Place, indices: Sequence[Expr], steps: Sequence[int]) -> Expr:
    """Return a buffer's element at place + sum(step * index); the indices must be in range."""
    return make("gather", buffer.dtype, tuple(indices), (buffer, place, tuple(steps)))


def index(place: Place) -> Expr:
    """Return an affine combination of the loop indices as an int64 value."""
    return make("index", dtypes.int64, (), place)


def inside(guards: tuple[Guard, ...]) -> Expr:
    """Return whether all guards hold."""
    return make("inside", dtypes.bool, (), guards)


def acc(which: int, dtype: DType) -> Expr:
    """Return the final value of a kernel's accumulator: what its stores are made of."""
    return make("acc", dtype, (), which)


def cast(x: Expr, dtype: DType) -> Expr:
    """Return x in another data type."""
    return x if x.dtype is dtype else make("cast", dtype, (x,))


_ORDERS: dict[tuple[Expr, ...], tuple[Expr, ...]] = {}


def walk(roots: Sequence[Expr]) -> tuple[Expr, ...]:
    """Return every node once, arguments before what uses them.

    Passes walk the same formulas again and again: what was found is kept until ``forget_walks``.
    """
    key = tuple(roots)
    found = _ORDERS.get(key)
    if found is None:
        found = _ORDERS[key] = tuple(_walked(roots))
    return found


def forget_walks() -> None:
    """Let go of the formulas that were walked."""
    _ORDERS.clear()


def _walked(roots: Sequence[Expr]) -> list[Expr]:
    seen: set[int] = set()
    found: list[Expr] = []
    stack = [*reversed(roots)]
    while stack:
        node = stack[-1]
        if id(node) in seen:
            stack.pop()
            continue
        before = [a for a in node.args if id(a) not in seen]
        if before:
            stack += reversed(before)
        else:
            seen.add(id(node))
            found.append(stack.pop())
    return found


def rebuild(roots: Sequence[Expr], change: Callable[[Expr], Expr | None]) -> list[Expr]:
    """Return the formulas with nodes replaced where ``change(old node)`` gives another one.

    ``change`` sees nodes before their arguments are rebuilt; None keeps one (with new arguments).
    """
    new: dict[int, Expr] = {}
    for node in walk(roots):
        changed = change(node)
        if changed is None:
            args = tuple([new[id(a)] for a in node.args])
            same = all([a is b for a, b in zip(args, node.args, strict=True)])
            changed = node if same else make(node.kind, node.dtype, args, node.payload)
        new[id(node)] = changed
    return [new[id(root)] for root in roots]


def moved(roots: Sequence[Expr], change: Callable[[Place], Place]) -> list[Expr]:
    """Return the formulas with every place in them changed: reads, indices and guards."""

    def guards(old: tuple[Guard, ...]) -> tuple[Guard, ...]:
        return tuple([Guard(change(g.place), g.length) for g in old])

    new: dict[int, Expr] = {}
    for node in walk(roots):
        args = tuple([new[id(a)] for a in node.args])
        payload = node.payload
        if node.kind == "read":
            payload = (payload[0], change(payload[1]), guards(payload[2]))
        elif node.kind == "gather":
            payload = (payload[0], change(payload[1]), payload[2])
        elif node.kind == "index":
            payload = change(payload)
        elif node.kind == "inside":
            payload = guards(payload)
        new[id(node)] = make(node.kind, node.dtype, args, payload)
    return [new[id(root)] for root in roots]


def buffers_read(roots: Sequence[Expr]) -> list[Buffer]:
    """Return the buffers that formulas read, each once, in order."""
    found = {id(n.payload[0]): n.payload[0] for n in walk(roots) if n.kind in ("read", "gather")}
    return list(found.values())
