"""Interpolation on numbers worked by hand, and its errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.functional.samples import spaced

from chainrule import functional as F
from chainrule.errors import ArgumentError, ShapeError

LINE = np.array([[[1.0, 3.0, 2.0]]])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"size": 6}, [1, 1, 3, 3, 2, 2]),
        ({"size": 4}, [1, 1, 3, 2]),
        ({"size": 4, "mode": "nearest-exact"}, [1, 3, 3, 2]),
        ({"size": 2}, [1, 3]),
        ({"size": 2, "mode": "nearest-exact"}, [1, 2]),
        ({"size": 5, "mode": "linear", "align_corners": True}, [1, 2, 3, 2.5, 2]),
        ({"size": 6, "mode": "linear"}, [1, 1.5, 2.5, 2.75, 2.25, 2]),
        ({"size": 1, "mode": "linear"}, [3]),
        ({"size": 2, "mode": "area"}, [2, 2.5]),
    ],
)
def test_by_hand(options: dict[str, Any], expected: list[float]) -> None:
    np.testing.assert_allclose(F.interpolate(LINE, **options).numpy()[0, 0], expected)


def test_cubic_curves_pass_through_the_elements_and_keep_constants() -> None:
    x = spaced(1, 1, 4, 5)
    same = F.interpolate(x, size=(7, 9), mode="bicubic", align_corners=True).numpy()
    np.testing.assert_allclose(same[..., ::2, ::2], x, atol=1e-12)
    flat = F.interpolate(np.full((1, 1, 3, 4), 7.0), size=(5, 9), mode="bicubic").numpy()
    np.testing.assert_allclose(flat, 7.0)


def test_scales_round_the_length_down_and_step_by_the_scale() -> None:
    assert F.interpolate(LINE, scale_factor=1.5).tolist() == [[[1.0, 1.0, 3.0, 2.0]]]
    assert F.interpolate(spaced(1, 1, 5, 7), scale_factor=(0.5, 2)).shape == (1, 1, 2, 14)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: F.interpolate(LINE), ArgumentError, "neither"),
        (lambda: F.interpolate(LINE, size=2, scale_factor=2), ArgumentError, "both"),
        (lambda: F.interpolate(LINE, size=2, mode="cubic"), ArgumentError, "bicubic"),
        (lambda: F.interpolate(LINE, size=2, align_corners=True), ArgumentError, "only for linear"),
        (lambda: F.interpolate(LINE, size=(2, 2)), ArgumentError, "size of interpolate"),
        (lambda: F.interpolate(LINE, scale_factor=0.1), ArgumentError, "length >= 1"),
        (lambda: F.interpolate(LINE, scale_factor="2"), ArgumentError, "one number"),
        (lambda: F.interpolate(LINE, size=2, mode="bilinear"), ShapeError, "2 axes"),
        (lambda: F.interpolate(np.zeros((1, 1, 0)), size=2), ShapeError, "length >= 1"),
    ],
)
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()
