"""Fuse loops into the contractions whose results they alone read."""

from __future__ import annotations

import math
from typing import Any

from .expr import Buffer, Expr, View, make, walk
from .kernels import Accumulate, ArgReduce, Call, Contract, Fill, Loop, Reduce, Store


def buffers_of(exprs: list[Expr]) -> list[Buffer]:
    """Return the buffers that expressions read."""
    return [n.payload[0] for n in walk(exprs) if n.kind == "read"]


def touched(k: Any) -> list[Buffer]:
    if isinstance(k, Loop):
        return [s.target.buffer for s in k.stores] + buffers_of([s.value for s in k.stores])
    if isinstance(k, Fill):
        return [k.buffer]
    if isinstance(k, Accumulate):
        return buffers_of([k.target, k.value])
    if isinstance(k, (Reduce, ArgReduce)):
        return [k.target.buffer, *buffers_of([k.value])]
    if isinstance(k, Contract):
        return [
            k.a[0],
            k.b[0],
            *([k.out.buffer] if k.epilogue is None or getattr(k, "needs_out", True) else []),
            *(
                [s.target.buffer for s in k.epilogue] + buffers_of([s.value for s in k.epilogue])
                if k.epilogue
                else []
            ),
        ]
    return [v.buffer for v in [*k.inputs, *k.outputs]]


def fuse_epilogues(kernels: list[Any], keep: list[Buffer]) -> list[Any]:
    """A loop that alone reads a contraction's result becomes its epilogue."""
    readers: dict[int, list[int]] = {}
    for q, k in enumerate(kernels):
        for b in {id(b) for b in touched(k)}:
            readers.setdefault(b, []).append(q)
    kept = {id(b) for b in keep}
    drop: set[int] = set()
    for q, k in enumerate(kernels):
        if not isinstance(k, Contract):
            continue
        rs = [r for r in readers[id(k.out.buffer)] if r != q]
        if len(rs) != 1 or id(k.out.buffer) in kept:
            continue
        l = kernels[rs[0]]
        if not isinstance(l, Loop) or math.prod(l.shape) != math.prod(k.out.shape):
            continue
        # every read of the result must be at the loop's own place
        rd = [
            n
            for n in walk([s.value for s in l.stores])
            if n.kind == "read" and n.payload[0] is k.out.buffer
        ]
        if len(rd) != 1 or any(n.kind == "index" for n in walk([s.value for s in l.stores])):
            continue
        off, lc = rd[0].payload[1:]
        # match loop dims to out dims by stride
        match: dict[int, int] = {}
        ok = off == k.out.offset
        for d, (n, c) in enumerate(zip(l.shape, lc)):
            if n == 1:
                continue
            hit = [
                e
                for e, (n2, c2) in enumerate(zip(k.out.shape, k.out.strides))
                if n2 == n and c2 == c
            ]
            if len(hit) != 1:
                ok = False
                break
            match[d] = hit[0]
        if not ok or len(set(match.values())) != sum(n != 1 for n in k.out.shape):
            continue
        # nothing between them may write what the loop reads, or read what it writes
        between = [b for j in range(q + 1, rs[0]) if j not in drop for b in touched(kernels[j])]
        mine = {id(b) for b in touched(l)} - {id(k.out.buffer)}
        writes_between = set()
        for j in range(q + 1, rs[0]):
            if j in drop:
                continue
            writes_between |= {id(b) for b in written(kernels[j])}
        reads_between = {id(b) for b in between}
        lw = {id(s.target.buffer) for s in l.stores}
        if (
            {id(b) for b in buffers_of([s.value for s in l.stores])} - {id(k.out.buffer)}
        ) & writes_between or lw & reads_between:
            continue
        # what the contraction itself reads must not be overwritten by the epilogue
        if lw & {id(k.a[0]), id(k.b[0])}:
            continue
        rank = len(k.out.shape)

        def co(c: tuple[int, ...]) -> tuple[int, ...]:
            out = [0] * rank
            for d, e in match.items():
                out[e] = c[d]
            return tuple(out)

        def re(e: Expr) -> Expr:
            new: dict[int, Expr] = {}
            for n in walk([e]):
                if n.kind == "read":
                    new[id(n)] = make(
                        "read",
                        n.dtype,
                        (),
                        (
                            n.payload[0],
                            n.payload[1],
                            k.out.strides if n.payload[0] is k.out.buffer else co(n.payload[2]),
                        ),
                    )
                elif n.args:
                    new[id(n)] = make(n.kind, n.dtype, tuple(new[id(a)] for a in n.args), n.payload)
                else:
                    new[id(n)] = n
            return new[id(e)]

        k.epilogue = [
            Store(
                View(s.target.buffer, k.out.shape, co(s.target.strides), s.target.offset),
                re(s.value),
            )
            for s in l.stores
        ]
        drop.add(rs[0])
    return [k for q, k in enumerate(kernels) if q not in drop]


def written(k: Any) -> list[Buffer]:
    if isinstance(k, Loop):
        return [s.target.buffer for s in k.stores]
    if isinstance(k, Fill):
        return [k.buffer]
    if isinstance(k, Accumulate):
        return [k.target.payload[0]]
    if isinstance(k, (Reduce, ArgReduce)):
        return [k.target.buffer]
    if isinstance(k, Contract):
        return [k.out.buffer, *([s.target.buffer for s in k.epilogue] if k.epilogue else [])]
    return [v.buffer for v in k.outputs]
