"""Questions about data types, with the names of the array API standard."""

from __future__ import annotations

from functools import reduce
from typing import Any

from .. import dtypes
from ..dtypes import DType, DTypeLike
from ..errors import ArgumentError, DTypeError
from ..graph import Tensor, function
from .rules import is_number, with_number

_KINDS = {
    "bool": ("bool",),
    "signed integer": ("int",),
    "unsigned integer": ("uint",),
    "integral": ("int", "uint"),
    "real floating": ("float",),
    "numeric": ("int", "uint", "float"),
}


@function
def result_type(*values: Any) -> DType:
    """Return the type that tensors, types and Python numbers have in common.

    Python numbers take the others' type where their kind allows it.

    >>> result_type(tensor([1.0]), dtypes.int32, 2)
    float32
    """
    kinds = [v.dtype if isinstance(v, Tensor) else v for v in values if not is_number(v)]
    common = reduce(dtypes.promote, map(dtypes.dtype, kinds)) if kinds else None
    for value in values:
        if is_number(value):
            common = with_number(common, value)
    if common is None:
        raise ArgumentError("result_type", required="at least one argument", received="none")
    return common


@function
def can_cast(source: Tensor | DTypeLike, to: DTypeLike) -> bool:
    """Return whether the promotion rules lead from one type to another.

    >>> can_cast(dtypes.int8, dtypes.int32), can_cast(dtypes.float64, dtypes.float32)
    (True, False)
    """
    kind = source.dtype if isinstance(source, Tensor) else dtypes.dtype(source)
    try:
        return dtypes.promote(kind, dtypes.dtype(to)) is dtypes.dtype(to)
    except DTypeError:
        return False


@function
def isdtype(dtype: DTypeLike, kind: DTypeLike | tuple[Any, ...]) -> bool:
    """Return whether a type is of a kind: a type, 'bool', 'integral', 'real floating', ...

    >>> isdtype(dtypes.int8, "integral"), isdtype(dtypes.int8, ("bool", dtypes.int8))
    (True, True)
    """
    if isinstance(kind, tuple):
        return any(isdtype(dtype, k) for k in kind)
    if isinstance(kind, str) and kind not in dtypes.ALL:
        if kind not in _KINDS:
            raise ArgumentError(
                "isdtype", required=f"a type or one of {', '.join(_KINDS)}", received=repr(kind)
            )
        return dtypes.dtype(dtype).kind in _KINDS[kind]
    return dtypes.dtype(dtype) is dtypes.dtype(kind)
