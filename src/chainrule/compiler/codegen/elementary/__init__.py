"""Elementary functions as vector instructions: ranges are reduced, polynomials do the rest.

``accuracy.BOUNDS`` says how exact each of them is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from .error_function import erf
from .exponential import cosh, exp, expm1, sinh, tanh
from .library import library
from .logarithm import log, log1p
from .value import Value

_LIBRARY = ("sin", "cos", "asin", "acos", "atan", "atan2", "asinh", "acosh", "atanh", "pow")
ELEMENTARY: dict[str, Callable[..., Value]] = {
    "exp": exp, "expm1": expm1, "log": log, "log1p": log1p, "erf": erf, "sinh": sinh,
    "cosh": cosh, "tanh": tanh, **{name: partial(library, name) for name in _LIBRARY},
}  # fmt: skip

__all__ = ["ELEMENTARY"]
