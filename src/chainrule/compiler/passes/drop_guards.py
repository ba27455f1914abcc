"""Conditions that hold for every index of a kernel's loops, and those that reads check anyway.

Over ``i < 8``, ``where(inside(0 <= i < 8), x[i | 0 <= i < 8], 0)`` is ``x[i]``: what windows,
padding and their gradients leave behind where they meet.
"""

from __future__ import annotations

from dataclasses import replace

from ..ir.bounds import reach
from ..ir.expr import Expr, Guard, Shape, const, make, walk
from ..ir.kernels import Contract, Kernel, Map, Reduce, Scatter, Store, Term
from ..ir.program import Program


def drop_guards(program: Program) -> None:
    """Remove the conditions of all kernels that always hold."""
    program.kernels = [_without(kernel) for kernel in program.kernels]


def _without(kernel: Kernel) -> Kernel:
    match kernel:
        case Map() if 0 not in kernel.loops:
            return replace(kernel, stores=_stores(kernel.stores, kernel.loops))
        case Reduce() if 0 not in kernel.loops:
            values = _simplified([t.value for t in kernel.terms], kernel.loops)
            terms = [Term(t.reducer, v) for t, v in zip(kernel.terms, values, strict=True)]
            stores = _stores(kernel.stores, kernel.loops)
            return replace(kernel, terms=terms, stores=stores)
        case Contract() if 0 not in kernel.loops:
            a, b = _simplified([kernel.a, kernel.b], kernel.loops)
            stores = _stores(kernel.stores, kernel.loops)
            return replace(kernel, a=a, b=b, stores=stores)
        case Scatter() if 0 not in kernel.loops:
            *indices, value = _simplified([*kernel.indices, kernel.value], kernel.loops)
            return replace(kernel, indices=indices, value=value)
        case _:
            return kernel


def _stores(stores: list[Store], loops: Shape) -> list[Store]:
    values = _simplified([s.value for s in stores], loops)
    return [Store(s.buffer, s.place, v) for s, v in zip(stores, values, strict=True)]


def _simplified(roots: list[Expr], loops: Shape) -> list[Expr]:
    """Return the formulas without the conditions that hold for every index."""
    if not any(_changes(node, loops) for node in walk(roots)):
        return roots
    new: dict[Expr, Expr] = {}
    for node in walk(roots):
        new[node] = _node(node, tuple([new[a] for a in node.args]), loops)
    return [new[root] for root in roots]


def _changes(node: Expr, loops: Shape) -> bool:
    """Whether a node itself may become another one."""
    match node.kind:
        case "read":
            guards = node.payload[2]
            return bool(guards) and len(_open(guards, loops)) < len(guards)
        case "inside":
            return len(_open(node.payload, loops)) < len(node.payload)
        case "where":
            return node.args[0].kind in ("const", "inside")
        case _:
            return False


def _node(node: Expr, args: tuple[Expr, ...], loops: Shape) -> Expr:
    payload = node.payload
    if node.kind == "read":
        guards = _open(payload[2], loops) if payload[2] else ()
        if len(guards) < len(payload[2]):
            payload = (payload[0], payload[1], guards)
    elif node.kind == "inside":
        guards = _open(payload, loops)
        if not guards:
            return const(True, node.dtype)
        payload = guards if len(guards) < len(payload) else payload
    elif node.kind == "where":
        chosen = _chosen(*args)
        if chosen is not None:
            return chosen
    if payload is node.payload and args == node.args:
        return node
    return make(node.kind, node.dtype, args, payload)


def _open(guards: tuple[Guard, ...], loops: Shape) -> tuple[Guard, ...]:
    """Return the guards that do not hold for every index."""
    kept = []
    for guard in guards:
        first, last = reach(guard.place, loops)
        if first < 0 or last >= guard.length:
            kept.append(guard)
    return tuple(kept)


def _chosen(condition: Expr, then: Expr, other: Expr) -> Expr | None:
    """Return what a choice always is, if that is known."""
    if condition.kind == "const":
        return then if condition.payload else other
    zero = other.kind == "const" and other.payload == 0
    if condition.kind == "inside" and then.kind == "read" and zero:
        return then if set(condition.payload) <= set(then.payload[2]) else None
    return None
