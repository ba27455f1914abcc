"""In which order the axes of a new array lie in memory."""

from __future__ import annotations

import math

from ..ir.expr import walk
from .value import Value


def axis_order(value: Value) -> list[int]:
    """Return the axes, slowest first, as they lie in the largest array that the value reads."""
    best: tuple[int, ...] = ()
    most = -1
    for expr in value.pieces.values():
        for node in walk([expr]):
            if node.kind in ("read", "gather"):
                coefs = node.payload[1].coefs
                size = math.prod(n for n, c in zip(value.shape, coefs, strict=True) if c)
                if size > most:
                    best, most = coefs, size
    rank = len(value.shape)
    if most <= 0:
        return list(range(rank))
    return sorted(range(rank), key=lambda k: (-abs(best[k]) if best[k] else -math.inf, k))
