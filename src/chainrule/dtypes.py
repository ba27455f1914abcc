"""Data types: one table of their names, NumPy storage, kinds, and the promotion rules.

The rules are those of the Python array API standard (2023.12). Where the standard leaves a
mixture undefined, an integer with a floating type gives the floating type (so that
``float32`` stays ``float32``), bool gives the other type, and ``uint64`` with a signed integer
is an error. ``bfloat16`` and ``float16`` are storage formats: kernels compute in float32.
"""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import DTypeError

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class DType:
    """A data type: its name, its kind and how NumPy stores it."""

    name: str
    kind: str  # "bool", "uint", "int" or "float"
    storage: np.dtype[Any]  # what lies in memory
    compute: np.dtype[Any]  # what kernels see

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self.storage.itemsize

    @property
    def is_floating(self) -> builtins.bool:
        """Whether gradients can flow through values of this type."""
        return self.kind == "float"

    @property
    def is_integer(self) -> builtins.bool:
        """Whether this is a signed or unsigned integer type."""
        return self.kind in ("int", "uint")

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return dtype, (self.name,)


def _plain(name: str, kind: str) -> DType:
    return DType(name, kind, np.dtype(name), np.dtype(name))


bool = DType("bool", "bool", np.dtype(np.bool_), np.dtype(np.bool_))
uint8, uint16, uint32, uint64 = (_plain(f"uint{n}", "uint") for n in (8, 16, 32, 64))
int8, int16, int32, int64 = (_plain(f"int{n}", "int") for n in (8, 16, 32, 64))
float32, float64 = _plain("float32", "float"), _plain("float64", "float")
float16 = DType("float16", "float", np.dtype(np.float16), np.dtype(np.float32))
bfloat16 = DType("bfloat16", "float", np.dtype(np.uint16), np.dtype(np.float32))

ALL: dict[str, DType] = {
    d.name: d
    for d in (bool, uint8, uint16, uint32, uint64, int8, int16, int32, int64,
              float16, bfloat16, float32, float64)
}  # fmt: skip
_BY_NUMPY: dict[np.dtype[Any], DType] = {d.storage: d for d in ALL.values() if d is not bfloat16}
_BY_CODE = {d.str: t for d, t in _BY_NUMPY.items()}
DTypeLike = DType | str | type | np.dtype[Any]


def dtype(spec: DTypeLike) -> DType:
    """Return the data type that a name, a NumPy dtype or a Python type stands for.

    >>> dtype("float32"), dtype(np.int64), dtype(float)
    (float32, int64, float32)
    """
    if isinstance(spec, DType):
        return spec
    if isinstance(spec, str) and spec in ALL:
        return ALL[spec]
    if spec is float:
        return float32
    try:
        found = None if spec is None else _BY_NUMPY.get(np.dtype(spec).newbyteorder("="))
    except TypeError:
        found = None
    if found is None:
        raise DTypeError(
            "dtype", required=f"one of {', '.join(ALL)}", received=repr(spec),
            hint="chainrule has no complex, string or object arrays",
        )  # fmt: skip
    return found


def of_array(array: Array) -> DType:
    """Return the data type of a NumPy array."""
    found = _BY_NUMPY.get(array.dtype)
    return dtype(array.dtype) if found is None else found


def encode(values: Array, to: DType) -> Array:
    """Turn computed values into the stored form of ``to`` (rounding to nearest even)."""
    if to is bfloat16:
        return _to_bfloat16(np.asarray(values, np.float32))
    if values.dtype == to.storage:
        return values
    with np.errstate(over="ignore", invalid="ignore"):
        return values.astype(to.storage)


def decode(stored: Array, of: DType) -> Array:
    """Turn stored values into what kernels compute with."""
    if of is bfloat16:
        # asarray: NumPy makes a scalar of an operation on an array without axes
        return np.asarray(stored.astype(np.uint32) << np.uint32(16)).view(np.float32)
    if of is float16:
        return stored.astype(np.float32)
    return stored


def _to_bfloat16(values: Array) -> Array:
    bits = np.ascontiguousarray(values).view(np.uint32).reshape(values.shape)
    rounded = bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    quiet_nan = (bits >> np.uint32(16)) | np.uint32(0x40)
    nan = np.isnan(values)
    return np.where(nan, quiet_nan, rounded >> np.uint32(16)).astype(np.uint16)


_WIDTH = {"bool": 0, "uint": 1, "int": 1, "float": 2}


@cache
def promote(a: DType, b: DType) -> DType:
    """Return the type that values of two types have in common.

    Raises DTypeError where the array API standard has none (``uint64`` with a signed integer).

    >>> promote(float32, int64), promote(uint8, int8), promote(float16, bfloat16)
    (float32, int16, float32)
    """
    if a is b:
        return a
    if _WIDTH[a.kind] != _WIDTH[b.kind]:
        return a if _WIDTH[a.kind] > _WIDTH[b.kind] else b
    if {a, b} == {float16, bfloat16}:
        return float32
    if a is bfloat16 or b is bfloat16:
        return b if a is bfloat16 else a
    found = _BY_NUMPY[np.promote_types(a.storage, b.storage)]
    if found.is_floating and a.is_integer:
        raise DTypeError(
            "promotion", required="a common integer type", received=f"{a} and {b}",
            hint="cast one of them with .astype(...)",
        )  # fmt: skip
    return found


def finfo(of: DTypeLike) -> Any:
    """Return NumPy's limits of a floating type (``eps``, ``max``, ``tiny``...).

    >>> float(finfo(float32).eps)
    1.1920928955078125e-07
    """
    kind = dtype(of)
    if not kind.is_floating:
        raise DTypeError("finfo", required="a floating type", received=str(kind))
    if kind is bfloat16:
        raise DTypeError("finfo", required="float16, float32 or float64", received="bfloat16")
    return np.finfo(kind.storage)


def iinfo(of: DTypeLike) -> Any:
    """Return NumPy's limits of an integer type (``min``, ``max``, ``bits``).

    >>> iinfo(int8).max
    127
    """
    kind = dtype(of)
    if not kind.is_integer:
        raise DTypeError("iinfo", required="an integer type", received=str(kind))
    return np.iinfo(kind.storage)
