"""Operators on floats beyond single instructions: extremes, sign, division that rounds down."""

from __future__ import annotations

import math

from .elementary.value import MANTISSA, Value, fma, rarely, where
from .rounding import floor, trunc


def maximum(x: Value, y: Value) -> Value:
    """Return the larger one; NaN if either is."""
    return _extreme(x, y, "ogt")


def minimum(x: Value, y: Value) -> Value:
    """Return the smaller one; NaN if either is."""
    return _extreme(x, y, "olt")


def _extreme(x: Value, y: Value, predicate: str) -> Value:
    if y.number is not None and not math.isnan(y.number):
        x, y = y, x
    chosen = where(x.compare(predicate, "", y), x, y)  # y where either is NaN
    if x.number is not None and not math.isnan(x.number):
        return chosen
    return where(x.is_nan(), x, chosen)


def sign(x: Value) -> Value:
    """Return -1, 0 or 1; NaN of NaN."""
    return where(x.equals(0) | x.is_nan(), x + 0.0, x.const(1.0).copysign(x))


def signbit(x: Value) -> Value:
    """Return whether the sign is set, also of -0.0 and NaN."""
    return x.bits() < 0


def is_infinite(x: Value) -> Value:
    """Return whether x is infinite."""
    return abs(x).equals(math.inf)


def is_finite(x: Value) -> Value:
    """Return whether x is neither infinite nor NaN."""
    return abs(x) < math.inf


def _fmod(a: Value, b: Value) -> Value:
    """Return a - b * trunc(a / b), exactly.

    With a fused multiply the quotient may be one off, and the rest is exact all the same; without
    one, and for quotients that have no room for their last digit, the C library computes it.
    """

    if not a.has("fma"):
        return a.binary("frem", b)
    quotient = a / b
    rest = fma(-trunc(quotient), b, a)
    size, wrong = abs(b), (rest.bits() ^ a.bits()) < 0
    rest = where(wrong & rest.differs(0), rest + size.copysign(a), rest)
    easy = (abs(quotient) < 2.0 ** (MANTISSA[a.kind] - 1)) & (size < math.inf)
    return rarely(~easy, [rest], lambda: [a.binary("frem", b)])[0]


def remainder(a: Value, b: Value) -> Value:
    """Return a - b * floor(a / b), of b's sign."""
    rest = _fmod(a, b)
    other_side = _is_other_side(rest, b)
    return where(rest.equals(0), rest.const(0.0).copysign(b), where(other_side, rest + b, rest))


def floor_divide(a: Value, b: Value) -> Value:
    """Return floor(a / b) of the exact quotient."""
    quotient, rest = a / b, _fmod(a, b)
    whole = (a - rest) / b  # an integer but for rounding
    whole = where(_is_other_side(rest, b), whole - 1.0, whole)
    down = floor(whole)
    near = where((whole - down) > 0.5, down + 1.0, down)
    return where(b.equals(0), quotient, where(whole.equals(0), near.copysign(quotient), near))


def _is_other_side(rest: Value, b: Value) -> Value:
    """Return whether a remainder has not b's sign."""
    return rest.differs(0) & ((rest.bits() ^ b.bits()) < 0)
