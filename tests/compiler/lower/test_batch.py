"""Convolutions with the batch innermost and with padded images, what follows them, and scans."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.compiler.lower.running import Lowering, assert_close, assert_equal

import chainrule as cr
from chainrule import functional as F
from chainrule.compiler.lower.batch import fits

RANDOM = np.random.default_rng(0)


def floats(*shape: int) -> np.ndarray[Any, Any]:
    return RANDOM.integers(-8, 9, shape) / 8


@pytest.mark.parametrize(
    ("length", "worth"), [(16, False), (31, False), (32, True), (40, False), (48, True)]
)
def test_which_batches_are_worth_being_innermost(length: int, worth: bool) -> None:
    assert fits(length) is worth


SETTINGS = {
    "plain": {},
    "padding": {"padding": 1},
    "stride": {"stride": 2, "padding": 1},
    "dilation": {"dilation": 2, "padding": 2},
    "groups": {"groups": 2, "padding": 1},
    "depthwise": {"groups": 4, "padding": 1, "stride": 2},
}  # fmt: skip


def weights(setting: str) -> np.ndarray[Any, Any]:
    return floats(8, 4 // int(SETTINGS[setting].get("groups", 1)), 3, 3)


@pytest.mark.parametrize("images", [1, 5, 32])
@pytest.mark.parametrize("setting", SETTINGS)
def test_convolutions(setting: str, images: int) -> None:
    more: Any = SETTINGS[setting]
    assert_equal(lambda x, w: F.conv2d(x, w, **more), floats(images, 4, 6, 5), weights(setting))


@pytest.mark.parametrize("images", [3, 32])
@pytest.mark.parametrize("setting", SETTINGS)
def test_gradients_of_convolutions(setting: str, images: int) -> None:
    more: Any = SETTINGS[setting]

    def loss(x: Any, w: Any) -> Any:
        y = F.conv2d(x, w, **more)
        return (y * y).sum()

    assert_equal(cr.grad(loss, (0, 1)), floats(images, 4, 6, 5), weights(setting))


@pytest.mark.parametrize("images", [3, 32])
def test_what_follows_a_convolution(images: int) -> None:
    """Values with the batch innermost are pooled, reshaped, multiplied and summed like others."""

    def loss(x: Any, w: Any, v: Any) -> Any:
        y = F.max_pool2d(F.relu(F.conv2d(x, w, padding=1)), 2)
        flat = y.reshape(images, 8 * 3 * 2)
        return (F.log_softmax(flat @ v, axis=1) ** 2).mean()

    arrays = floats(images, 4, 6, 5), floats(8, 4, 3, 3), floats(48, 5)
    assert_equal(loss, *arrays)
    assert_equal(cr.grad(loss, (0, 1, 2)), *arrays)


@pytest.mark.parametrize(
    "shape", [(32, 240), (8, 4, 8, 30), (32, 8, 30), (960, 8), (7680,)], ids=str
)
def test_values_with_the_batch_innermost_are_reshaped(shape: tuple[int, ...]) -> None:
    def f(x: Any, w: Any) -> Any:
        return F.conv2d(x, w, padding=1).reshape(*shape) * 2.0

    assert_equal(f, floats(32, 4, 6, 5), floats(8, 4, 3, 3))


@pytest.mark.parametrize("reverse", [False, True])
def test_loops_in_time(reverse: bool) -> None:
    def step(h: Any, x: Any) -> Any:
        new = cr.tanh(h * 0.5 + x)
        return new, new * x

    def f(h: Any, xs: Any) -> Any:
        last, ys = cr.scan(step, h, xs, reverse=reverse)
        return last, ys

    assert_equal(f, floats(3, 4), floats(5, 3, 4))

    def loss(h: Any, xs: Any) -> Any:
        last, ys = f(h, xs)
        return last.sum() + (ys * ys).sum()

    assert_equal(cr.grad(loss, (0, 1)), floats(3, 4), floats(5, 3, 4))


# --- state ------------------------------------------------------------------------------------


def state(*shape: int) -> cr.Tensor:
    return cr.tensor(floats(*shape))


def test_states_that_read_each_other_are_written_after_both_are_read() -> None:
    a, b = state(3, 4), state(3, 4)
    old = a.value.copy(), b.value.copy()
    low = Lowering([], [(a, b + 1.0), (b, a * 2.0)])
    for run in low.stages():
        assert_close([run.state(a), run.state(b)], [old[1] + 1.0, old[0] * 2.0])


def test_a_state_may_be_its_own_transpose() -> None:
    a = state(4, 4)
    old = a.value.copy()
    for run in Lowering([a + 1.0], [(a, a.T)]).stages():
        assert_close([run.state(a)], [old.T])
        assert_close(run.outputs, [old + 1.0])


def test_rotated_states() -> None:
    states = [state(2, 3) for _ in range(3)]
    old = [s.value.copy() for s in states]
    low = Lowering([], [(s, states[(k + 1) % 3] + 0.0) for k, s in enumerate(states)])
    for run in low.stages():
        assert_close([run.state(s) for s in states], [old[1], old[2], old[0]])


@pytest.mark.parametrize("images", [3, 32])
def test_weights_of_convolutions_lie_as_they_are_used(images: int) -> None:
    w, x = state(8, 4, 3, 3), floats(images, 4, 6, 5)
    symbol = cr.input("x", x.shape, x.dtype)
    low = Lowering([F.conv2d(symbol, w, padding=1)], [(w, w * 0.5)], [symbol])
    expected = F.conv2d(cr.asarray(x), w, padding=1).value
    for run in low.stages(x):
        assert_close(run.outputs, [expected])
        assert_close([run.state(w)], [w.value * 0.5])
