"""Small linear maps of formulas, unrolled: what rows of opposite points share is computed once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from ...ir.expr import Expr, const, make
from .matrices import Matrix, Row

Grid = list[list[Expr]]
Terms = tuple[tuple[float, int], ...]


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
    for step in _steps(matrix):
        if step.partner is None:
            results[step.row] = _sum((*step.even, *step.odd), values)
        else:
            even, odd = _sum(step.even, values), _sum(step.odd, values)
            results[step.row] = _two("add", even, odd)
            first, second = (even, odd) if step.even_first else (odd, even)
            results[step.partner] = _two("sub", first, second)
    return [results[k] for k in range(len(matrix))]


@dataclass(frozen=True)
class _Step:
    """A row, or two: their sums over even and over odd places, as (coefficient, place)."""

    row: int
    even: Terms
    odd: Terms
    partner: int | None = None
    even_first: bool = True


@cache
def _steps(matrix: Matrix) -> tuple[_Step, ...]:
    steps: list[_Step] = []
    done: set[int] = set()
    for k, row in enumerate(matrix):
        if k in done:
            continue
        even, odd = (
            tuple([(float(c), j) for j, c in enumerate(row) if c and j % 2 == rest])
            for rest in (0, 1)
        )
        partner = next((j for j in range(k + 1, len(matrix)) if _mirrored(row, matrix[j])), None)
        if partner is None:
            steps.append(_Step(k, even, odd))
        else:
            done.add(partner)
            even_first = matrix[partner][even[0][1]] == row[even[0][1]]
            steps.append(_Step(k, even, odd, partner, even_first))
    return tuple(steps)


def _mirrored(row: Row, other: Row) -> bool:
    """Whether two rows are equal but for the signs at even or at odd places, and have both."""
    parts = [any(row[j] for j in range(start, len(row), 2)) for start in (0, 1)]
    flipped = tuple([c if j % 2 == 0 else -c for j, c in enumerate(row)])
    return all(parts) and other in (flipped, tuple([-c for c in flipped]))


def _sum(terms: Terms, values: Sequence[Expr]) -> Expr:
    """Return the sum of coefficient * value, positive terms first, so that none is negated."""
    (first, place), *rest = sorted(terms, key=lambda term: term[0] < 0)
    total = _times(first, values[place])
    for coefficient, place in rest:
        sign = "add" if coefficient > 0 else "sub"
        total = _two(sign, total, _times(abs(coefficient), values[place]))
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
