"""What arithmetic costs, counted in passes over memory.

One pass is the time to read (or write) an array once, about 4 cycles for 16 elements from the
second-level cache; an exponential takes about as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from .expr import Expr, walk

_DEAR = {
    "exp": 1.0, "log": 1.0, "div": 0.4, "sqrt": 0.5, "floordiv": 1.0, "mod": 1.0, "expm1": 2.0,
    "log1p": 2.0, "tanh": 2.0, "erf": 2.0, "sin": 2.0, "cos": 2.0, "pow": 2.0, "sinh": 2.0,
    "cosh": 2.0, "asin": 2.0, "acos": 2.0, "atan": 2.0, "atan2": 2.0, "asinh": 2.0, "acosh": 2.0,
    "atanh": 2.0,
}  # fmt: skip
_CHEAP = 0.04
TURNED = 1 << 14  # elements: smaller arrays lie in the first cache, and may be walked across
_FREE = ("read", "const", "index", "cast", "acc")


@lru_cache(maxsize=4096)
def passes(expr: Expr) -> float:
    """Return the arithmetic of a formula in passes."""
    return _arithmetic([expr])


def copies(values: Sequence[Expr], stores: int) -> float:
    """Return how many arrays could be copied in the time that formulas take; at least 1."""
    reads = sum(n.kind in ("read", "gather") for n in walk(values))
    return max(1.0, (reads + stores) / 2 + _arithmetic(values))


def _arithmetic(values: Sequence[Expr]) -> float:
    return sum(0.0 if n.kind in _FREE else _DEAR.get(n.kind, _CHEAP) for n in walk(values))
