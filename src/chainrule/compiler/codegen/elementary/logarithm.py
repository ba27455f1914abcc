"""Logarithms: x = 2^k (1 + f) with f around 0, so that log x = k log 2 + log(1 + f)."""

from __future__ import annotations

import math

from .constants import LOG_2, parts
from .library import library
from .polynomial import polynomial
from .value import MANTISSA, Value, fma, where

_ROOT_HALF = 0x3F3504F3  # the bits of sqrt(1/2) as a float
_SMALLEST = 1.1754943508222875e-38
_LOG_2 = parts(LOG_2, 15, 24)


def log(x: Value) -> Value:
    """Return the natural logarithm; -inf of 0, NaN of negative numbers."""
    if x.kind == "double":
        return library("log", x)
    tiny = x < _SMALLEST
    normal = where(tiny, x * 2.0 ** MANTISSA["float"], x)
    bits = normal.bits() - _ROOT_HALF
    exponent = bits >> MANTISSA["float"]
    f = (normal.bits() - (exponent << MANTISSA["float"])).floats() - 1.0
    k = exponent.convert("sitofp", "float") + where(tiny, x.const(-23.0), 0.0)
    squared = f * f
    high, low = _LOG_2
    tail = fma(squared * f, polynomial("log", f), k * low)
    result = fma(k, high, f + fma(squared, -0.5, tail))
    result = where(x.equals(0.0), -math.inf, result)
    result = where(x.equals(math.inf), x, result)
    return where((x < 0.0) | x.is_nan(), math.nan, result)


def log1p(x: Value) -> Value:
    """Return log(1 + x): log u * x / (u - 1) for u = 1 + x rounded corrects the rounding."""
    if x.kind == "double":
        return library("log1p", x)
    u = x + 1.0
    corrected = log(u) * (x / (u - 1.0))
    exact = u.equals(1.0) | u.equals(math.inf) | (u <= 0.0)
    return where(exact, where(u.equals(1.0), x, log(u)), corrected)
