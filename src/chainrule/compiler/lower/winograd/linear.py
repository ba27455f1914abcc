"""Small linear maps of formulas, unrolled: what rows of opposite points share is computed once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from ....dtypes import DType
from ...ir.expr import Expr, const, make
from .matrices import Matrix, Row

Grid = list[list[Expr]]
Terms = tuple[tuple[float, int], ...]


def two_sided(rows: Matrix, columns: Matrix, grid: Grid) -> Grid:
    """Return rows @ grid @ columns^T."""
    first, second = _steps(rows), _steps(columns)
    done = _transposed([_taken(first, column) for column in _transposed(grid)])
    return [_taken(second, row) for row in done]


def applied(matrix: Matrix, values: Sequence[Expr]) -> list[Expr]:
    """Return matrix @ values.

    Rows of the points p and -p differ in the signs of every other coefficient: their sums over even
    and over odd places are computed once, then added and subtracted.
    """
    return _taken(_steps(matrix), values)


def _taken(steps: Sequence[_Step], values: Sequence[Expr]) -> list[Expr]:
    results: dict[int, Expr] = {}
    for step in steps:
        if step.partner is None:
            results[step.row] = _sum(step.all, values)
        else:
            even, odd = _sum(step.even, values), _sum(step.odd, values)
            results[step.row] = _two("add", even, odd)
            first, second = (even, odd) if step.even_first else (odd, even)
            results[step.partner] = _two("sub", first, second)
    return [results[k] for k in range(len(results))]


@dataclass(frozen=True)
class _Step:
    """A row, or two: their sums over even and over odd places, as (coefficient, place)."""

    row: int
    even: Terms
    odd: Terms
    all: Terms
    partner: int | None = None
    even_first: bool = True


@cache
def _steps(matrix: Matrix) -> tuple[_Step, ...]:
    steps: list[_Step] = []
    done: set[int] = set()
    for k, row in enumerate(matrix):
        if k in done:
            continue
        terms = [(float(c), j) for j, c in enumerate(row) if c]
        even, odd = (_ordered([t for t in terms if t[1] % 2 == rest]) for rest in (0, 1))
        partner = next((j for j in range(k + 1, len(matrix)) if _mirrored(row, matrix[j])), None)
        if partner is None:
            steps.append(_Step(k, even, odd, _ordered(terms)))
        else:
            done.add(partner)
            first = min(even, key=lambda term: term[1])[1]
            steps.append(_Step(k, even, odd, (), partner, matrix[partner][first] == row[first]))
    return tuple(steps)


def _ordered(terms: Sequence[tuple[float, int]]) -> Terms:
    """Return terms, positive ones first, so that none is negated."""
    return tuple(sorted(terms, key=lambda term: term[0] < 0))


def _mirrored(row: Row, other: Row) -> bool:
    """Whether two rows are equal but for the signs at even or at odd places, and have both."""
    parts = [any(row[j] for j in range(start, len(row), 2)) for start in (0, 1)]
    flipped = tuple([c if j % 2 == 0 else -c for j, c in enumerate(row)])
    return all(parts) and other in (flipped, tuple([-c for c in flipped]))


def _sum(terms: Terms, values: Sequence[Expr]) -> Expr:
    """Return the sum of coefficient * value."""
    (first, place), *rest = terms
    total = _times(first, values[place])
    for coefficient, place in rest:
        sign = "add" if coefficient > 0 else "sub"
        total = _two(sign, total, _times(abs(coefficient), values[place]))
    return total


def _times(coefficient: float, value: Expr) -> Expr:
    return value if coefficient == 1 else _two("mul", _number(coefficient, value.dtype), value)


@cache
def _number(coefficient: float, dtype: DType) -> Expr:
    return const(coefficient, dtype)


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
