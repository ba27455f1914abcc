"""Rounding of floats to integers: an instruction, or arithmetic on processors without one."""

from __future__ import annotations

from .elementary.value import MANTISSA, Value, where


def _nearest(x: Value) -> Value:
    """Return |x| rounded, halves to even: adding 2^23 (2^52) leaves no bits for fractions."""
    limit = 2.0 ** MANTISSA[x.kind]
    size = abs(x)
    return where(size < limit, size + limit - limit, size)


def round_even(x: Value) -> Value:
    """Return the nearest integer, halves to even."""
    return x.intrinsic("roundeven") if x.has("sse4.1") else _nearest(x).copysign(x)


def floor(x: Value) -> Value:
    """Return the largest integer not above x."""
    if x.has("sse4.1"):
        return x.intrinsic("floor")
    near = round_even(x)
    return (near - where(near > x, near.const(1.0), 0.0)).copysign(x)


def ceil(x: Value) -> Value:
    """Return the smallest integer not below x."""
    if x.has("sse4.1"):
        return x.intrinsic("ceil")
    near = round_even(x)
    return (near + where(near < x, near.const(1.0), 0.0)).copysign(x)


def trunc(x: Value) -> Value:
    """Return the integer part of x."""
    if x.has("sse4.1"):
        return x.intrinsic("trunc")
    return floor(abs(x)).copysign(x)
