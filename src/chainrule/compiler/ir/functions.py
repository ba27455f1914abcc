"""The functions of formulas: how many arguments, of which types, and what they mean in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ... import dtypes
from ...dtypes import DType
from ...ops.notation import NUMPY_SCALARS
from ...ops.notation.scalars import SCALAR_NAMES
from .expr import PREDICATES, Expr

_INFIX: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.true_divide,
    "floordiv": np.floor_divide, "mod": np.mod, "neg": np.negative,
    "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor, "not": np.invert,
    "shl": np.left_shift, "shr": np.right_shift,
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal,
    "gt": np.greater, "ge": np.greater_equal,
}  # fmt: skip
_ARITY = {
    "where": 3, "pow": 2, "atan2": 2, "copysign": 2, "maximum": 2, "minimum": 2,
    **dict.fromkeys(_INFIX, 2), "neg": 1, "not": 1,
}  # fmt: skip
_ANY = frozenset({"bool", "uint", "int", "float"})
_KINDS: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ["exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "asin", "acos", "atan", "atan2",
         "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "copysign", "div"],
        frozenset({"float"}),
    ),
    **dict.fromkeys(["and", "or", "xor", "not"], frozenset({"bool", "uint", "int"})),
    **dict.fromkeys(["shl", "shr"], frozenset({"uint", "int"})),
    **dict.fromkeys(["sub", "neg", "sign", "floordiv", "mod", "pow"], _ANY - {"bool"}),
}  # fmt: skip


@dataclass(frozen=True)
class Function:
    """A function of elements: ``kinds`` are those of data types that it takes."""

    arity: int
    compute: Callable[..., Any]
    kinds: frozenset[str]


FUNCTIONS: dict[str, Function] = {
    name: Function(
        _ARITY.get(name, 1),
        _INFIX.get(name) or getattr(NUMPY_SCALARS, name),
        _KINDS.get(name, _ANY),
    )
    for name in sorted(SCALAR_NAMES | set(_INFIX))
}


def result_dtype(name: str, args: Sequence[Expr]) -> DType:
    """Return the data type of a function's value: bool for predicates, else its last argument's."""
    return dtypes.bool if name in PREDICATES else args[-1].dtype


def accumulated_dtype(reducer: str, dtype: DType) -> DType:
    """Return the data type of a reduction's result: int64 for positions, else its values'."""
    return dtypes.int64 if reducer in ("argmax", "argmin") else dtype
