"""Small linear maps of formulas, unrolled: what rows of opposite points share is computed once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from ...ir.expr import Expr, const, make
from .matrices import Matrix, Row

Grid = list[list[Expr]]


def two_sided(rows: Matrix, columns: Matrix, grid: Grid) -> Grid:
    """Return rows @ grid @ columns^T."""
    done = _transposed([applied(rows, column) for column in _transposed(grid)])
    return [applied(columns, row) for row in done]


def applied(matrix: Matrix, values: Sequence[Expr]) -> list[Expr]:
    """Return matrix @ values.

    Rows of the points p and -p differ in the signs of every other coefficient: their sums over even
    and over odd places are computed once, then added and subtracted.
    """
    results: dict[int, Expr] = {}
    for k, row in enumerate(matrix):
        if k in results:
            continue
        partner = next((j for j in range(k + 1, len(matrix)) if _mirrored(row, matrix[j])), None)
        if partner is None:
            results[k] = _sum(row, values)
        else:
            even = _sum([c if j % 2 == 0 else 0 for j, c in enumerate(row)], values)
            odd = _sum([c if j % 2 else 0 for j, c in enumerate(row)], values)
            results[k] = _two("add", even, odd)
            even_first = _sign(row, matrix[partner]) > 0
            results[partner] = _two("sub", *((even, odd) if even_first else (odd, even)))
    return [results[k] for k in range(len(matrix))]


def _mirrored(row: Row, other: Row) -> bool:
    """Whether two rows are equal but for the signs at even or at odd places, and have both."""
    parts = [any(row[j] for j in range(start, len(row), 2)) for start in (0, 1)]
    flipped = tuple([c if j % 2 == 0 else -c for j, c in enumerate(row)])
    return all(parts) and other in (flipped, tuple([-c for c in flipped]))


def _sign(row: Row, other: Row) -> int:
    first = next(j for j in range(0, len(row), 2) if row[j])
    return 1 if row[first] == other[first] else -1


def _sum(coefficients: Sequence[Fraction | int], values: Sequence[Expr]) -> Expr:
    """Return the sum of coefficient * value, positive terms first, so that none is negated."""
    terms = [(float(c), v) for c, v in zip(coefficients, values, strict=True) if c]
    if not terms:
        return const(0.0, values[0].dtype)
    terms.sort(key=lambda term: term[0] < 0)
    (first, value), *rest = terms
    total = _times(first, value)
    for coefficient, value in rest:
        sign = "add" if coefficient > 0 else "sub"
        total = _two(sign, total, _times(abs(coefficient), value))
    return total


def _times(coefficient: float, value: Expr) -> Expr:
    return value if coefficient == 1 else _two("mul", const(coefficient, value.dtype), value)


def _two(name: str, x: Expr, y: Expr) -> Expr:
    return make(name, x.dtype, (x, y))


def _transposed(grid: Grid) -> Grid:
    return [list(column) for column in zip(*grid, strict=True)]


def grid_of(shape: Sequence[int], element: Callable[[int, int], Expr]) -> Grid:
    """Return a grid from what its elements are."""
    rows, columns = shape
    return [[element(i, j) for j in range(columns)] for i in range(rows)]


def pieces_of(grid: Grid) -> dict[tuple[int, ...], Expr]:
    """Return a grid's formulas as those of a value (N, C, H, W), by place in a tile."""
    return {(0, 0, i, j): value for i, row in enumerate(grid) for j, value in enumerate(row)}
