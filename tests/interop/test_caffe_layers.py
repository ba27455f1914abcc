"""Caffe's layers on numbers worked out by hand, from its formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import functional as F
from chainrule import nn

Array = Any
IMAGE = np.arange(1.0, 17.0).reshape(1, 1, 4, 4)


def close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12, atol=1e-12)


# --- pooling: lengths are rounded up there, down in convolutions ------------------------------


def test_pooling_rounds_up_or_down() -> None:
    x = cr.tensor(IMAGE)
    close(nn.MaxPool2d(3, 2)(x)[0, 0], [[11]])
    close(nn.AvgPool2d(3, 2)(x)[0, 0], [[6]])
    up = {"stride": 2, "ceil_mode": True}  # ceil((4 - 3) / 2) + 1 = 2 windows of 3 and of 2
    close(nn.MaxPool2d(3, **up)(x)[0, 0], [[11, 12], [15, 16]])
    close(nn.AvgPool2d(3, **up)(x)[0, 0], [[6, 7.5], [12, 13.5]])


def test_mean_divides_by_the_part_of_the_window_within_the_padded_image() -> None:
    x = cr.tensor([[[1.0, 2.0, 3.0, 4.0]]], "float64")
    # windows at -1, 1, 3: (0 + 1 + 2) / 3, (2 + 3 + 4) / 3, and (4 + 0) / 2
    close(nn.AvgPool1d(3, 2, 1, ceil_mode=True)(x), [[[1, 3, 2]]])
    square = cr.tensor(np.arange(1.0, 10.0).reshape(1, 1, 3, 3))
    close(nn.AvgPool2d(3, 2, 1)(square)[0, 0] * 9, [[12, 16], [24, 28]])


def test_a_window_that_would_start_in_the_padding_at_the_end_is_left_out() -> None:
    x = cr.tensor([[[1.0, 2.0, 3.0, 4.0]]], "float64")
    # ceil((4 + 2 - 2) / 3) + 1 = 3 windows at -1, 2, 5, and the last is beyond 4 + 1
    close(nn.MaxPool1d(2, 3, 1, ceil_mode=True)(x), [[[1, 4]]])
    # Without a padding too, where Caffe has an empty window: ceil(4 / 3) + 1 = 3, at 0, 3, 6.
    close(nn.MaxPool1d(1, 3, ceil_mode=True)(cr.tensor([[[1.0, 2, 3, 4, 5]]])), [[[1, 4]]])


def test_the_first_of_equal_maxima_gets_the_gradient() -> None:
    gradient = cr.grad(lambda x: nn.MaxPool2d(2)(x).sum())(cr.ones((1, 1, 2, 2)))
    close(gradient[0, 0], [[1, 0], [0, 0]])


def test_places_of_maxima_count_the_image_row_by_row() -> None:
    _, places = nn.MaxPool2d(3, 2, ceil_mode=True, return_indices=True)(cr.tensor(IMAGE))
    assert places[0, 0].tolist() == [[10, 11], [14, 15]]


def test_stochastic_pooling_is_a_weighted_mean_in_evaluation() -> None:
    pool = nn.StochasticPool2d((1, 4))
    rows = IMAGE[0, 0]
    close(pool.eval()(cr.tensor(IMAGE))[0, 0, :, 0], (rows**2).sum(1) / rows.sum(1))
    one = cr.tensor([[[[0.0, 0.0, 3.0, 0.0]]]])
    assert pool.train()(one).item() == 3.0  # the others have probability 0


def test_a_pyramid_of_bins_of_an_image_that_they_do_not_divide() -> None:
    """3 x 3 into 2 x 2: windows of ceil(3 / 2), padding (2 * 2 - 3 + 1) / 2 = 1 before."""
    image = cr.tensor(np.arange(1.0, 10.0).reshape(1, 1, 3, 3))
    close(nn.SpatialPyramidPool(2)(image), [[9, 1, 3, 7, 9]])


# --- normalisation by mean and variance ---------------------------------------------------------


@pytest.mark.parametrize("across", [False, True])
@pytest.mark.parametrize("divide", [False, True])
def test_mvn(across: bool, divide: bool) -> None:
    x = np.random.default_rng(0).normal(3.0, 2.0, size=(2, 3, 4, 5))
    axes = (1, 2, 3) if across else (2, 3)
    expected = x - x.mean(axes, keepdims=True)
    if divide:
        expected = expected / (x.std(axes, keepdims=True) + 0.25)  # added to the root
    close(nn.MVN(divide, across, 0.25)(cr.tensor(x)), expected)


# --- local response normalisation ---------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 3, 5, 15])
def test_lrn_across_channels(size: int) -> None:
    x = np.random.default_rng(0).normal(size=(2, 7, 3, 3))
    expected = np.empty_like(x)
    for c in range(7):
        near = x[:, max(0, c - size // 2) : c + size // 2 + 1]
        expected[:, c] = x[:, c] * (2 + 0.5 / size * (near**2).sum(1)) ** -0.75
    close(nn.LocalResponseNorm(size, 0.5, 0.75, 2.0)(cr.tensor(x)), expected)


def test_lrn_within_a_channel_divides_by_the_whole_window_at_the_border_too() -> None:
    x = np.random.default_rng(0).normal(size=(2, 2, 4, 5))
    wide = np.pad(x**2, ((0, 0), (0, 0), (1, 1), (1, 1)))
    total = sum(wide[:, :, i : i + 4, j : j + 5] for i in range(3) for j in range(3))
    close(nn.LocalResponseNormWithin(3, 0.5)(cr.tensor(x)), x * (1 + 0.5 / 9 * total) ** -0.75)


# --- deconvolution ------------------------------------------------------------------------------


def test_deconvolution_adds_up_where_windows_overlap() -> None:
    """Ones through 3 x 3 ones with stride 2: one, two or four windows, of 3 channels, meet."""
    layer = nn.ConvTranspose2d(3, 4, 3, stride=2, dtype="float64")
    layer.weight.assign(np.ones((3, 4, 3, 3)))
    layer.bias.assign(np.full(4, 0.1))
    y = layer(cr.ones((2, 3, 6, 4), dtype="float64"))
    assert y.shape == (2, 4, 13, 9)

    def windows(n: int) -> Array:
        return np.array([2 if 0 < i < n - 1 and i % 2 == 0 else 1 for i in range(n)])

    expected = 3 * np.outer(windows(13), windows(9)) + 0.1
    close(y, np.broadcast_to(expected, y.shape))
    assert set(np.round(expected, 6).ravel()) == {3.1, 6.1, 12.1}


def test_deconvolution_is_the_gradient_of_convolution() -> None:
    rng = np.random.default_rng(0)
    w, g = rng.normal(size=(4, 3, 3, 3)), cr.tensor(rng.normal(size=(1, 4, 3, 3)))
    x = cr.tensor(rng.normal(size=(1, 3, 7, 7)))
    _, pull = cr.vjp(lambda x: F.conv2d(x, cr.tensor(w), stride=2), x)
    close(F.conv_transpose2d(g, cr.tensor(w), stride=2), pull(g)[0].numpy())


# --- batch normalisation ------------------------------------------------------------------------


class Accumulators:
    """Caffe's three blobs: sums of means and of variances, and of their weights."""

    def __init__(self, fraction: float) -> None:
        self.fraction, self.mean, self.var, self.factor = fraction, 0.0, 0.0, 0.0

    def add(self, x: Array) -> None:
        m = x.size / x.shape[1]
        self.factor = self.fraction * self.factor + 1
        self.mean = self.fraction * self.mean + x.mean((0, 2, 3))
        self.var = self.fraction * self.var + m / (m - 1) * x.var((0, 2, 3))


@pytest.mark.parametrize("fraction", [1.0, 0.9])
def test_running_statistics_are_those_of_caffe(fraction: float) -> None:
    rng, steps = np.random.default_rng(0), 5
    batches = rng.normal(2.0, 3.0, size=(steps, 4, 3, 2, 2))
    momentum = None if fraction == 1 else 1 - fraction
    layer = nn.BatchNorm2d(3, affine=False, momentum=momentum, dtype="float64")
    caffe = Accumulators(fraction)
    for x in batches:
        y = layer(cr.tensor(x))
        caffe.add(x)
        close(y.mean((0, 2, 3)), np.zeros(3))
    rest = 0.0 if momentum is None else fraction**steps  # the weight of the start
    close(layer.running_mean / (1 - rest), caffe.mean / caffe.factor)
    close((layer.running_var - rest) / (1 - rest), caffe.var / caffe.factor)


# --- recurrent ----------------------------------------------------------------------------------


def test_an_lstm_with_cont_by_hand() -> None:
    rng = np.random.default_rng(0)
    steps, batch, width, hidden = 5, 2, 3, 4
    x = rng.normal(size=(steps, batch, width))
    cont = np.array([[0, 0], [1, 1], [1, 0], [0, 1], [1, 1]], float)
    w_x, w_h = rng.normal(size=(4 * hidden, width)), rng.normal(size=(4 * hidden, hidden))
    bias = rng.normal(size=4 * hidden)
    h, c, expected = np.ones((batch, hidden)), np.ones((batch, hidden)), []
    for x_t, on in zip(x, cont[:, :, None], strict=True):
        i, f, o, g = np.split(x_t @ w_x.T + bias + (on * h) @ w_h.T, 4, axis=1)
        i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
        c = on * f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        expected.append(h)

    def ours(rows: Array) -> Array:  # gates i, f, g, o
        i, f, o, g = np.split(rows, 4)
        return np.concatenate([i, f, g, o])

    lstm = nn.LSTM(width, hidden, dtype="float64")
    lstm.weight_ih_l0.assign(ours(w_x))
    lstm.weight_hh_l0.assign(ours(w_h))
    lstm.bias_ih_l0.assign(ours(bias))
    lstm.bias_hh_l0.assign(np.zeros(4 * hidden))
    start = cr.ones((1, batch, hidden), dtype="float64")
    y, (last, cell) = lstm(cr.tensor(x), (start, start), cont=cr.tensor(cont))
    close(y, np.stack(expected))
    close(last[0], h)
    close(cell[0], c)
