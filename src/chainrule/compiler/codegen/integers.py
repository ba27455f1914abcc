"""Integer operations whose meaning LLVM leaves open, as NumPy defines them."""

from __future__ import annotations

from .elementary.value import Value, where

_BITS = {"i8": 8, "i16": 16, "i32": 32, "i64": 64}


def floor_divide(a: Value, b: Value, signed: bool) -> Value:
    """Return a / b rounded down; 0 where b is 0."""
    return _divided(a, b, signed)[0]


def remainder(a: Value, b: Value, signed: bool) -> Value:
    """Return a - b * floor(a / b), of b's sign; 0 where b is 0."""
    return _divided(a, b, signed)[1]


def _divided(a: Value, b: Value, signed: bool) -> tuple[Value, Value]:
    if b.number == 0:
        return a.const(0), a.const(0)
    divisor = b if b.number is not None else _without_traps(a, b, signed)
    quotient = _truncated(a, divisor, signed)
    rest = a - quotient * divisor
    if signed:
        above = rest.differs(0) & ((rest ^ divisor) < 0)  # rounded towards 0, that is up
        quotient = where(above, quotient - 1, quotient)
        rest = where(above, rest + divisor, rest)
    if b.number is None:
        zero = b.equals(0)
        quotient, rest = where(zero, 0, quotient), where(zero, 0, rest)
    return quotient, rest


def _without_traps(a: Value, b: Value, signed: bool) -> Value:
    """Return b, or 1 where division traps: by 0, and of the least number by -1."""
    traps = b.equals(0)
    if signed:
        traps = traps | (b.equals(-1) & a.equals(-(1 << _BITS[a.kind] - 1)))
    return where(traps, 1, b)


def _truncated(a: Value, b: Value, signed: bool) -> Value:
    """Return a / b without its fraction; b does not trap."""
    sign, bits = ("s" if signed else "u"), _BITS[a.kind]
    if b.number is not None or bits == 64:
        return a.binary(f"{sign}div", b)
    # Processors divide vectors of floats only, whose bits suffice for the quotient's integer part.
    wide, to_float = ("double" if bits == 32 else "float"), f"{sign}itofp"
    quotient = a.convert(to_float, wide) / b.convert(to_float, wide)
    return quotient.convert(f"fpto{sign}i", a.kind)


def shift_left(a: Value, b: Value) -> Value:
    """Return a * 2^b; 0 where b is negative or not below the width."""
    return _shifted("shl", a, b, a.const(0))


def shift_right(a: Value, b: Value, signed: bool) -> Value:
    """Return floor(a / 2^b); 0 or -1 where b is negative or not below the width."""
    if signed:
        return _shifted("ashr", a, b, a >> (_BITS[a.kind] - 1))
    return _shifted("lshr", a, b, a.const(0))


def _shifted(instruction: str, a: Value, b: Value, beyond: Value) -> Value:
    bits = _BITS[a.kind]
    if b.number is not None:
        return a.binary(instruction, b) if 0 <= b.number < bits else beyond
    fits = b.compare("", "ult", bits)
    return where(fits, a.binary(instruction, where(fits, b, 0)), beyond)


def power(a: Value, b: Value, signed: bool) -> Value:
    """Return a ** b, wrapped; a negative exponent gives 1 / a ** -b without its fraction."""
    if b.number is not None and b.number >= 0:
        return repeated_squares(a, int(b.number))
    result = _power_by_bits(a, b)
    if not signed:
        return result
    odd = (b & 1).differs(0)
    of_minus_one = where(odd, -1, a.const(1))
    inverse = where(a.equals(1), 1, where(a.equals(-1), of_minus_one, 0))
    return where(b < 0, inverse, result)


def repeated_squares(a: Value, exponent: int) -> Value:
    """Return a ** exponent by squaring; the exponent is a number of Python, not negative."""
    result, square = a.const(1), a
    while exponent:
        if exponent & 1:
            result = square if result.number == 1 else result * square
        exponent >>= 1
        square = square * square if exponent else square
    return result


def _power_by_bits(a: Value, b: Value) -> Value:
    """Return a ** b: the squares of a at the bits of b that are set."""
    lanes, kind = a.lanes, a.type
    carried = [(kind, a.const(1).text), (kind, a.text), (kind, b.text)]
    with lanes.writer.loop(0, _BITS[a.kind], carried=carried) as (_, state):
        result, square, rest = (Value(lanes, text, a.kind) for text in state.values)
        product = where((rest & 1).differs(0), result * square, result)
        state.next = [product.text, (square * square).text, rest.logical_shift(1).text]
    return Value(lanes, state.values[0], a.kind)
