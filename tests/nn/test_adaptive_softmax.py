"""Adaptive softmax: probabilities add up, forward picks from them, bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.functional.samples import spaced

import chainrule as cr
from chainrule import nn
from chainrule.errors import ArgumentError, DataError, ShapeError
from chainrule.ops.random import Generator


def made() -> nn.AdaptiveLogSoftmaxWithLoss:
    return nn.AdaptiveLogSoftmaxWithLoss(
        8, 12, [3, 6], 2.0, generator=Generator(0), dtype="float64"
    )


def test_probabilities_add_up_to_one() -> None:
    logs = made().log_prob(cr.tensor(spaced(5, 8))).numpy()
    assert logs.shape == (5, 12)
    np.testing.assert_allclose(np.exp(logs).sum(1), 1.0)


def test_forward_picks_the_targets_probabilities() -> None:
    layer, x = made(), cr.tensor(spaced(12, 8))
    result = layer(x, cr.arange(12))
    expected = np.diagonal(layer.log_prob(x).numpy())
    np.testing.assert_allclose(result.output.numpy(), expected, rtol=1e-13)
    assert result.loss.item() == pytest.approx(-expected.mean())


def test_predict_gives_the_likeliest_class() -> None:
    layer, x = made(), cr.tensor(spaced(5, 8))
    np.testing.assert_array_equal(layer.predict(x).numpy(), layer.log_prob(x).numpy().argmax(1))


def test_rare_classes_see_fewer_features() -> None:
    sizes = {name: p.shape for name, p in made().named_parameters()}
    assert sizes == {
        "head.weight": (5, 8), "tail.0.0.weight": (4, 8), "tail.0.1.weight": (3, 4),
        "tail.1.0.weight": (2, 8), "tail.1.1.weight": (6, 2),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: nn.AdaptiveLogSoftmaxWithLoss(8, 12, [6, 3]), ArgumentError, "rise"),
        (lambda: nn.AdaptiveLogSoftmaxWithLoss(8, 12, [12]), ArgumentError, "n_classes - 1"),
        (lambda: nn.AdaptiveLogSoftmaxWithLoss(8, 12, []), ArgumentError, "one or more"),
        (lambda: made()(cr.ones((2, 8)), cr.tensor([0, 12])), DataError, "from 0 to 11"),
        (lambda: made()(cr.ones((2, 8)), cr.tensor([0])), ShapeError, "integer labels"),
    ],
)
def test_bad_input(call: Any, error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        call()
