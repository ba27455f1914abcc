"""The error function: a polynomial up to 1, from there on one minus what remains."""

from __future__ import annotations

from .exponential import exp, exp2
from .polynomial import polynomial
from .value import Value, fma, where

_ERF_IS_ONE = {"float": 4.0, "double": 6.0}


def erf(x: Value) -> Value:
    """Return erf x = 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x."""
    a = abs(x).at_most(_ERF_IS_ONE[x.kind])
    near = fma(polynomial("erf", x * x), x, x)
    rest = _rest_of_floats(a) if x.kind == "float" else _rest_of_doubles(a)
    far = (1.0 - rest).copysign(x)
    return where(x.is_nan(), x, where(a < 1.0, near, far))


def _rest_of_floats(a: Value) -> Value:
    """Return 1 - erf a of a from 1 to 4."""
    return exp2(-polynomial("erfc_log2", a))


def _rest_of_doubles(a: Value) -> Value:
    """Return 1 - erf a of a from 1 to 6."""
    return polynomial("erfcx", (a - 2.5) / (a + 2.5)) * exp(-(a * a))
