"""Pooling that also says where, unpooling, and pooling by powers, chance, pyramids and rank."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.functional.samples import spaced

import chainrule as cr
from chainrule import functional as F
from chainrule.errors import ArgumentError, BoundsError, ShapeError
from chainrule.functional import pooling_windows
from chainrule.ops.random import Generator


@pytest.mark.parametrize("size", [2, pooling_windows.FEW + 1])
def test_indices_say_where_the_maxima_are(size: int) -> None:
    x = spaced(2, 3, 2 * size, 3 * size)
    y, indices = F.max_pool2d(x, size, return_indices=True)
    found = np.take_along_axis(x.reshape(2, 3, -1), indices.numpy().reshape(2, 3, -1), -1)
    np.testing.assert_array_equal(found.reshape(y.shape), y.numpy())
    assert str(indices.dtype) == "int64"


def test_of_equal_maxima_the_first_is_indexed_row_by_row() -> None:
    x = cr.tensor([[[0.0, 1.0], [1.0, 0.0]]])
    assert F.max_pool2d(x, 2, return_indices=True)[1].tolist() == [[[1]]]


def test_caffes_example_of_maxima_and_their_places() -> None:
    """From Caffe's TestForwardMaxTopMask: windows of 2 x 2, one apart."""
    x = cr.tensor([[[1.0, 2, 5, 2, 3], [9, 4, 1, 4, 8], [1, 2, 5, 2, 3]]])
    y, indices = F.max_pool2d(x, 2, stride=1, return_indices=True)
    assert y.tolist() == [[[9, 5, 5, 8], [9, 5, 5, 8]]]
    assert indices.tolist() == [[[5, 2, 2, 9], [5, 12, 12, 9]]]


@pytest.mark.parametrize(("pool", "size", "out"), [(F.max_pool1d, 4, 1), (F.avg_pool1d, 5, 1)])
def test_in_ceil_mode_a_window_may_be_larger_than_the_input(pool: Any, size: int, out: int) -> None:
    x = cr.tensor([[1.0, 2.0, 6.0]])
    assert pool(x, size, ceil_mode=True).shape == (1, out)
    with pytest.raises(ShapeError, match=f"{size} > 3"):
        pool(x, size)


def test_the_last_window_starts_inside_of_the_padded_image() -> None:
    """Caffe's TestSetupPadded: of 5 windows that rounding up asks for, the last is left out."""
    x = spaced(1, 6, 5)
    assert F.max_pool2d(x, 3, stride=2, padding=1, ceil_mode=True).shape == (1, 4, 3)
    assert F.max_pool2d(x, 3, stride=2, padding=1).shape == (1, 3, 3)
    assert F.max_pool1d(spaced(1, 4), 1, stride=3, ceil_mode=True).shape == (1, 2)
    assert F.max_pool1d(spaced(1, 3), 1, stride=3, ceil_mode=True).shape == (1, 1)


def test_unpooling_puts_maxima_back() -> None:
    x = spaced(2, 3, 5, 7)
    y, indices = F.max_pool2d(x, 2, return_indices=True)
    back = F.max_unpool2d(y, indices, 2, output_size=(5, 7)).numpy()
    assert back.shape == x.shape
    kept = back != 0
    assert kept.sum() == y.size
    np.testing.assert_array_equal(back[kept], x[kept])


def test_an_element_of_two_windows_gets_the_mean() -> None:
    y = F.max_unpool1d(cr.tensor([[1.0, 3.0]]), cr.tensor([[1, 1]]), 2, stride=1)
    assert y.tolist() == [[0.0, 2.0, 0.0]]


def test_power_pooling_at_zero_has_the_derivative_zero() -> None:
    x = cr.tensor(np.zeros((1, 4)), requires_grad=True)
    F.lp_pool1d(x, 2, 2).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[0.0] * 4]


def test_stochastic_pooling_draws_by_the_values() -> None:
    x = cr.tensor(np.tile([1.0, 0.0, 3.0, 4.0], 4000).reshape(1, 1, -1))
    drawn = F.stochastic_pool2d(x, (1, 4), generator=Generator(0)).numpy()
    shares = [(drawn == value).mean() for value in (0.0, 1.0, 3.0, 4.0)]
    np.testing.assert_allclose(shares, [0, 1 / 8, 3 / 8, 4 / 8], atol=0.03)


def test_stochastic_pooling_of_zeros_is_zero() -> None:
    x = cr.tensor(np.zeros((1, 2, 2)), requires_grad=True)
    for training in (True, False):
        y = F.stochastic_pool2d(x, 2, training=training)
        assert y.tolist() == [[[0.0]]]
        y.sum().backward()
    assert x.grad is not None
    assert np.isfinite(x.grad.numpy()).all()


def test_a_pyramid_holds_the_maxima_of_its_windows() -> None:
    x = spaced(2, 3, 7, 10)
    y = F.spatial_pyramid_pool(x, 2).numpy()
    assert y.shape == (2, 15)
    np.testing.assert_array_equal(y[:, :3], x.max((2, 3)))
    # 7 rows in 2 windows of 4, the first begins one row above the image
    rows, columns = (slice(0, 3), slice(3, 7)), (slice(0, 5), slice(5, 10))
    expected = [x[:, c, r, s].max((1, 2)) for c in range(3) for r in rows for s in columns]
    np.testing.assert_array_equal(y[:, 3:], np.stack(expected, axis=1))


def test_the_k_largest_keep_their_order_and_grow_with_the_sequence() -> None:
    x = cr.tensor([[1.0, 9.0, 2.0, 8.0, 2.0]])
    assert F.k_max_pool1d(x, 3).tolist() == [[9.0, 2.0, 8.0]]
    assert F.k_max_pool1d(x, 1, factor=0.5).tolist() == [[9.0, 2.0, 8.0]]  # ceil(2.5)


def test_fractional_windows_cover_the_axis() -> None:
    x = spaced(1, 200, 25, 4)
    y = F.fractional_max_pool2d(x, 2, output_size=(18, 3), generator=Generator(1)).numpy()
    assert y.shape == (1, 200, 18, 3)
    ends = F.fractional_max_pool2d(
        np.broadcast_to(np.arange(25.0)[:, None], (1, 200, 25, 4)), 2, output_size=(18, 3),
        generator=Generator(1),
    ).numpy()[0, :, :, 0]  # fmt: skip
    assert (ends[:, 0] == 1).all()  # the first window is 0, 1
    assert (ends[:, -1] == 24).all()  # the last ends at the end
    steps = np.diff(ends, axis=1)
    assert set(steps.ravel().tolist()) <= {1.0, 2.0}
    assert len(np.unique(steps, axis=0)) > 1  # windows differ from channel to channel


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: F.max_unpool1d([[1.0]], [[7]], 2), BoundsError, "7"),
        (lambda: F.max_unpool1d([[1.0]], [[0, 1]], 2), ShapeError, r"\(1, 1\)"),
        (lambda: F.max_unpool1d([[1.0]], [[0]], 2, output_size=(9,)), ArgumentError, "stride"),
        (lambda: F.lp_pool1d(spaced(1, 4), 0, 2), ArgumentError, "other than 0"),
        (lambda: F.feature_lp_pool(spaced(1, 4), 5, 1), ShapeError, "fit"),
        (lambda: F.fractional_max_pool2d(spaced(1, 4, 4), 2), ArgumentError, "neither"),
        (lambda: F.fractional_max_pool2d(spaced(1, 4, 4), 2, output_size=4), ShapeError, "length"),
        (lambda: F.fractional_max_pool2d(spaced(1, 4, 4), 2, output_ratio=1.5), ArgumentError,
         "between 0 and 1"),
        (lambda: F.spatial_pyramid_pool(spaced(1, 1, 5, 5), 3), ShapeError, "4 windows"),
        (lambda: F.spatial_pyramid_pool(spaced(1, 1, 5, 5), 0), ArgumentError, "levels"),
        (lambda: F.k_max_pool1d(spaced(2, 3), 4), ShapeError, "L >= 4"),
    ],
)  # fmt: skip
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()
