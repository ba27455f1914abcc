"""Winograd's minimal filtering: the three matrices of F(m, r), from interpolation points.

F(m, r) computes m outputs of a correlation with r taps by n = m + r - 1 multiplications instead of
m * r: ``y = A^T ((G g) * (B^T d))`` for n inputs d and r taps g (Winograd 1980; Lavin and Gray 2016
for networks). A product of polynomials is known from its values at n points, one of them infinity;
a correlation is the transposed of such a product.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import prod

Row = tuple[Fraction, ...]
Matrix = tuple[Row, ...]

# In this order, infinity last; pairs of opposite points share half of their arithmetic.
POINTS = tuple(map(Fraction, ("0", "1", "-1", "2", "-2", "1/2", "-1/2", "4", "-4", "1/4", "-1/4")))

# Five finite points have a third of the errors where powers neither grow nor shrink; dyadic numbers
# are exact. Benchmarks: convolution_errors.py.
FIVE = tuple(map(Fraction, ("0", "3/4", "-3/4", "3/2", "-3/2")))


@dataclass(frozen=True)
class Minimal:
    """F(m, r): matrices for inputs (n x n), taps (n x r) and outputs (m x n)."""

    outputs: int
    taps: int
    input: Matrix  # B^T
    filter: Matrix  # G
    output: Matrix  # A^T

    @property
    def points(self) -> int:
        """n: multiplications, and inputs of a tile."""
        return self.outputs + self.taps - 1


@cache
def minimal(outputs: int, taps: int) -> Minimal:
    """Return F(outputs, taps), scaled so that the input's matrix has whole numbers if points do.

    >>> three = minimal(2, 3)
    >>> [[int(x) for x in row] for row in three.input]
    [[-1, 0, 1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, -1, 0, 1]]
    >>> three.filter[1]
    (Fraction(1, 2), Fraction(1, 2), Fraction(1, 2))
    """
    n = outputs + taps - 1
    points = FIVE if n - 1 == len(FIVE) else POINTS[: n - 1]
    if len(points) < n - 1:
        raise ValueError(f"F({outputs}, {taps}) needs {n - 1} finite points")
    scales = [prod((p - q for q in points if q != p), start=Fraction(1)) for p in points]
    scales.append(Fraction(1))
    powers = _values(points, taps)
    filters = tuple([_scaled(row, 1 / s) for row, s in zip(powers, scales, strict=True)])
    inputs = tuple([_scaled(row, s) for row, s in zip(_interpolation(points), scales, strict=True)])
    return Minimal(outputs, taps, inputs, filters, _transposed(_values(points, outputs)))


def _values(points: Row, degree: int) -> Matrix:
    """Return the matrix from ``degree`` coefficients to values at the points, and at infinity."""
    finite = [tuple([p**k for k in range(degree)]) for p in points]
    return (*finite, tuple([Fraction(int(k == degree - 1)) for k in range(degree)]))


def _interpolation(points: Row) -> Matrix:
    """Return, transposed, the matrix from values at the points and at infinity to coefficients."""
    n = len(points) + 1
    rows = []
    for p in points:
        others = [q for q in points if q != p]
        lagrange = _scaled(_product(others), 1 / prod((p - q for q in others), start=Fraction(1)))
        rows.append((*lagrange, *[Fraction(0)] * (n - len(lagrange))))
    return (*rows, _product(list(points)))


def _product(roots: list[Fraction]) -> Row:
    """Return the coefficients of the product of (x - root), the constant one first."""
    result = [Fraction(1)]
    for root in roots:
        high, low = [Fraction(0), *result], [*result, Fraction(0)]
        result = [h - root * x for h, x in zip(high, low, strict=True)]
    return tuple(result)


def _scaled(row: Row, factor: Fraction) -> Row:
    return tuple([factor * x for x in row])


def _transposed(matrix: Matrix) -> Matrix:
    return tuple(zip(*matrix, strict=True))
