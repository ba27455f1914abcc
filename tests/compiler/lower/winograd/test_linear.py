"""Unrolled linear maps are products with their matrices, and share what rows have in common."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from chainrule.compiler.ir import Buffer, Expr, Place, evaluate
from chainrule.compiler.ir import expr as ir
from chainrule.compiler.lower.winograd.linear import applied, grid_of, pieces_of, two_sided
from chainrule.compiler.lower.winograd.matrices import Matrix, minimal
from chainrule.dtypes import float64

X = Buffer("x", float64, 64, "input")
DATA = np.random.default_rng(0).standard_normal(64)
ALL = [(outputs, taps) for outputs in (1, 2, 3, 4) for taps in (2, 3, 4, 5)]


def element(i: int, j: int = 0) -> Expr:
    return ir.read(X, Place(8 * i + j, ()))


def numbers(exprs: list[Expr]) -> list[float]:
    return [float(value) for value in evaluate(exprs, (), {X: DATA})]


def array(matrix: Matrix) -> np.ndarray:
    return np.array(matrix, float)


def operations(exprs: list[Expr]) -> int:
    return sum(1 for node in ir.walk(exprs) if node.kind in ("add", "sub", "mul"))


@pytest.mark.parametrize(("outputs", "taps"), ALL)
def test_matrix_times_values(outputs: int, taps: int) -> None:
    filtering = minimal(outputs, taps)
    for matrix in (filtering.input, filtering.filter, filtering.output):
        count = len(matrix[0])
        found = numbers(applied(matrix, [element(k) for k in range(count)]))
        np.testing.assert_allclose(found, array(matrix) @ DATA[: 8 * count : 8], rtol=1e-12)


def test_matrices_on_both_sides() -> None:
    rows, columns = minimal(4, 3).input, minimal(2, 3).input
    found = two_sided(rows, columns, grid_of((6, 4), element))
    expected = array(rows) @ DATA.reshape(8, 8)[:6, :4] @ array(columns).T
    np.testing.assert_allclose([numbers(row) for row in found], expected, rtol=1e-12, atol=1e-12)


def test_rows_of_opposite_points_share_their_sums() -> None:
    matrix = ((Fraction(1), Fraction(2), Fraction(4)), (Fraction(1), Fraction(-2), Fraction(4)))
    assert operations(applied(matrix, [element(k) for k in range(3)])) == 5  # instead of 8


@pytest.mark.parametrize("sign", [1, -1])
def test_the_sign_of_the_second_row_may_be_at_odd_or_at_even_places(sign: int) -> None:
    matrix = ((Fraction(2), Fraction(3)), (Fraction(2 * sign), Fraction(-3 * sign)))
    found = numbers(applied(matrix, [element(0), element(1)]))
    np.testing.assert_allclose(found, array(matrix) @ [DATA[0], DATA[8]], rtol=1e-15)


def test_nothing_is_multiplied_by_one() -> None:
    assert applied(((Fraction(0), Fraction(1)),), [element(0), element(1)]) == [element(1)]


def test_pieces_are_named_by_their_place_in_a_tile() -> None:
    pieces = pieces_of(grid_of((2, 3), element))
    assert list(pieces) == [(0, 0, i, j) for i in range(2) for j in range(3)]
    assert pieces[0, 0, 1, 2] is element(1, 2)
