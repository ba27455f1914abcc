"""Logarithms: x = 2^k (1 + f) with f around 0, so that log x = k log 2 + log(1 + f)."""

from __future__ import annotations

import math

from .constants import LOG_2, parts
from .polynomial import polynomial
from .value import BIAS, MANTISSA, Value, fma, where

_ROOT_HALF = {"float": 0x3F3504F3, "double": 0x3FE6A09E667F3BCD}  # the bits of sqrt(1/2)
_SMALLEST = {kind: 2.0 ** (1 - bias) for kind, bias in BIAS.items()}  # that is normal
_LOG_2 = {"float": parts(LOG_2, 15, 24), "double": parts(LOG_2, 41, 53)}


def lifted(x: Value) -> tuple[Value, Value]:
    """Return a normal number and k, for which x is the number times 2^k; k is 0 of normal x."""
    mantissa = MANTISSA[x.kind]
    tiny = x < _SMALLEST[x.kind]
    return where(tiny, x * 2.0**mantissa, x), where(tiny, x.const(-mantissa), 0.0)


def split(x: Value) -> tuple[Value, Value]:
    """Return k and m, for which x = 2^k m with m between sqrt(1/2) and sqrt(2); x is normal."""
    mantissa = MANTISSA[x.kind]
    exponent = (x.bits() - _ROOT_HALF[x.kind]) >> mantissa
    m = (x.bits() - (exponent << mantissa)).floats()
    short = exponent if x.kind == "float" else exponent.convert("trunc", "i32")
    return short.convert("sitofp", x.kind), m


def log(x: Value) -> Value:
    """Return the natural logarithm; -inf of 0, NaN of negative numbers."""
    normal, lift = lifted(x)
    k, m = split(normal)
    k, f = k + lift, m - 1.0
    result = _of_float(k, f) if x.kind == "float" else _of_double(k, f)
    result = where(x.equals(0.0), -math.inf, result)
    result = where(x.equals(math.inf), x, result)
    return where((x < 0.0) | x.is_nan(), math.nan, result)


def _of_float(k: Value, f: Value) -> Value:
    """Return k log 2 + log(1 + f)."""
    squared = f * f
    high, low = _LOG_2["float"]
    tail = fma(squared * f, polynomial("log", f), k * low)
    return fma(k, high, f + fma(squared, -0.5, tail))


def _of_double(k: Value, f: Value) -> Value:
    """Return k log 2 + f - f^2/2 + s (f^2/2 + R); s = f / (2 + f), 2 artanh(s) = s (2 + R)."""
    s, half = f / (f + 2.0), f * f * 0.5
    z = s * s
    high, low = _LOG_2["double"]
    tail = fma(s, fma(z, polynomial("log_odd", z), half), k * low)
    return fma(k, high, f - (half - tail))


def log1p(x: Value) -> Value:
    """Return log(1 + x): log u * x / (u - 1) for u = 1 + x rounded corrects the rounding."""
    u = x + 1.0
    rounded = log(u)
    corrected = rounded * (x / (u - 1.0))
    exact = u.equals(1.0) | u.equals(math.inf) | (u <= 0.0)
    return where(exact, where(u.equals(1.0), x, rounded), corrected)
