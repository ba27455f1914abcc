"""Expressions: the scalar formula of one element, reading buffers at affine places.

An expression is a directed acyclic graph of interned nodes: equal formulas are one object, so that
what is common is computed once and ``is`` compares. All of movement is arithmetic on places: a
kernel with loops i, j that reads ``x[4*j + i]`` reads a transposed array.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from weakref import ref

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


class Place(NamedTuple):
    """A number that is affine in the loop indices: offset + sum(coefficient * index)."""

    offset: int
    coefs: tuple[int, ...]

    def shifted(self, more: int) -> Place:
        """Return the place so many elements later."""
        return Place(self.offset + more, self.coefs)

    def permuted(self, order: Sequence[int]) -> Place:
        """Return the place for loops in another order: new loop k is old loop order[k]."""
        return Place(self.offset, tuple(self.coefs[k] for k in order))


class Guard(NamedTuple):
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


_INTERNED: dict[Any, ref[Expr]] = {}


def make(kind: str, dtype: DType, args: tuple[Expr, ...] = (), payload: Any = None) -> Expr:
    """Return the one node of this kind, type, arguments and payload."""
    # repr tells 0.0 from -0.0 and 1 from True, and NaN equals itself.
    content = repr(payload) if kind == "const" else payload
    key = (kind, dtype.name, tuple(map(id, args)), content)
    held = _INTERNED.get(key)
    found = None if held is None else held()
    if found is None:
        found = Expr(kind, dtype, args, payload)
        _INTERNED[key] = ref(found)
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


# What passes ask again and again of the same formulas, until ``forget``.
_ORDERS: dict[tuple[Expr, ...], tuple[Expr, ...]] = {}
_BUFFERS: dict[tuple[Expr, ...], tuple[Buffer, ...]] = {}


def walk(roots: Sequence[Expr]) -> tuple[Expr, ...]:
    """Return every node once, arguments before what uses them."""
    key = tuple(roots)
    found = _ORDERS.get(key)
    if found is None:
        found = _ORDERS[key] = tuple(_walked(roots))
    return found


def forget() -> None:
    """Let go of the formulas that were walked, and of the keys of those that are no more."""
    _ORDERS.clear()
    _BUFFERS.clear()
    for key in [key for key, held in _INTERNED.items() if held() is None]:
        del _INTERNED[key]


def _walked(roots: Sequence[Expr]) -> dict[Expr, None]:
    found: dict[Expr, None] = {}
    stack = [*reversed(roots)]
    while stack:
        node = stack.pop()
        if node in found:
            continue
        before = [a for a in node.args if a not in found]
        if before:
            stack.append(node)
            stack += reversed(before)
        else:
            found[node] = None
    return found


def rebuild(roots: Sequence[Expr], change: Callable[[Expr], Expr | None]) -> list[Expr]:
    """Return the formulas with nodes replaced where ``change(old node)`` gives another one.

    ``change`` sees nodes before their arguments are rebuilt; None keeps one (with new arguments).
    """
    new: dict[Expr, Expr] = {}
    for node in walk(roots):
        changed = change(node)
        if changed is None:
            args = tuple([new[a] for a in node.args])
            changed = node if args == node.args else make(node.kind, node.dtype, args, node.payload)
        new[node] = changed
    return [new[root] for root in roots]


def moved(roots: Sequence[Expr], change: Callable[[Place], Place]) -> list[Expr]:
    """Return the formulas with every place in them changed: reads, indices and guards."""

    def guards(old: tuple[Guard, ...]) -> tuple[Guard, ...]:
        return tuple([Guard(change(g.place), g.length) for g in old])

    new: dict[Expr, Expr] = {}
    for node in walk(roots):
        args = tuple([new[a] for a in node.args])
        payload = node.payload
        if node.kind == "read":
            payload = (payload[0], change(payload[1]), guards(payload[2]))
        elif node.kind == "gather":
            payload = (payload[0], change(payload[1]), payload[2])
        elif node.kind == "index":
            payload = change(payload)
        elif node.kind == "inside":
            payload = guards(payload)
        new[node] = make(node.kind, node.dtype, args, payload)
    return [new[root] for root in roots]


def buffers_read(roots: Sequence[Expr]) -> tuple[Buffer, ...]:
    """Return the buffers that formulas read, each once, in order."""
    key = tuple(roots)
    found = _BUFFERS.get(key)
    if found is None:
        read = dict.fromkeys([n.payload[0] for n in walk(roots) if n.kind in ("read", "gather")])
        found = _BUFFERS[key] = tuple(read)
    return found
