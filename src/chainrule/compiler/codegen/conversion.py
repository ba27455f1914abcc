"""Conversions between data types, as NumPy's astype does them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import dtypes
from ...dtypes import DType
from .elementary.value import Value, element_of, where

if TYPE_CHECKING:
    from .lanes import Lanes


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
    if to is dtypes.float16:
        return x.convert("fptrunc", "half").convert("fpext", "float")
    return bfloat16_bits(x).floats() if to is dtypes.bfloat16 else x


def bfloat16_bits(x: Value) -> Value:
    """Return a float's bits rounded to the upper 16, halves to even; NaN stays NaN.

    The instruction for it, where there is one, takes subnormal numbers for 0.
    """
    bits = x.bits()
    last = bits.logical_shift(16) & 1
    rounded = where(x.is_nan(), bits | (1 << 22), bits + 0x7FFF + last)
    return rounded & 0xFFFF0000


def bfloat16_stored(lanes: Lanes, value: str) -> str:
    """Return floats as bfloat16, as i16.

    LLVM's bfloat calls a function of its run-time library, lane by lane, on most processors (even
    to store it masked); generated code is linked with nothing.
    """
    upper = bfloat16_bits(Value(lanes, value, "float")).logical_shift(16)
    return upper.convert("trunc", "i16").text


def bfloat16_loaded(lanes: Lanes, value: str) -> str:
    """Return bfloat16, as i16, as floats."""
    return (Value(lanes, value, "i16").convert("zext", "i32") << 16).floats().text


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
