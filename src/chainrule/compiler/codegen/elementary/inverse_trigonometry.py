"""Inverse sine, cosine and tangent: identities bring the argument near 0, a polynomial follows."""

from __future__ import annotations

import math

from .constants import HALF_PI, parts
from .polynomial import polynomial
from .value import Value, fma, where

_BITS = {"float": 24, "double": 53}
_HALF_PI = {kind: parts(HALF_PI, bits, bits) for kind, bits in _BITS.items()}


def asin(x: Value) -> Value:
    """Return the angle whose sine is x: above 1/2 it is pi/2 - 2 asin(sqrt((1 - x) / 2))."""
    small, angle = _arcsine(x)
    high, low = _HALF_PI[x.kind]
    return where(small, angle, high - fma(angle, 2.0, -low)).copysign(x)


def acos(x: Value) -> Value:
    """Return the angle whose cosine is x: that of -x is pi minus it."""
    small, angle = _arcsine(x)
    high, low = _HALF_PI[x.kind]
    signed = angle.copysign(x)
    near = high - (signed - low)
    far = 2.0 * angle
    return where(small, near, where(x < 0.0, 2.0 * high - (far - 2.0 * low), far))


def _arcsine(x: Value) -> tuple[Value, Value]:
    """Return whether |x| <= 1/2, and the arcsine of |x| or of sqrt((1 - |x|) / 2)."""
    size = abs(x)
    small = size <= 0.5
    z = where(small, size * size, fma(size, -0.5, 0.5))
    root = where(small, size, z.sqrt())
    return small | x.is_nan(), fma(root * z, polynomial("asin", z), root)


def atan(x: Value) -> Value:
    """Return the angle whose tangent is x: pi/2 - atan(1 / x), pi/4 + atan((x - 1) / (x + 1))."""
    size = abs(x)
    steep, middle = size > math.tan(3 * math.pi / 8), size > math.tan(math.pi / 8)
    above = where(steep, -1.0, where(middle, size - 1.0, size))
    below = where(steep, size, where(middle, size + 1.0, 1.0))
    t = above / below
    high, low = _HALF_PI[x.kind]
    turned = where(steep, x.const(1.0), where(middle, x.const(0.5), 0.0))
    z = t * t
    rest = fma(t * z, polynomial("atan", z), turned * low)
    return (turned * high + (t + rest)).copysign(x)
