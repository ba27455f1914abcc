"""Powers: x^y = 2^(y log2 |x|), the logarithm with digits to spare, and the sign put on.

The exponent may be as large as 1074, so that the logarithm's relative error comes back 1074-fold.
For float all of it is computed in double, for double in pairs.
"""

from __future__ import annotations

import math
from fractions import Fraction

from .constants import LOG_2, parts
from .exponential import PowerOfTwo
from .library import library
from .logarithm import lifted, split
from .pair import Pair, product, quick_sum
from .polynomial import polynomial
from .value import MANTISSA, Value, fma, where

_BEYOND = {"float": 200.0, "double": 1100.0}  # exponents of which the power is 0 or infinite
_LOG_2 = parts(LOG_2, 53, 53)
_LOG2_E = parts(1 / LOG_2, 53, 53)
_TWO_THIRDS = parts(Fraction(2, 3), 53, 53)


def power(x: Value, y: Value) -> Value:
    """Return x^y with the special cases of C."""
    if x.kind == "double" and not x.has("fma"):
        return library("pow", x, y)
    size = abs(x)
    result = _of_floats(size, y) if x.kind == "float" else _of_doubles(size, y)
    result = where(size.equals(1.0), 1.0, result)  # to infinite powers also
    whole = _is_whole(y)
    odd = whole & ~_is_whole(y * 0.5)
    result = where((x.bits() < 0) & odd, -result, result)
    undefined = (x < 0.0) & ~whole & (size < math.inf)
    result = where(undefined | x.is_nan() | y.is_nan(), math.nan, result)
    return where(y.equals(0.0) | x.equals(1.0), 1.0, result)


def _is_whole(y: Value) -> Value:
    """Return whether y is an integer; infinity is, as an even one."""
    size, magic = abs(y), 2.0 ** MANTISSA[y.kind]
    return (size >= magic) | ((size + magic) - magic).equals(size)


def _with_limits(x: Value, log2: Value) -> Value:
    """Return the logarithm, with those of 0 and infinity, which count as numbers before."""
    return where(x.equals(0.0), -math.inf, where(x.equals(math.inf), math.inf, log2))


def _of_floats(x: Value, y: Value) -> Value:
    """Return x^y of x that is not negative."""
    wide, y = x.convert("fpext", "double"), y.convert("fpext", "double")
    k, m = split(wide)
    f = m - 1.0
    exponent = y * _with_limits(wide, fma(polynomial("log2_short", f), f, k))
    exponent = exponent.at_most(_BEYOND["float"]).at_least(-_BEYOND["float"])
    whole = PowerOfTwo.nearest(exponent, 1.0)
    r = exponent - whole.n
    return whole.times(fma(polynomial("exp2_short", r), r, 1.0)).convert("fptrunc", "float")


def _of_doubles(x: Value, y: Value) -> Value:
    """Return x^y of x that is not negative."""
    log2 = _log2(x)
    main = _with_limits(x, log2.high)
    exponent = main * y
    rest = fma(log2.low, y, fma(main, y, -exponent))
    rest = where(abs(exponent) < _BEYOND["double"], rest, 0.0)
    exponent = exponent.at_most(_BEYOND["double"]).at_least(-_BEYOND["double"])
    whole = PowerOfTwo.nearest(exponent, 1.0)
    r = quick_sum(exponent - whole.n, rest) * _constant(x, _LOG_2)
    tail = fma(polynomial("exp", r.high), r.high * r.high, r.low)
    return whole.scale((r.high + tail) + 1.0)


def _log2(x: Value) -> Pair:
    """Return log2 x of x that is positive: k + (2 s + 2/3 s^3 + ...) / log 2, s = (m-1) / (m+1)."""
    normal, lift = lifted(x)
    k, m = split(normal)
    f, over = m - 1.0, quick_sum(m.const(1.0), m)
    inverse = 1.0 / over.high
    s = f * inverse
    s_low = fma(-s, over.low, fma(-s, over.high, f)) * inverse
    squared = product(s, s)
    squared.low = fma(s + s, s_low, squared.low)
    series = squared * _constant(x, _TWO_THIRDS)
    z = squared.high
    series.low = fma(polynomial("log_tail", z), z * z, series.low)
    more = Pair(s, s_low) * series
    twice = quick_sum(s + s, more.high)
    twice.low = (twice.low + more.low) + (s_low + s_low)
    log2 = quick_sum(twice.high, twice.low) * _constant(x, _LOG2_E)
    total = quick_sum(k + lift, log2.high)
    return quick_sum(total.high, total.low + log2.low)


def _constant(x: Value, number: tuple[float, ...]) -> Pair:
    return Pair(x.const(number[0]), x.const(number[1]))
