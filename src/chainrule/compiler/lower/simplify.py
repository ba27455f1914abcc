"""What functions are without computing: of constants, x + 0, where(c, x, x), x ** 2."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce

import numpy as np

from ... import dtypes
from ..ir.expr import Expr, const, make
from ..ir.functions import FUNCTIONS, result_dtype

_SMALLEST, _LARGEST = -2.5, 4.0  # exponents: with more factors powers are less exact


def simplified(name: str, exprs: Sequence[Expr]) -> Expr | None:
    """Return a simpler formula for a function, or None (as for other kinds of nodes)."""
    if name not in FUNCTIONS:
        return None
    numbers = [e.payload if e.kind == "const" else None for e in exprs]
    if None not in numbers and not (name == "pow" and not exprs[0].dtype.is_floating):
        return _computed(name, exprs)
    match name, numbers:
        case ("add", [0, _]) | ("mul", [1, _]) | ("and", [True, _]) | ("or", [False, _]):
            return _kept(name, exprs[1])
        case ("add" | "sub", [_, 0]) | ("mul" | "div", [_, 1]):
            return exprs[0]
        case ("and", [_, True]) | ("or", [_, False]):
            return _kept(name, exprs[0])
        case ("and", [False, _] | [_, False]) | ("or", [True, _] | [_, True]):
            return const(name == "or", dtypes.bool) if exprs[0].dtype is dtypes.bool else None
        case ("where", [chosen, _, _]) if chosen is not None:
            return exprs[1] if chosen else exprs[2]
        case ("where", _):
            return exprs[1] if exprs[1] is exprs[2] else None
        case ("pow", [_, y]) if y is not None and exprs[0].dtype.is_floating:
            return _power(exprs[0], float(y))
    return None


def _kept(name: str, x: Expr) -> Expr | None:
    """Return x, unless bits are meant: 1 & x is not x for integers."""
    return None if name in ("and", "or") and x.dtype is not dtypes.bool else x


def _computed(name: str, exprs: Sequence[Expr]) -> Expr:
    """Return a function of constants as a constant."""
    with np.errstate(all="ignore"):
        values = [np.asarray(e.payload).astype(e.dtype.compute) for e in exprs]
        value = FUNCTIONS[name].compute(*values)
    return const(np.asarray(value).item(), result_dtype(name, exprs))


def _power(x: Expr, y: float) -> Expr | None:
    """Return x ** y by multiplication, division and roots, where y is a small multiple of 1/4.

    Within 4 units in the last place, and within 1 if y is -1, 0, 1, 2 or 1/2. A negative power
    multiplies inverses, since the inverse of a product overflows where the power is subnormal.
    """
    if not _SMALLEST <= y <= _LARGEST or not (4 * y).is_integer():
        return None
    if y == 0:
        return const(1.0, x.dtype)
    whole, quarters = divmod(int(4 * abs(y)), 4)
    x = _without_sign(x) if quarters else x
    base = x if y > 0 else _inverse(x)
    factors = [base] * (whole % 2)
    if whole > 1:
        square = _times(base, base)
        factors.append(square if whole < 4 else _times(square, square))
    if quarters:
        root = _root(x, quarters)
        factors.append(root if y > 0 else _inverse(root))
    return reduce(_times, factors)


def _root(x: Expr, quarters: int) -> Expr:
    """Return x ** (1/4, 2/4 or 3/4)."""
    root = _sqrt(x)
    if quarters == 2:
        return root
    return _sqrt(root) if quarters == 1 else _times(root, _sqrt(root))


def _without_sign(x: Expr) -> Expr:
    """Return x, but 0 for -0 and inf for -inf, whose powers are positive unlike their roots."""
    infinite = make("eq", dtypes.bool, (x, const(-math.inf, x.dtype)))
    positive = make("where", x.dtype, (infinite, const(math.inf, x.dtype), x))
    return make("add", x.dtype, (positive, const(0.0, x.dtype)))


def _sqrt(x: Expr) -> Expr:
    return make("sqrt", x.dtype, (x,))


def _times(a: Expr, b: Expr) -> Expr:
    return make("mul", a.dtype, (a, b))


def _inverse(x: Expr) -> Expr:
    return make("div", x.dtype, (const(1.0, x.dtype), x))
