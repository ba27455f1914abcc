"""Minimal filtering is exact in rational numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.compiler.lower.winograd.matrices import POINTS, Matrix, minimal

FRACTIONS = st.fractions(-8, 8, max_denominator=6)


def product(matrix: Matrix, values: list[Fraction]) -> list[Fraction]:
    return [sum((c * v for c, v in zip(row, values, strict=True)), Fraction(0)) for row in matrix]


@pytest.mark.parametrize("taps", range(1, 8))
@pytest.mark.parametrize("outputs", range(1, 5))
def test_outputs_are_those_of_the_correlation(outputs: int, taps: int) -> None:
    filtering = minimal(outputs, taps)
    n = outputs + taps - 1

    @given(st.lists(FRACTIONS, min_size=n, max_size=n), st.lists(FRACTIONS, min_size=taps,
                                                                 max_size=taps))  # fmt: skip
    def correlates(inputs: list[Fraction], filters: list[Fraction]) -> None:
        left, right = product(filtering.input, inputs), product(filtering.filter, filters)
        found = product(filtering.output, [a * b for a, b in zip(left, right, strict=True)])
        assert found == [
            sum(inputs[k + j] * filters[j] for j in range(taps)) for k in range(outputs)
        ]

    assert filtering.points == n
    correlates()


def test_the_matrices_of_two_outputs_and_three_taps() -> None:
    """Those of Lavin and Gray, up to the signs of rows."""
    half = Fraction(1, 2)
    filtering = minimal(2, 3)
    assert filtering.input == ((-1, 0, 1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, -1, 0, 1))
    assert filtering.filter == ((-1, 0, 0), (half, half, half), (half, -half, half), (0, 0, 1))
    assert filtering.output == ((1, 1, 1, 0), (0, 1, -1, 1))


@pytest.mark.parametrize("outputs", [2, 4])
def test_inputs_are_multiplied_by_whole_numbers(outputs: int) -> None:
    assert all(c.denominator == 1 for row in minimal(outputs, 3).input for c in row)


def test_there_are_only_so_many_points() -> None:
    assert minimal(len(POINTS), 2).points == len(POINTS) + 1
    with pytest.raises(ValueError, match=r"F\(12, 2\) needs 12 finite points"):
        minimal(len(POINTS) + 1, 2)
