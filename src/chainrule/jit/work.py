"""What a kernel has to do: operations, and bytes that it has to read and write at least once."""

from __future__ import annotations

import math

import numpy as np

from ..compiler.ir import Buffer, Call, Contract, Expr, Fill, Kernel, Map, Reduce, Scatter
from ..compiler.ir.expr import walk
from ..compiler.ir.program import reads_of, values_of, writes_of

_FREE = frozenset({"read", "gather", "index", "inside", "const", "acc", "cast"})


def flops(kernel: Kernel) -> int:
    """Return how many operations a kernel does; a function such as exp counts as one."""
    match kernel:
        case Map():
            return math.prod(kernel.loops) * _operations(values_of(kernel))
        case Reduce():
            terms = _operations([term.value for term in kernel.terms]) + len(kernel.terms)
            stores = _operations([store.value for store in kernel.stores])
            return math.prod(kernel.loops) * terms + math.prod(kernel.kept) * stores
        case Contract():
            kept = [n for n, role in zip(kernel.loops, kernel.roles, strict=True) if role != "k"]
            stores = _operations([store.value for store in kernel.stores])
            products = math.prod(kernel.loops) * _unclipped(kernel)
            return round(2 * products) + math.prod(kept) * stores
        case Scatter():
            return math.prod(kernel.loops) * (_operations([kernel.value]) + 1)
        case _:
            return 0


def _unclipped(kernel: Contract) -> float:
    """Return the part of the products that guards leave."""
    part = 1.0
    for guard in (*kernel.a.payload[2], *kernel.b.payload[2]):
        value = np.int64(guard.place.offset)
        for coef, extent in zip(guard.place.coefs, kernel.loops, strict=True):
            if coef:
                value = np.add.outer(value, coef * np.arange(extent))
        part *= float(np.mean((value >= 0) & (value < guard.length)))
    return part


def traffic(kernel: Kernel) -> int:
    """Return the bytes of all that a kernel reads and writes, each element once."""
    return sum(_touched(kernel, buffer) for buffer in (*reads_of(kernel), *writes_of(kernel)))


def _operations(roots: list[Expr]) -> int:
    return sum(1 for node in walk(roots) if node.kind not in _FREE)


def _touched(kernel: Kernel, buffer: Buffer) -> int:
    """Return the bytes of a buffer, or of as many elements as the kernel has, if they are fewer."""
    if isinstance(kernel, Call | Fill):
        return buffer.nbytes
    return min(buffer.nbytes, math.prod(kernel.loops) * buffer.dtype.itemsize)
