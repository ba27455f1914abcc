"""Elementary functions as vector instructions: ranges are reduced, polynomials do the rest.

Largest errors that were measured in random samples, in units in the last place (float, double): pow
0.52, 1.21, subnormal results included; sin and cos 0.86, 0.83 where they are vector code (below
2^17 and 2^30; beyond, the C library); asin 2.24, 2.10; acos 1.26, 1.09; atan 1.79, 1.41. Bounds of
the others: ``accuracy.BOUNDS``. Powers of a known exponent: lower/simplify.py.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from .error_function import erf
from .exponential import cosh, exp, expm1, sinh, tanh
from .inverse_trigonometry import acos, asin, atan
from .library import library
from .logarithm import log, log1p
from .power import power
from .trigonometry import cos, sin
from .value import Value

_LIBRARY = ("atan2", "asinh", "acosh", "atanh")
ELEMENTARY: dict[str, Callable[..., Value]] = {
    "exp": exp, "expm1": expm1, "log": log, "log1p": log1p, "erf": erf, "sinh": sinh,
    "cosh": cosh, "tanh": tanh, "pow": power, "sin": sin, "cos": cos, "asin": asin, "acos": acos,
    "atan": atan,
    **{name: partial(library, name) for name in _LIBRARY},
}  # fmt: skip

__all__ = ["ELEMENTARY"]
