"""Polynomials by Horner's rule, one fused multiply-add for each coefficient."""

from __future__ import annotations

from .coefficients import COEFFICIENTS
from .value import Value, fma


def polynomial(name: str, x: Value) -> Value:
    """Return the value at x of a polynomial in the table of coefficients."""
    coefficients = COEFFICIENTS[name][x.kind]
    result = x.const(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        result = fma(result, x, coefficient)
    return result
