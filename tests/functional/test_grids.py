"""Reading images at the places of a grid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.functional.samples import spaced

from chainrule import functional as F
from chainrule.errors import ArgumentError, ShapeError

IDENTITY = np.array([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_the_identity_changes_nothing(mode: str, align_corners: bool) -> None:
    x = spaced(1, 2, 4, 5)
    grid = F.affine_grid(IDENTITY, x.shape, align_corners=align_corners)
    y = F.grid_sample(x, grid, mode=mode, align_corners=align_corners)
    np.testing.assert_allclose(y.numpy(), x, atol=1e-12)


def test_a_shift_by_one_pixel_and_what_comes_from_outside() -> None:
    x = np.array([[[[1.0, 2.0, 3.0]]]])
    shift = np.array([[[1.0, 0.0, 4 / 3], [0.0, 1.0, 0.0]]])  # two pixels to the right
    grid = F.affine_grid(shift, x.shape)
    read = [
        F.grid_sample(x, grid, padding_mode=mode).numpy()[0, 0, 0]
        for mode in ("zeros", "border", "reflection")
    ]
    np.testing.assert_allclose(read, [[3, 0, 0], [3, 3, 3], [3, 3, 2]], atol=1e-12)


def test_grids_count_x_first() -> None:
    corner = np.array([[[[1.0, -1.0]]]])  # at the right, on top
    y = F.grid_sample([[[[1.0, 2.0], [3.0, 4.0]]]], corner, align_corners=True)
    assert y.item() == 2


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: F.affine_grid(IDENTITY, (1, 1, 4)), ShapeError, "theta"),
        (lambda: F.affine_grid(IDENTITY, (2, 1, 4, 4)), ShapeError, "theta"),
        (lambda: F.grid_sample(spaced(1, 1, 2, 2), spaced(1, 2, 2, 3)), ShapeError, "grid"),
        (lambda: F.grid_sample(spaced(1, 1, 2), spaced(1, 2, 1)), ShapeError, "grid"),
        (lambda: F.grid_sample(spaced(1, 1, 2, 2), spaced(1, 2, 2, 2), mode="cubic"),
         ArgumentError, "bicubic"),
        (lambda: F.grid_sample(spaced(1, 1, 2, 2), spaced(1, 2, 2, 2), padding_mode="same"),
         ArgumentError, "border"),
    ],
)  # fmt: skip
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()
