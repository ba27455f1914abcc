"""What it costs to compute a formula again, against storing it: counted in passes over memory.

One pass is the time to read (or write) an array once, about 4 cycles for 16 elements from the
second-level cache; an exponential takes about as long.
"""

from __future__ import annotations

from functools import lru_cache

from ..ir.expr import Expr, walk
from .value import Value

_DEAR = {
    "exp": 1.0, "log": 1.0, "div": 0.4, "sqrt": 0.5, "floordiv": 1.0, "mod": 1.0, "expm1": 2.0,
    "log1p": 2.0, "tanh": 2.0, "erf": 2.0, "sin": 2.0, "cos": 2.0, "pow": 2.0, "sinh": 2.0,
    "cosh": 2.0, "asin": 2.0, "acos": 2.0, "atan": 2.0, "atan2": 2.0, "asinh": 2.0, "acosh": 2.0,
    "atanh": 2.0,
}  # fmt: skip
_CHEAP = 0.04
_FREE = ("read", "const", "index", "cast", "acc")
_LARGEST = 200  # nodes of a formula, beyond which it is cut


@lru_cache(maxsize=4096)
def passes(expr: Expr) -> float:
    """Return the arithmetic of a formula in passes."""
    return sum(0.0 if n.kind in _FREE else _DEAR.get(n.kind, _CHEAP) for n in walk([expr]))


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
