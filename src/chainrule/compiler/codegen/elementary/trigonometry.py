"""Sine and cosine: x = n pi/2 + r with |r| <= pi/4, and n's last two bits choose the polynomial.

The reduced argument is a pair of floats, whatever digits cancel, up to ``_LIMIT``; the C library
computes the rare larger ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from .constants import HALF_PI, parts
from .exponential import PowerOfTwo
from .library import library
from .pair import Pair, product, quick_sum
from .polynomial import polynomial
from .value import Value, fma, rarely, where

_HALF_PI = {"float": parts(HALF_PI, 24, 24, 24), "double": parts(HALF_PI, 53, 53, 53)}
_LIMIT = {"float": 2.0**17, "double": 2.0**30}
_SINE_IS_X = {"float": 2.0**-12, "double": 2.0**-27}


def sin(x: Value) -> Value:
    """Return the sine of an angle; NaN of infinity."""
    return _with_library("sin", x, _sine)


def cos(x: Value) -> Value:
    """Return the cosine of an angle; NaN of infinity."""
    return _with_library("cos", x, _cosine)


def _with_library(name: str, x: Value, common: Callable[[Value], Value]) -> Value:
    if not x.has("fma"):
        return library(name, x)
    return rarely(abs(x) >= _LIMIT[x.kind], [common(x)], lambda: [library(name, x)])[0]


def _sine(x: Value) -> Value:
    quadrant, r = _reduced(x)
    result = _of_quadrant(quadrant, r)
    return where(abs(x) < _SINE_IS_X[x.kind], x, result)  # -0 among them


def _cosine(x: Value) -> Value:
    quadrant, r = _reduced(x)
    return _of_quadrant(quadrant + 1, r)


def _reduced(x: Value) -> tuple[Value, Pair]:
    """Return n in the low bits of an integer, and r."""
    whole = PowerOfTwo.nearest(x, 2 / math.pi)
    first, second, third = _HALF_PI[x.kind]
    r = fma(whole.n, -first, x)  # exact: it has no digits below those of x or of pi/2
    part = product(whole.n, x.const(-second))
    total = quick_sum(r, part.high)
    low = total.low + fma(whole.n, -third, part.low)
    return whole.shifted.bits(), quick_sum(total.high, low)


def _of_quadrant(quadrant: Value, r: Pair) -> Value:
    """Return sin(r + n pi/2): the sine or cosine of r, with a sign."""
    z = r.high * r.high
    sine = r.high + fma(r.high * z, polynomial("sin", z), r.low)
    half = z * 0.5
    whole = 1.0 - half
    lost = (1.0 - whole) - half
    tail = fma(z * z, polynomial("cos", z), fma(-r.high, r.low, lost))
    chosen = where((quadrant & 1).equals(0), sine, whole + tail)
    top = 30 if r.high.kind == "float" else 62
    return (chosen.bits() ^ ((quadrant & 2) << top)).floats()
