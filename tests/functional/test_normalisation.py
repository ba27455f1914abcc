"""Normalisation against its formula in NumPy, and the running statistics by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.functional.samples import spaced

import chainrule as cr
from chainrule import functional as F
from chainrule.errors import ArgumentError, GraphError, ShapeError


def standardised(x: np.ndarray, axes: tuple[int, ...], eps: float) -> np.ndarray:
    mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    result: np.ndarray = (x - mean) / np.sqrt(var + eps)
    return result


X = spaced(4, 6, 3, 2)
WEIGHT, BIAS = spaced(6, seed=1), spaced(6, seed=2)


def affine(y: np.ndarray) -> np.ndarray:
    return y * WEIGHT[:, None, None] + BIAS[:, None, None]


def test_batch_norm_in_training() -> None:
    y = F.batch_norm(X, None, None, WEIGHT, BIAS, training=True, eps=0.1)
    np.testing.assert_allclose(y.numpy(), affine(standardised(X, (0, 2, 3), 0.1)), atol=1e-12)


def test_batch_norm_in_evaluation() -> None:
    mean, var = cr.tensor(BIAS), cr.tensor(WEIGHT**2)
    y = F.batch_norm(X, mean, var, WEIGHT, BIAS, eps=0.1)
    expected = (X - BIAS[:, None, None]) / np.sqrt(WEIGHT[:, None, None] ** 2 + 0.1)
    np.testing.assert_allclose(y.numpy(), affine(expected), atol=1e-12)
    np.testing.assert_array_equal(mean.numpy(), BIAS)


def test_running_statistics_move_by_the_momentum() -> None:
    mean, var = cr.tensor([10.0]), cr.tensor([1.0])
    x = cr.tensor([[1.0], [2.0], [6.0]])  # mean 3, unbiased variance 7
    F.batch_norm(x, mean, var, training=True, momentum=0.25)
    assert mean.tolist() == [0.75 * 10 + 0.25 * 3]
    assert var.tolist() == pytest.approx([0.75 * 1 + 0.25 * 7])


def test_group_norm() -> None:
    y = F.group_norm(X, 3, WEIGHT, BIAS, eps=0.1).numpy()
    groups = standardised(X.reshape(4, 3, -1), (2,), 0.1).reshape(X.shape)
    np.testing.assert_allclose(y, affine(groups), atol=1e-12)


def test_instance_norm_is_group_norm_with_a_group_for_each_channel() -> None:
    np.testing.assert_allclose(
        F.instance_norm(X, WEIGHT, BIAS).numpy(),
        F.group_norm(X, 6, WEIGHT, BIAS).numpy(),
        atol=1e-12,
    )


def test_layer_norm() -> None:
    w = spaced(3, 2)
    y = F.layer_norm(X, (3, 2), w, w + 1, eps=0.1).numpy()
    np.testing.assert_allclose(y, standardised(X, (2, 3), 0.1) * w + w + 1, atol=1e-12)


def test_rms_norm() -> None:
    y = F.rms_norm(X, 2, [2.0, 3.0], eps=0.1).numpy()
    expected = X / np.sqrt((X**2).mean(-1, keepdims=True) + 0.1) * [2.0, 3.0]
    np.testing.assert_allclose(y, expected, atol=1e-12)
    default = F.rms_norm(np.zeros((1, 2), np.float32), 2)
    np.testing.assert_array_equal(default.numpy(), [[0, 0]])


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_local_response_norm_sums_over_neighbouring_channels(size: int) -> None:
    y = F.local_response_norm(X, size, alpha=0.3, beta=0.6, k=1.5).numpy()
    for channel in range(6):
        low, high = channel - size // 2, channel + (size - 1) // 2 + 1
        energy = (X[:, max(low, 0) : high] ** 2).sum(axis=1)
        expected = X[:, channel] / (1.5 + 0.3 / size * energy) ** 0.6
        np.testing.assert_allclose(y[:, channel], expected)


def test_local_response_norm_within_a_channel() -> None:
    y = F.local_response_norm_within(X, 3, alpha=0.3, beta=0.6).numpy()
    padded = np.pad(X, [(0, 0), (0, 0), (1, 1), (1, 1)]) ** 2
    for i in range(3):
        for j in range(2):
            energy = padded[:, :, i : i + 3, j : j + 3].sum(axis=(2, 3))
            expected = X[:, :, i, j] / (1 + 0.3 / 9 * energy) ** 0.6
            np.testing.assert_allclose(y[:, :, i, j], expected)


def test_a_constant_batch_gives_the_bias() -> None:
    y = F.batch_norm(np.full((4, 6, 1, 1), 3.0), None, None, WEIGHT, BIAS, training=True)
    np.testing.assert_allclose(y.numpy()[0, :, 0, 0], BIAS, atol=1e-12)


def test_a_symbolic_graph_cannot_update_running_statistics() -> None:
    mean, var = cr.zeros(3), cr.ones(3)
    with pytest.raises(GraphError, match=r"call model.eval\(\)"):
        F.batch_norm(cr.input("x", (4, 3)), mean, var, training=True)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: F.batch_norm(np.ones((1, 3)), cr.zeros(3), cr.ones(3), training=True),
            ShapeError, "at least 2 values",
        ),
        (lambda: F.group_norm(X, 4), ShapeError, "divisible by 4"),
        (lambda: F.layer_norm(X, (3,)), ShapeError, r"ends in the axes \(3,\)"),
        (lambda: F.instance_norm(np.ones((2, 3))), ShapeError, r"x \(N, C, \*S\)"),
        (lambda: F.local_response_norm(np.ones((2, 3)), 2), ShapeError, "size >= 1"),
        (lambda: F.local_response_norm_within(X, 2), ArgumentError, "odd size; received 2"),
    ],
)  # fmt: skip
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()
