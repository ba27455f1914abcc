"""Conversions between data types, as NumPy's astype does them."""

from __future__ import annotations

from ... import dtypes
from ...dtypes import DType
from .elementary.value import Value, element_of
from .short_floats import rounded


def converted(x: Value, source: DType, to: DType) -> Value:
    """Return x in another data type."""
    if source is to:
        return x
    if to is dtypes.bool:
        return x.differs(0)
    if to.is_floating:
        return _to_float(x, source, to)
    return _float_to_integer(x, to) if source.is_floating else _resized(x, source, to)


def _to_float(x: Value, source: DType, to: DType) -> Value:
    kind = element_of(to)
    if not source.is_floating:
        x = x.convert("sitofp" if source.kind == "int" else "uitofp", kind)
    elif x.kind != kind:
        x = x.convert("fpext" if kind == "double" else "fptrunc", kind)
    return rounded(x, to) if to.itemsize == 2 else x


def _float_to_integer(x: Value, to: DType) -> Value:
    """Cut off the fraction; what is out of range becomes some integer.

    Narrow integers are the lower bits of wider ones, so that -1.0 as uint8 is 255, as in NumPy.
    """
    kind = element_of(to)
    wide = "i64" if kind == "i64" or to is dtypes.uint32 else "i32"
    sign = "u" if to is dtypes.uint64 else "s"
    name = f"llvm.fpto{sign}i.sat.{x.lanes.suffix(wide)}.{x.lanes.suffix(x.kind)}"
    result = x.lanes.writer.call(x.lanes.vector(wide), name, (x.type, x.text))
    cut = Value(x.lanes, result, wide)
    return cut if wide == kind else cut.convert("trunc", kind)


def _resized(x: Value, source: DType, to: DType) -> Value:
    kind = element_of(to)
    if x.kind == kind:
        return x
    if source is not dtypes.bool and to.itemsize < source.itemsize:
        return x.convert("trunc", kind)
    return x.convert("sext" if source.kind == "int" else "zext", kind)
