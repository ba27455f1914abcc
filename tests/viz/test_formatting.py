"""Numbers, arrays and names in few characters."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.viz.formatting import dimensions, in_full, number, shortened, spread, text_width


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (4.0, False, "4"), (-8.0, False, "-8"), (0.5, False, "0.50"), (-0.0, False, "0"),
        (4.0, True, "4.00"), (-2.0, True, "-2.00"), (0.7311, True, "0.73"), (-0.0, True, "0.00"),
        (0.0042, True, "4.2e-3"), (-0.00012, True, "-1.2e-4"), (999.994, True, "999.99"),
        (1234.5, True, "1234"), (123456.0, True, "1.2e5"), (3e7, False, "3.0e7"),
        (math.inf, True, "∞"), (-math.inf, False, "-∞"), (math.nan, True, "NaN"),
    ],
)  # fmt: skip
def test_number(value: float, decimals: bool, text: str) -> None:
    assert number(value, decimals) == text


@given(st.floats(), st.booleans())
def test_a_number_is_short_and_near_the_value(value: float, decimals: bool) -> None:
    text = number(value, decimals)
    assert len(text) <= 9
    if abs(value) < 1e308:
        assert float(text) == pytest.approx(value, rel=0.06, abs=0.0051)


def test_arrays_are_written_out_if_they_are_short() -> None:
    assert in_full(np.array(2.5, np.float32)) == "2.50"
    assert in_full(np.array([1.0, 2.0]), decimals=False) == "[1, 2]"
    assert in_full(np.array([[1, -2], [3, 4]])) == "[[1, -2], [3, 4]]"
    assert in_full(np.array([True, False])) == "[True, False]"
    assert in_full(np.array([1.25, -2.5, 3.75, -4.0])) is None
    assert in_full(np.zeros(9)) is None


@pytest.mark.parametrize(
    ("array", "texts"),
    [
        (np.array([np.inf, 1.0]), ("∞", "± NaN")),
        (np.array([np.nan, 1.0]), ("NaN", "± NaN")),
        (np.full(3, 2, np.uint8), ("2.00", "± 0.00")),
        (np.array([True, False]), ("0.50", "± 0.50")),
        (np.array([3e38, 3e38], np.float32), ("3.0e38", "± 0.00")),
    ],
)
def test_mean_and_deviation(array: np.ndarray, texts: tuple[str, str]) -> None:
    assert spread(array) == texts


def test_shapes() -> None:
    assert dimensions((1,)) == "1 value"
    assert dimensions((0, 3)) == "0×3"


@given(st.text(), st.integers(3, 30))
def test_shortened_texts_keep_both_ends(text: str, limit: int) -> None:
    short = shortened(text, limit)
    assert len(short) <= limit
    assert "\n" not in short
    line = " ".join(text.split())
    assert short == line or (line.startswith(short.split("…")[0]) and "…" in short)


@given(st.text(), st.text())
def test_widths_add_up(left: str, right: str) -> None:
    both = text_width(left + right, 12.0)
    assert both == pytest.approx(text_width(left, 12.0) + text_width(right, 12.0))
