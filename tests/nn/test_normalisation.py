"""State of normalisation layers, and what layers refuse when they are made or called."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn
from chainrule.errors import ArgumentError, BoundsError, ShapeError
from chainrule.ops.random import Generator

BATCHES = [np.array([[1.0], [3.0]]), np.array([[2.0], [10.0]])]  # means 2, 6; variances 2, 32


def test_running_statistics() -> None:
    layer = nn.BatchNorm1d(1, momentum=0.5, dtype="float64")
    for batch in BATCHES:
        layer(batch)
    assert layer.running_mean.item() == 0.5 * (0.5 * 2) + 0.5 * 6
    assert layer.running_var.item() == 0.5 * (0.5 * 1 + 0.5 * 2) + 0.5 * 32
    assert layer.num_batches_tracked.item() == 2


def test_without_momentum_they_are_the_plain_mean() -> None:
    layer = nn.BatchNorm1d(1, momentum=None, dtype="float64")
    for batch in BATCHES:
        layer(batch)
    assert layer.running_mean.item() == 4.0
    assert layer.running_var.item() == 17.0


def test_evaluation_uses_them_and_changes_nothing() -> None:
    layer = nn.BatchNorm1d(1, eps=0.0, dtype="float64")
    layer.load_state_dict({"running_mean": [3.0], "running_var": [4.0]}, strict=False)
    before = layer.state_dict()
    assert layer.eval()(cr.tensor([[7.0]], "float64")).item() == 2.0
    for name, value in layer.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_without_tracking_the_batch_always_decides() -> None:
    layer = nn.BatchNorm1d(1, track_running_stats=False, affine=False)
    assert layer.state_dict() == {}
    x = cr.tensor(BATCHES[0])
    np.testing.assert_array_equal(layer(x).numpy(), layer.eval()(x).numpy())


def test_a_seed_decides_what_falls() -> None:
    x = cr.ones((4, 8))
    a, b = nn.Dropout(generator=Generator(3)), nn.Dropout(0.5, Generator(3))
    assert a(x).tolist() == b(x).tolist()
    assert a(x).tolist() != a(x).tolist()


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: nn.BatchNorm2d(3)(cr.ones((2, 3))), ShapeError, "of 4 axes.*in BatchNorm2d"),
        (lambda: nn.BatchNorm1d(3)(cr.ones((1, 3))), ShapeError, "at least 2 values"),
        (lambda: nn.BatchNorm1d(3)(cr.ones((2, 4))), ShapeError, r"everything else \(C,\)"),
        (lambda: nn.InstanceNorm1d(3)(cr.ones((2, 3))), ShapeError, "of 3 axes"),
        (lambda: nn.GroupNorm(3, 4), ArgumentError, "divisible by groups"),
        (lambda: nn.Conv2d(3, 4, 3, groups=2), ArgumentError, "divisible by groups"),
        (lambda: nn.Conv2d(3, 4, (3, 3, 3)), ArgumentError, "kernel_size"),
        (
            lambda: nn.Conv2d(3, 4, 3, padding_mode="mirror"),
            ArgumentError,
            "padding_mode of Conv2d",
        ),
        (lambda: nn.Dropout(1.5), ArgumentError, "0 <= p <= 1"),
        (lambda: nn.Embedding(3, 2, padding_idx=3), ArgumentError, "one of the 3 rows"),
        (lambda: nn.Embedding(3, 2)(cr.tensor([3])), BoundsError, "received index 3"),
    ],
)
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()
