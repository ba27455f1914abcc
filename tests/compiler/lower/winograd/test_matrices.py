"""Minimal filtering is exact in rational numbers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.compiler.lower.winograd.matrices import POINTS, Matrix, Minimal, minimal

FRACTIONS = st.fractions(-8, 8, max_denominator=6)


def product(matrix: Matrix, values: list[Fraction]) -> list[Fraction]:
    return [sum((c * v for c, v in zip(row, values, strict=True)), Fraction(0)) for row in matrix]


@pytest.mark.parametrize("taps", range(1, 8))
@pytest.mark.parametrize("outputs", range(1, 5))
def test_outputs_are_those_of_the_correlation(outputs: int, taps: int) -> None:
    filtering = minimal(outputs, taps)
    n = outputs + taps - 1

    @settings(max_examples=15)
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
def test_inputs_are_multiplied_by_numbers_that_are_exact(outputs: int) -> None:
    assert all(Fraction(float(c)) == c for row in minimal(outputs, 3).input for c in row)
    assert all(Fraction(float(c)) == c for row in minimal(outputs, 3).output for c in row)


def test_larger_tiles_round_less_than_with_the_usual_points(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = error(minimal(4, 3))
    monkeypatch.setattr("chainrule.compiler.lower.winograd.matrices.FIVE", POINTS[:5])
    assert found < 0.7 * error(minimal.__wrapped__(4, 3))


def error(filtering: Minimal) -> float:
    """Return the root mean squared error of float32 arithmetic on random tiles."""
    random = np.random.default_rng(0)
    inputs = random.standard_normal((filtering.points, 4096))
    taps = random.standard_normal((filtering.taps, 4096))

    def outputs(dtype: type) -> np.ndarray:
        b, g, a = (np.array(x, float).astype(dtype) for x in
                   (filtering.input, filtering.filter, filtering.output))  # fmt: skip
        return a @ ((b @ inputs.astype(np.float32)) * (g @ taps.astype(np.float32)))

    difference = outputs(np.float32) - outputs(np.float64)
    return float(np.sqrt((difference**2).mean()))


def test_there_are_only_so_many_points() -> None:
    assert minimal(len(POINTS), 2).points == len(POINTS) + 1
    with pytest.raises(ValueError, match=r"F\(12, 2\) needs 12 finite points"):
        minimal(len(POINTS) + 1, 2)
