"""The exponential function and its relatives.

x = n log 2 + r with |r| <= log(2) / 2, so that e^x = 2^n e^r; a polynomial gives e^r and 2^n is put
together from bits. Rounding to the integer n is adding a number so large that it has no bits for
fractions: then n also stands in the sum's low bits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .constants import LOG_2, parts
from .polynomial import polynomial
from .value import BIAS, MANTISSA, Value, fma, where

_LOG_2 = {"float": parts(LOG_2, 15, 24), "double": parts(LOG_2, 41, 53)}
_LIMITS = {"float": (-104.0, 90.0), "double": (-746.0, 711.0)}  # beyond: 0 and infinity
_TANH_IS_ONE = {"float": 9.1, "double": 20.0}


@dataclass
class PowerOfTwo:
    """An integer n in each lane, as a float and in the low bits of another one."""

    n: Value
    shifted: Value

    @classmethod
    def nearest(cls, x: Value, factor: float) -> PowerOfTwo:
        """Return the integer nearest to x * factor."""
        magic = 1.5 * 2.0 ** MANTISSA[x.kind]
        shifted = fma(x, factor, magic)
        return cls(shifted - magic, shifted)

    def scale(self, x: Value) -> Value:
        """Return x * 2^n for x near 1, rounded once: overflow is infinite, underflow gradual.

        Both halves of 2^n are factors, so that NaN stays NaN whatever its bits are.
        """
        mantissa = MANTISSA[x.kind]
        exponent = self.shifted.bits() << mantissa
        half = (exponent >> 1) & -(1 << mantissa)
        one = BIAS[x.kind] << mantissa
        return (x * (half + one).floats()) * (exponent - half + one).floats()

    def times(self, x: Value) -> Value:
        """Return x * 2^n for x near 1, where that is a normal number."""
        return (x.bits() + (self.shifted.bits() << MANTISSA[x.kind])).floats()


def _reduced(x: Value) -> tuple[PowerOfTwo, Value]:
    """Return n and r of x = n log 2 + r."""
    power = PowerOfTwo.nearest(x, 1 / math.log(2))
    high, low = _LOG_2[x.kind]
    return power, fma(power.n, -low, fma(power.n, -high, x))


def exp(x: Value) -> Value:
    """Return e^x."""
    low, high = _LIMITS[x.kind]
    power, r = _reduced(x.at_most(high).at_least(low))
    return power.scale(fma(polynomial("exp", r), r * r, r) + 1.0)


def exp2(x: Value) -> Value:
    """Return 2^x for float, x between -126 and 126."""
    power = PowerOfTwo.nearest(x, 1.0)
    r = x - power.n
    return power.scale(fma(polynomial("exp2", r), r, 1.0))


def expm1(x: Value) -> Value:
    """Return e^x - 1: 2^n (e^r - 1) + (2^n - 1), where no digits cancel."""
    low, high = _LIMITS[x.kind]
    power, r = _reduced(x.at_most(high).at_least(low))
    less = fma(polynomial("exp", r), r * r, r)
    scale = power.scale(x.const(1.0))
    whole = power.scale(less + 1.0) - 1.0
    near = fma(less, scale, scale - 1.0)
    result = where(scale < 2.0 ** MANTISSA[x.kind], near, whole)
    return where(abs(x) < 2.0 ** -(MANTISSA[x.kind] + 2), x, result)


def tanh(x: Value) -> Value:
    """Return (e^2a - 1) / (e^2a + 1) for a = |x|, with the sign of x."""
    a = abs(x).at_most(_TANH_IS_ONE[x.kind])
    less = expm1(a + a)
    return (less / (less + 2.0)).copysign(x)


def sinh(x: Value) -> Value:
    """Return (e^x - e^-x) / 2, from e^|x| - 1."""
    half = x.const(0.5).copysign(x)
    less = expm1(abs(x))
    near = half * (less + less / (less + 1.0))
    large = exp(abs(x) * 0.5)
    return where(abs(x) < _LIMITS[x.kind][1] - 3.0, near, (half * large) * large)


def cosh(x: Value) -> Value:
    """Return (e^x + e^-x) / 2, from the root of e^|x| so that only the result overflows."""
    root = exp(abs(x) * 0.5)
    return fma(root * 0.5, root, (0.5 / root) / root)
