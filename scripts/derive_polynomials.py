"""Derives the polynomials of the compiler's elementary functions and writes their coefficients.

Each polynomial stands for what remains of a function when its leading terms are taken off, on the
interval that range reduction leaves. It interpolates that remainder at Chebyshev nodes, computed
with 60 digits, which comes within a small factor of the best polynomial of its degree; then the
coefficients are rounded to the type. With ``python scripts/derive_polynomials.py`` (needs mpmath)
the table is written and the error of each polynomial, times its weight in the result, printed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from mpmath import mp, mpf

mp.dps = 60
TABLE = "src/chainrule/compiler/codegen/elementary/coefficients.py"
HEAD = '''"""Coefficients of polynomials, constant first: from scripts/derive_polynomials.py."""

from __future__ import annotations

COEFFICIENTS: dict[str, dict[str, tuple[float, ...]]] = {
'''
Function = Callable[[Any], Any]


@dataclass(frozen=True)
class Remainder:
    """What a polynomial stands for: ``function`` on an interval, degrees for float and double.

    ``weight`` says how much of the polynomial's error is relative error of the result.
    """

    name: str
    meaning: str
    function: Function
    low: Any
    high: Any
    degrees: dict[str, int]
    weight: Function


def _half_log() -> Any:
    return mp.log(2) / 2 * mpf("1.01")


def _sqrt(function: Function) -> Function:
    return lambda z: function(mp.sqrt(z))


def remainders() -> list[Remainder]:
    """Return all polynomials that are derived."""
    edge, eighth = (mp.pi / 4 * mpf("1.02")) ** 2, (mp.tan(mp.pi / 8) * mpf("1.001")) ** 2
    low, high = mp.sqrt(0.5) - 1, mp.sqrt(2) - 1
    ratio = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2
    middle = mpf("2.5")
    end = (6 - middle) / (6 + middle)

    def scaled_erfc(t: Any) -> Any:
        a = middle * (1 + t) / (1 - t)
        return mp.erfc(a) * mp.exp(a * a)

    return [
        Remainder("exp", "(e^r - 1 - r) / r^2", lambda r: (mp.expm1(r) - r) / r**2,
                  -_half_log(), _half_log(), {"float": 4, "double": 9}, lambda r: r * r),
        Remainder("exp2", "(2^r - 1) / r", lambda r: mp.expm1(r * mp.log(2)) / r,
                  mpf("-0.5"), mpf("0.5"), {"float": 5}, lambda r: r),
        Remainder("exp2_short", "(2^r - 1) / r, enough for results in float",
                  lambda r: mp.expm1(r * mp.log(2)) / r,
                  mpf("-0.5"), mpf("0.5"), {"double": 6}, lambda r: r),
        Remainder("log", "(log(1 + f) - f + f^2 / 2) / f^3",
                  lambda f: (mp.log1p(f) - f + f * f / 2) / f**3,
                  low, high, {"float": 8}, lambda f: f * f),
        Remainder("log_odd", "(2 artanh(s) / s - 2) / z, z = s^2",
                  _sqrt(lambda s: (2 * mp.atanh(s) / s - 2) / s**2),
                  mpf(0), ratio, {"double": 6}, lambda z: z / 2),
        Remainder("log_tail", "(2 artanh(s) / s - 2 - 2/3 z) / z^2, z = s^2",
                  _sqrt(lambda s: (2 * mp.atanh(s) / s - 2 - 2 * s**2 / 3) / s**4),
                  mpf(0), ratio, {"double": 7}, lambda z: z * z / 2),
        Remainder("log2_short", "log2(1 + f) / f, enough for powers in float",
                  lambda f: mp.log1p(f) / f / mp.log(2),
                  low, high, {"double": 12}, lambda f: mpf(1)),
        Remainder("sin", "(sin(r) / r - 1) / z, z = r^2",
                  _sqrt(lambda r: (mp.sin(r) / r - 1) / r**2),
                  mpf(0), edge, {"float": 2, "double": 6}, lambda z: z),
        Remainder("cos", "(cos(r) - 1 + z / 2) / z^2, z = r^2",
                  _sqrt(lambda r: (mp.cos(r) - 1 + r * r / 2) / r**4),
                  mpf(0), edge, {"float": 2, "double": 5}, lambda z: z * z / mp.sqrt(2)),
        Remainder("atan", "(arctan(t) / t - 1) / z, z = t^2",
                  _sqrt(lambda t: (mp.atan(t) / t - 1) / t**2),
                  mpf(0), eighth, {"float": 4, "double": 11}, lambda z: z),
        Remainder("asin", "(arcsin(t) / t - 1) / z, z = t^2",
                  _sqrt(lambda t: (mp.asin(t) / t - 1) / t**2),
                  mpf(0), mpf("0.25"), {"float": 4, "double": 12}, lambda z: z),
        Remainder("erf", "erf(x) / x - 1, z = x^2", _sqrt(lambda x: mp.erf(x) / x - 1),
                  mpf(0), mpf(1), {"float": 6, "double": 13}, lambda z: mpf(1)),
        Remainder("erfc_log2", "-log2(erfc(a))", lambda a: -mp.log(mp.erfc(a)) / mp.log(2),
                  mpf(1), mpf(4), {"float": 8},
                  lambda a: mp.erfc(a) / mp.erf(a) * mp.log(2)),
        Remainder("erfcx", "erfc(a) e^(a^2), t = (a - 5/2) / (a + 5/2)", scaled_erfc,
                  (1 - middle) / (1 + middle), end, {"double": 17},
                  lambda t: 1 / (1 / mp.erfc(middle * (1 + t) / (1 - t)) - 1) / scaled_erfc(t)),
    ]  # fmt: skip


def _nodes(low: Any, high: Any, count: int) -> list[Any]:
    places = [mp.cos(mp.pi * (2 * k + 1) / (2 * count)) for k in range(count)]
    middle, half = (low + high) / 2, (high - low) / 2
    return [_off_zero(middle + half * place) for place in places]


def _off_zero(x: Any) -> Any:
    return x if abs(x) > mpf("1e-12") else mpf("1e-12")


def fit(wanted: Remainder, degree: int) -> list[Any]:
    """Return the coefficients of the polynomial through Chebyshev nodes, constant term first."""
    nodes = _nodes(wanted.low, wanted.high, degree + 1)
    powers = mp.matrix([[x**k for k in range(degree + 1)] for x in nodes])
    return list(mp.lu_solve(powers, mp.matrix([wanted.function(x) for x in nodes])))


def rounded(coefficients: list[Any], kind: str) -> list[float]:
    """Return coefficients as numbers of a type; of float from 40 digits, rounded once."""
    numbers = [float(c) for c in coefficients]
    return [float(np.float32(x)) for x in numbers] if kind == "float" else numbers


def error(wanted: Remainder, coefficients: list[float]) -> float:
    """Return the largest relative error that the polynomial brings into the result, in log2."""
    worst = mpf(0)
    for x in _nodes(wanted.low, wanted.high, 403):
        value = mp.polyval([mpf(c) for c in reversed(coefficients)], x)
        worst = max(worst, abs((value - wanted.function(x)) * wanted.weight(x)))
    return float(mp.log(worst, 2))


def main() -> None:
    """Write the table."""
    lines = []
    for wanted in remainders():
        lines.append(f'    "{wanted.name}": {{  # {wanted.meaning}')
        for kind, degree in wanted.degrees.items():
            numbers = rounded(fit(wanted, degree), kind)
            print(f"{wanted.name:10} {kind:6} degree {degree:2}: 2^{error(wanted, numbers):.1f}")
            lines.append(f'        "{kind}": (')
            lines += [f"            {number!r}," for number in numbers]
            lines.append("        ),")
        lines.append("    },")
    Path(TABLE).write_text(HEAD + "\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
