"""Dropout: which elements fall, how the others are scaled, and when nothing happens."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import chainrule as cr
from chainrule import functional as F
from chainrule.errors import ArgumentError, ShapeError
from chainrule.ops.random import Generator

CHANNELS = [(F.dropout1d, 1), (F.dropout2d, 2), (F.dropout3d, 3)]


def test_survivors_are_scaled_and_the_share_is_right() -> None:
    y = F.dropout(cr.ones(20_000), 0.2, generator=Generator(0)).numpy()
    assert set(np.unique(y)) == {0.0, np.float32(1.25)}
    assert abs((y == 0).mean() - 0.2) < 0.01


@pytest.mark.parametrize(("drop", "rank"), CHANNELS)
def test_channels_fall_as_a_whole(drop: Callable[..., cr.Tensor], rank: int) -> None:
    y = drop(cr.ones((10, 20, *[3] * rank)), 0.5, generator=Generator(1)).numpy()
    per_channel = y.reshape(10, 20, -1)
    assert (per_channel == per_channel[:, :, :1]).all()
    assert 0.3 < (per_channel == 0).mean() < 0.7
    one = drop(cr.ones((20, *[3] * rank)), 0.5, generator=Generator(1)).numpy().reshape(20, -1)
    assert (one == one[:, :1]).all()
    assert set(np.unique(one)) == {0.0, 2.0}


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    x = cr.random.normal(50_000, generator=Generator(2))
    y = F.alpha_dropout(x, 0.3, generator=Generator(3)).numpy()
    assert abs(y.mean()) < 0.02
    assert abs(y.var() - 1) < 0.02
    assert len(np.unique(y)) < 0.75 * y.size  # the fallen ones all have one value


@pytest.mark.parametrize("drop", [F.dropout, F.alpha_dropout])
def test_p_of_0_and_1_and_evaluation(drop: Callable[..., cr.Tensor]) -> None:
    x = cr.tensor([1.0, 2.0])
    assert drop(x, 0.0) is x
    assert drop(x, 0.9, training=False) is x
    assert drop(x, 1.0).tolist() == [0.0, 0.0]


def test_a_seed_decides_and_the_gradient_uses_the_same_mask() -> None:
    x = cr.tensor(np.arange(1.0, 9.0), requires_grad=True)
    y = F.dropout(x, 0.5, generator=Generator(5))
    np.testing.assert_array_equal(y.numpy(), F.dropout(x, 0.5, generator=Generator(5)).numpy())
    y.sum().backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), y.numpy() / x.numpy())


@pytest.mark.parametrize("p", [-0.1, 1.5, float("nan")])
@pytest.mark.parametrize("drop", [F.dropout, F.dropout2d, F.alpha_dropout])
def test_p_is_a_probability(drop: Callable[..., cr.Tensor], p: float) -> None:
    with pytest.raises(ArgumentError, match="0 <= p <= 1"):
        drop(cr.ones((1, 1, 1, 1)), p, training=False)


def test_channels_need_spatial_axes() -> None:
    with pytest.raises(ShapeError, match="2 axes S"):
        F.dropout2d(cr.ones((3, 4)))
