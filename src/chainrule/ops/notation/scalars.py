"""What may stand in the scalar body of an elementwise operation, besides infix operators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ...dtypes import Array, DType
from ..special import erf_kernel

One = Callable[[Any], Any]
Two = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class ScalarFunctions:
    """The functions of one element: the namespace ``s`` that is handed to ``scalar=`` bodies.

    Who computes elements fills in this table: NumPy below, a compiler with its instructions. A body
    uses nothing but these and the operators + - * / // % & | ^ ~ << >> == != < <= > >=.

    >>> body = lambda s, x: s.maximum(x, 0)
    >>> body(NUMPY_SCALARS, np.array([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    exp: One
    expm1: One
    log: One
    log1p: One
    sqrt: One
    sin: One
    cos: One
    asin: One
    acos: One
    atan: One
    atan2: Two  # angle of the point (second, first)
    sinh: One
    cosh: One
    tanh: One
    asinh: One
    acosh: One
    atanh: One
    erf: One
    pow: Two
    abs: One
    sign: One  # -1, 0 or 1; NaN of NaN
    signbit: One
    copysign: Two
    maximum: Two  # NaN wins
    minimum: Two
    floor: One
    ceil: One
    round: One  # halves to even
    trunc: One
    isnan: One
    isinf: One
    isfinite: One
    where: Callable[[Any, Any, Any], Any]  # condition, value if true, value if false
    cast: Callable[[Any, DType], Any]


def _cast(x: Array, dtype: DType) -> Array:
    return np.asarray(x).astype(dtype.compute)


NUMPY_SCALARS = ScalarFunctions(
    exp=np.exp, expm1=np.expm1, log=np.log, log1p=np.log1p, sqrt=np.sqrt,
    sin=np.sin, cos=np.cos, asin=np.arcsin, acos=np.arccos, atan=np.arctan, atan2=np.arctan2,
    sinh=np.sinh, cosh=np.cosh, tanh=np.tanh, asinh=np.arcsinh, acosh=np.arccosh,
    atanh=np.arctanh, erf=erf_kernel, pow=np.power, abs=np.abs, sign=np.sign,
    signbit=np.signbit, copysign=np.copysign, maximum=np.maximum, minimum=np.minimum,
    floor=np.floor, ceil=np.ceil, round=np.round, trunc=np.trunc,
    isnan=np.isnan, isinf=np.isinf, isfinite=np.isfinite, where=np.where, cast=_cast,
)  # fmt: skip

SCALAR_NAMES = frozenset(f.name for f in fields(ScalarFunctions)) - {"cast"}
