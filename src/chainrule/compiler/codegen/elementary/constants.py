"""Irrational constants as sums of numbers, for exact range reduction."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

LOG_2 = Fraction("0.693147180559945309417232121458176568075500134360255254120680009493393622")
HALF_PI = Fraction("1.570796326794896619231321691639751442098584699687552910487472296153908203")


def parts(number: Fraction, *bits: int) -> tuple[float, ...]:
    """Return numbers of so many bits each that add up to a constant, the largest first.

    Fewer bits than a type has leave room, so that products with small integers are exact.

    >>> parts(Fraction(1, 3), 2, 4)
    (0.375, -0.04296875)
    """
    found = []
    for count in bits:
        exponent = count - 1
        while abs(number) * 2 ** (exponent + 1) < 2**count:
            exponent += 1
        nearest = Fraction(round(number * Fraction(2) ** exponent), 2**exponent)
        found.append(float(nearest))
        number -= nearest
    return tuple(found)


@lru_cache(maxsize=1)
def two_over_pi(words: int) -> tuple[int, ...]:
    """Return the digits of 2 / pi in words of 64 bits; the first word is before the point."""
    bits = 64 * (words - 1)
    spare = 32
    one = 1 << bits + spare
    pi = 4 * (4 * _arctan_of_inverse(5, one) - _arctan_of_inverse(239, one))
    digits = (2 * one * one // pi) >> spare
    return tuple(digits >> 64 * k & (1 << 64) - 1 for k in reversed(range(words)))


def _arctan_of_inverse(n: int, one: int) -> int:
    """Return one * arctan(1 / n) by its series."""
    power = total = one // n
    divisor = 1
    while power:
        power //= -n * n
        divisor += 2
        total += power // divisor
    return total
