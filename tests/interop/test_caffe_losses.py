"""Caffe's losses, and their gradients, on numbers worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import functional as F

SCORES = np.array([[0.5, -2.0, 0.25], [-0.5, 1.5, -1.0]])
LABELS = np.array([0, 1])


def value_and_gradient(loss: Any, x: Any) -> tuple[float, Any]:
    value, gradient = cr.value_and_grad(loss)(cr.tensor(x))
    return value.item(), gradient.numpy()


@pytest.mark.parametrize(
    ("squared", "expected", "gradient"),
    [
        # max(0, 1 + s) of the others, max(0, 1 - s) of the label: 0.5, 0, 1.25 and 0.5, 0, 0
        (False, (1.75 + 0.5) / 2, [[-1, 0, 1], [1, 0, 0]]),
        (True, (0.25 + 1.5625 + 0.25) / 2, [[-1, 0, 2.5], [1, 0, 0]]),
    ],
)
def test_hinge(squared: bool, expected: float, gradient: Any) -> None:
    signs = 2 * cr.one_hot(LABELS, 3) - 1
    value, slope = value_and_gradient(
        lambda s: F.hinge_loss(s, signs, squared=squared, reduction="batchmean"), SCORES
    )
    assert value == pytest.approx(expected)
    np.testing.assert_allclose(slope, np.array(gradient) / 2)


def test_infogain() -> None:
    gains = np.array([[1.0, 0.5, 0.0], [0.0, 2.0, 0.25], [0.0, 0.0, 1.0]])
    p = np.exp(SCORES) / np.exp(SCORES).sum(1, keepdims=True)
    rows = gains[LABELS]
    value, slope = value_and_gradient(
        lambda s: F.infogain_loss(s, cr.tensor(LABELS), cr.tensor(gains)), SCORES
    )
    assert value == pytest.approx(-(rows * np.log(p)).sum() / 2)
    # Caffe's gradient: p * sum of the row - the row
    np.testing.assert_allclose(slope, (p * rows.sum(1, keepdims=True) - rows) / 2, rtol=1e-9)
    identity = F.infogain_loss(cr.tensor(SCORES), cr.tensor(LABELS), cr.eye(3))
    assert identity.item() == pytest.approx(F.cross_entropy(SCORES, LABELS).item())


@pytest.mark.parametrize(
    ("legacy", "expected", "to_second"),
    [
        # distances 5 (alike), 0.5 and 5 (not): (25 + (1 - 0.5)**2 + 0) / 6
        (False, 25.25 / 6, [0, -0.5 / 3]),
        # legacy: (25 + (1 - 0.25) + 0) / 6
        (True, 25.75 / 6, [0, -0.5 / 3]),
    ],
)
def test_contrastive(legacy: bool, expected: float, to_second: Any) -> None:
    a = np.array([[3.0, 4.0], [0.0, 0.5], [5.0, 0.0]])
    b, alike = cr.zeros((3, 2), dtype="float64"), cr.tensor([1.0, 0.0, 0.0])
    value, slope = value_and_gradient(lambda a: F.contrastive_loss(a, b, alike, legacy=legacy), a)
    assert value == pytest.approx(expected)
    np.testing.assert_allclose(slope, [[1.0, 4 / 3], to_second, [0, 0]])


def test_sigmoid_cross_entropy() -> None:
    x, t = np.array([[0.0, 2.0], [-1000.0, 1000.0]]), np.array([[1.0, 0.25], [1.0, 1.0]])
    value, slope = value_and_gradient(
        lambda x: F.binary_cross_entropy_with_logits(x, t, reduction="batchmean"), x
    )
    # log(2); log(1 + e**2) - 0.25 * 2; 1000; 0; divided by the number of samples
    assert value == pytest.approx((math.log(2) + math.log1p(math.e**2) - 0.5 + 1000) / 2)
    sigmoid = 1 / (1 + math.exp(-2))
    np.testing.assert_allclose(slope, np.array([[-0.5, sigmoid - 0.25], [-1, 0]]) / 2)


def test_a_softmax_loss_does_not_stop_at_the_smallest_float() -> None:
    for wrong in (50.0, 87.0, 88.0, 1e4):
        loss = F.cross_entropy(cr.tensor([[0.0, wrong]], "float32"), cr.tensor([0]))
        assert loss.item() == pytest.approx(wrong)


@pytest.mark.parametrize(
    ("normalization", "divisor"), [("sum", 1), ("mean", 3), ("full", 6), ("batchmean", 2)]
)  # Caffe's NONE, VALID, FULL, BATCH_SIZE
def test_normalisations_of_the_softmax_loss(normalization: str, divisor: int) -> None:
    scores, labels = cr.tensor(np.zeros((2, 2, 3))), cr.tensor([[0, 1, 9], [9, 9, 1]])
    loss = F.cross_entropy(scores, labels, ignore_index=9, reduction=normalization)
    assert loss.item() == pytest.approx(3 * math.log(2) / divisor)
