"""Pairs of floats: an unevaluated sum has about twice the digits; needs fused multiplication."""

from __future__ import annotations

from dataclasses import dataclass

from .value import Value, fma


@dataclass
class Pair:
    """The number high + low, where low is at most about half a unit of high's last digit."""

    high: Value
    low: Value

    def __mul__(self, other: Pair) -> Pair:
        both = product(self.high, other.high)
        rest = fma(self.low, other.high, fma(self.high, other.low, both.low))
        return quick_sum(both.high, rest)


def quick_sum(a: Value, b: Value) -> Pair:
    """Return a + b exactly; a has no smaller exponent than b, or is 0."""
    high = a + b
    return Pair(high, b - (high - a))


def product(a: Value, b: Value) -> Pair:
    """Return a * b exactly."""
    high = a * b
    return Pair(high, fma(a, b, -high))
