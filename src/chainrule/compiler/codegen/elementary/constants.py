"""Irrational constants as sums of numbers, for exact range reduction."""

from __future__ import annotations

from fractions import Fraction

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
