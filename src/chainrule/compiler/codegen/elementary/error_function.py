"""The error function: a polynomial up to 1, from there on one minus a power of two."""

from __future__ import annotations

from .exponential import exp2
from .library import library
from .polynomial import polynomial
from .value import Value, fma, where


def erf(x: Value) -> Value:
    """Return erf x = 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x."""
    if x.kind == "double":
        return library("erf", x)
    a = abs(x).at_most(4.0)
    near = fma(polynomial("erf", x * x), x, x)
    far = (1.0 - exp2(-polynomial("erfc_log2", a))).copysign(x)
    return where(x.is_nan(), x, where(a < 1.0, near, far))
