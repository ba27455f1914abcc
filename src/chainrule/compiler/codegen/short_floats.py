"""Floats of 16 bits: integers in memory, float32 in registers, rounded to even between the two.

LLVM's own conversions call a function of its run-time library, lane by lane, where the processor
has no instruction for them; generated code is linked with nothing.
"""

from __future__ import annotations

from ... import dtypes
from ...dtypes import DType
from .elementary.value import Value, where

_INFINITY = 0x7F800000  # bits of float32
_HALF = 0x3F000000  # 0.5, whose last digit is that of float16's subnormal numbers
_REBIASED = (127 - 15) << 23  # between the exponents of float32 and float16


def stored(x: Value, to: DType) -> Value:
    """Return a float32 as the bits (i16) of a shorter type."""
    if to is dtypes.bfloat16:
        return _bfloat16_bits(x).logical_shift(16).convert("trunc", "i16")
    if _has_float16(x):
        return x.convert("fptrunc", "half").convert("bitcast", "i16")
    return _float16_bits(x).convert("trunc", "i16")


def loaded(x: Value, of: DType) -> Value:
    """Return the float32 that the bits (i16) of a shorter type stand for."""
    if of is dtypes.bfloat16:
        return (x.convert("zext", "i32") << 16).floats()
    if _has_float16(x):
        return x.convert("bitcast", "half").convert("fpext", "float")
    return _float16_floats(x.convert("zext", "i32"))


def rounded(x: Value, to: DType) -> Value:
    """Return a float32 rounded to a shorter type."""
    if to is dtypes.bfloat16:
        return _bfloat16_bits(x).floats()
    return loaded(stored(x, to), to)


def _has_float16(x: Value) -> bool:
    return x.has("f16c")


def _bfloat16_bits(x: Value) -> Value:
    """Return a float's bits rounded to the upper 16, halves to even; NaN stays NaN.

    The instruction for it, where there is one, takes subnormal numbers for 0.
    """
    bits = x.bits()
    last = bits.logical_shift(16) & 1
    nearest = where(x.is_nan(), bits | (1 << 22), bits + 0x7FFF + last)
    return nearest & 0xFFFF0000


def _float16_bits(x: Value) -> Value:
    """Return the bits of the nearest float16, as i32."""
    bits = x.bits()
    size = bits & 0x7FFFFFFF
    last = size.logical_shift(13) & 1
    normal = (size - _REBIASED + 0xFFF + last).logical_shift(13)
    subnormal = (size.floats() + 0.5).bits() - _HALF  # the addition rounds
    finite = where(size < _REBIASED + (1 << 23), subnormal, normal)
    infinite = where(size > _INFINITY, size.logical_shift(13) & 0x3FF | 0x7E00, 0x7C00)
    nearest = where(size < _REBIASED + (31 << 23), finite, infinite)
    return nearest | bits.logical_shift(16) & 0x8000


def _float16_floats(bits: Value) -> Value:
    """Return the float32 of a float16's bits, which are an i32."""
    size = (bits & 0x7FFF) << 13
    normal = size + _REBIASED
    subnormal = ((size + (_REBIASED + (1 << 23))).floats() - 2.0**-14).bits()
    small = where(size < 1 << 23, subnormal, normal)
    value = where(size < 31 << 23, small, size | _INFINITY)
    return (value | (bits & 0x8000) << 16).floats()
