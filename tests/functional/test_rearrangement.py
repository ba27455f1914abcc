"""Pixels and channels, windows and columns: each undoes the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.functional.samples import spaced

from chainrule import functional as F
from chainrule.errors import ShapeError


def test_pixel_unshuffle_undoes_pixel_shuffle() -> None:
    x = spaced(2, 18, 2, 4)
    y = F.pixel_shuffle(x, 3)
    assert y[0, 1, 4, 5].item() == x[0, 9 + 1 * 3 + 2, 1, 1]
    np.testing.assert_array_equal(F.pixel_unshuffle(y, 3).numpy(), x)


def test_a_shuffle_of_the_other_number_undoes_channel_shuffle() -> None:
    x = spaced(2, 6, 3)
    np.testing.assert_array_equal(F.channel_shuffle(F.channel_shuffle(x, 2), 3).numpy(), x)


def test_a_convolution_is_a_product_with_columns() -> None:
    x, weight = spaced(2, 3, 6, 5), spaced(4, 3, 3, 2)
    columns = F.unfold(x, (3, 2), stride=2, padding=1)
    y = (weight.reshape(4, -1) @ columns.numpy()).reshape(2, 4, 3, 3)
    np.testing.assert_allclose(F.conv2d(x, weight, stride=2, padding=1).numpy(), y, atol=1e-12)


def test_folding_counts_how_often_each_pixel_was_read() -> None:
    read = F.fold(F.unfold(np.ones((1, 1, 3, 4)), 2), (3, 4), 2).numpy()[0, 0]
    np.testing.assert_array_equal(read, [[1, 2, 2, 1], [2, 4, 4, 2], [1, 2, 2, 1]])


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: F.pixel_shuffle(spaced(6, 2, 2), 2), "divisible by 2"),
        (lambda: F.pixel_unshuffle(spaced(1, 3, 2), 2), "divisible by 2"),
        (lambda: F.channel_shuffle(spaced(1, 5), 2), "2 groups"),
        (lambda: F.unfold(spaced(2, 3), 2), "2 axes"),
        (lambda: F.unfold(spaced(1, 2, 3), 4), "fit"),
        (lambda: F.fold(spaced(1, 4, 5), (3, 3), 2), "windows"),
        (lambda: F.pad(spaced(3), [(3, 0)], mode="reflect"), "from -3 to 2"),
        (lambda: F.pad(spaced(3), [(-2, -2)], mode="circular"), "from -3 to"),
    ],
)
def test_errors(call: Any, text: str) -> None:
    with pytest.raises(ShapeError, match=text):
        call()
