"""Initialisers: ranges, variances, fans, determinism."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn
from chainrule.errors import ArgumentError, ShapeError
from chainrule.nn import init
from chainrule.ops.random import Generator

SHAPE = (60, 40, 3)  # fan_in 120, fan_out 180
N = math.prod(SHAPE)


@pytest.mark.parametrize(
    ("draw", "std"),
    [
        (init.uniform, math.sqrt(1 / 12)),
        (init.normal, 1.0),
        (lambda s, **k: init.normal(s, 2.0, 0.5, **k), 0.5),
        (lambda s, **k: init.uniform(s, -3.0, 1.0, **k), 4 / math.sqrt(12)),
        (lambda s, **k: init.fan_in_uniform(s, 120, **k), 1 / math.sqrt(3 * 120)),
        (init.xavier_uniform, math.sqrt(2 / 300)),
        (init.xavier_normal, math.sqrt(2 / 300)),
        (lambda s, **k: init.xavier_normal(s, 3.0, **k), 3 * math.sqrt(2 / 300)),
        (init.kaiming_uniform, math.sqrt(2 / 120)),
        (init.kaiming_normal, math.sqrt(2 / 120)),
        (lambda s, **k: init.kaiming_normal(s, mode="fan_out", **k), math.sqrt(2 / 180)),
        (lambda s, **k: init.kaiming_uniform(s, math.sqrt(5), **k), math.sqrt(1 / 360)),
        (lambda s, **k: init.kaiming_normal(s, nonlinearity="tanh", **k), 5 / 3 / math.sqrt(120)),
        (init.orthogonal, 1 / math.sqrt(120)),
        (lambda s, **k: init.sparse_normal(s, 15, std=2.0, **k), 2 * math.sqrt(15 / 60)),
        # a row of n uniform numbers over their sum n / 2
        (init.positive_unitball, 2 / 120 * math.sqrt(1 / 12)),
    ],
)
def test_standard_deviation_seed_and_type(draw: Callable[..., cr.Tensor], std: float) -> None:
    values = draw(SHAPE, generator=Generator(1))
    assert values.shape == SHAPE
    assert str(values.dtype) == "float32"
    assert values.numpy().std() == pytest.approx(std, rel=0.03)
    np.testing.assert_array_equal(values.numpy(), draw(SHAPE, generator=Generator(1)).numpy())
    assert str(draw(SHAPE, generator=Generator(1), dtype="float64").dtype) == "float64"
    assert values.is_leaf
    assert not values.requires_grad


def test_constants() -> None:
    assert init.zeros((2,)).tolist() == [0.0, 0.0]
    assert init.ones((2,)).tolist() == [1.0, 1.0]
    assert init.constant((2,), 0.5, dtype="float64").dtype is cr.float64


def test_truncated_normal_stays_inside_and_keeps_the_shape_of_the_bell() -> None:
    values = init.truncated_normal((20_000,), 1.0, 2.0, 0.0, 4.0, generator=Generator(0)).numpy()
    assert values.min() >= 0
    assert values.max() <= 4
    inside = np.random.default_rng(0).normal(1.0, 2.0, 200_000)
    inside = inside[(inside >= 0) & (inside <= 4)]
    assert values.mean() == pytest.approx(inside.mean(), abs=0.02)
    for low, high in ((1.0, 1.0), (100.0, 101.0)):
        with pytest.raises(ArgumentError, match="truncated_normal"):
            init.truncated_normal((2,), low=low, high=high)


def test_sparse_normal_keeps_a_share_of_the_elements() -> None:
    values = init.sparse_normal((50, 2000), 5, mean=3.0, generator=Generator(0)).numpy()
    assert (values != 0).mean() == pytest.approx(0.1, rel=0.03)
    assert values[values != 0].mean() == pytest.approx(3, rel=0.03)
    assert not init.sparse_normal((4, 3), 0, mean=3.0).numpy().any()
    assert init.sparse_normal((4, 3), 4, mean=9.0).numpy().all()


def test_rows_of_a_positive_unitball_sum_to_one() -> None:
    values = init.positive_unitball((7, 2, 3), dtype="float64", generator=Generator(0)).numpy()
    assert values.min() > 0
    np.testing.assert_allclose(values.sum((1, 2)), 1, rtol=1e-14)


@pytest.mark.parametrize(
    ("k", "line"),
    [(1, [1]), (2, [0.5, 0.5]), (3, [0.5, 1, 0.5]), (4, [0.25, 0.75, 0.75, 0.25])],
)
def test_bilinear_kernels_by_hand(k: int, line: list[float]) -> None:
    kernel = init.bilinear((2, 3, k, k), dtype="float64").numpy()
    np.testing.assert_allclose(kernel, np.broadcast_to(np.outer(line, line), (2, 3, k, k)))


def test_a_bilinear_kernel_enlarges_a_ramp_to_a_finer_ramp() -> None:
    grow = nn.ConvTranspose2d(2, 2, 4, stride=2, padding=1, groups=2, bias=False, dtype="float64")
    grow.weight.assign(init.bilinear((2, 1, 4, 4), dtype="float64"))
    ramp = np.broadcast_to(np.arange(6.0), (1, 2, 6, 6))
    inner = grow(cr.tensor(ramp)).numpy()[:, :, 2:-2, 2:-2]
    np.testing.assert_allclose(inner, np.broadcast_to(np.arange(8) / 2 + 0.75, inner.shape))


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 4), (2, 3, 2)])
def test_orthogonal_rows_or_columns(shape: tuple[int, ...]) -> None:
    w = init.orthogonal(shape, 2.0, dtype="float64", generator=Generator(0)).numpy()
    w = w.reshape(shape[0], -1)
    product = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(product, 4 * np.eye(len(product)), atol=1e-12)


@pytest.mark.parametrize(
    ("name", "value"),
    [("linear", 1), ("sigmoid", 1), ("tanh", 5 / 3), ("relu", math.sqrt(2)), ("selu", 0.75),
     ("leaky_relu", math.sqrt(2 / 1.0001))],
)  # fmt: skip
def test_gains(name: str, value: float) -> None:
    assert init.calculate_gain(name) == pytest.approx(value)
    assert init.calculate_gain("leaky_relu", 1.0) == 1.0


def test_fans() -> None:
    assert init.fans((20, 10)) == (10, 20)
    assert init.fans((20, 10, 5, 3)) == (150, 300)


@pytest.mark.parametrize(
    ("layer", "bound"),
    [
        (lambda g: nn.Linear(100, 50, generator=g), 0.1),
        (lambda g: nn.Conv2d(4, 50, 5, generator=g), 0.1),
        (lambda g: nn.Conv1d(8, 50, 25, groups=2, generator=g), 0.1),
        (lambda g: nn.ConvTranspose1d(50, 4, 25, generator=g), 0.1),
        (lambda g: nn.Bilinear(100, 5, 50, generator=g), 0.1),
    ],
)
def test_layers_start_within_the_root_of_their_fan_in(layer: Any, bound: float) -> None:
    made = layer(Generator(0))
    for parameter in made.parameters():
        values = parameter.numpy()
        assert np.abs(values).max() <= bound
        assert values.std() == pytest.approx(bound / math.sqrt(3), rel=0.35)
    assert np.abs(made.weight.numpy()).max() > 0.95 * bound


def test_embedding_starts_normal_with_a_row_of_zeros() -> None:
    w = nn.Embedding(1000, 10, padding_idx=-1, generator=Generator(0)).weight.numpy()
    assert w.std() == pytest.approx(1, rel=0.05)
    assert not w[-1].any()


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: init.xavier_normal((3,)), ShapeError, r"weight \(out, in, \*kernel\)"),
        (lambda: init.orthogonal((3,)), ShapeError, "2 axes"),
        (lambda: init.kaiming_normal((3, 2), mode="fan"), ArgumentError, "'fan_in' or 'fan_out'"),
        (lambda: init.calculate_gain("gelu"), ArgumentError, "one of leaky_relu"),
        (lambda: init.sparse_normal((3, 2), 4), ArgumentError, r"nonzero <= shape\[0\]"),
        (lambda: init.positive_unitball(()), ShapeError, "1 axis"),
        (lambda: init.bilinear((1, 1, 3, 4)), ShapeError, r"\(\*, \*, K, K\)"),
    ],
)
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()
