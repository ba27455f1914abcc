"""What it costs to compute a formula again, against storing it: counted in passes over memory."""

from __future__ import annotations

from ..ir.cost import passes
from ..ir.expr import Expr, walk
from .value import Value

_LARGEST = 200  # nodes of a formula, beyond which it is cut


def worth_storing(value: Value, uses: int) -> bool:
    """Whether storing a value beats computing it for each use."""
    compute = sum(_cost(value, e) for e in value.pieces.values()) / len(value.pieces)
    if any(_longer_than(e, _LARGEST) for e in value.pieces.values()):
        return True
    return uses > 1 and uses * compute > compute + 2 + uses


def _cost(value: Value, expr: Expr) -> float:
    """Return reads of whole arrays and arithmetic, in passes."""
    reads = {
        (id(n.payload[0]), n.payload[1]) for n in walk([expr])
        if n.kind in ("read", "gather") and n.payload[0].size * 2 >= value.size
    }  # fmt: skip
    return len(reads) + passes(expr)


def _longer_than(expr: Expr, most: int) -> bool:
    return sum(1 for _ in walk([expr])) > most
