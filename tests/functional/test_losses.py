"""Losses at values worked out by hand, and what they refuse."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import functional as F
from chainrule.errors import ArgumentError, DataError, DTypeError, LossWarning, ShapeError

# Three images with the scores of cat, car, frog, and their classes: the standard lecture example.
SCORES = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
LABELS = np.array([0, 1, 2])


def test_multi_class_hinge_of_the_lecture() -> None:
    losses = F.multi_class_hinge(SCORES, LABELS, reduction="none")
    np.testing.assert_allclose(losses.numpy(), [2.9, 0.0, 12.9])
    assert F.multi_class_hinge(SCORES, LABELS).item() == pytest.approx(15.8 / 3)
    squared = F.multi_class_hinge(SCORES, LABELS, squared=True, reduction="none")
    np.testing.assert_allclose(squared.numpy(), [2.9**2, 0.0, 6.3**2 + 6.6**2])


def test_cross_entropy_of_the_lecture() -> None:
    e = np.exp([3.2, 5.1, -1.7])
    assert F.cross_entropy(SCORES[:1], LABELS[:1]).item() == pytest.approx(
        -math.log(e[0] / e.sum())
    )


def test_svm_loss_is_data_loss_and_regularisation_in_one_node() -> None:
    w = cr.tensor([[1.0, -2.0], [3.0, 0.5]], "float64", requires_grad=True)
    b = cr.tensor([2.0], "float64", requires_grad=True)
    scores = cr.tensor(SCORES, requires_grad=True)
    loss = F.svm_loss(scores, LABELS, [w, b], 0.1)
    assert loss.inputs[0] is scores
    assert [id(t) for t in loss.inputs[2:]] == [id(w), id(b)]
    assert loss.item() == pytest.approx(15.8 / 3 + 0.1 * (1 + 4 + 9 + 0.25 + 4))
    loss.backward()
    np.testing.assert_allclose(w.grad.numpy(), 0.2 * w.numpy())
    np.testing.assert_allclose(b.grad.numpy(), [0.4])
    third = np.array([[-1, 1, 0], [0, 0, 0], [1, 1, -2]]) / 3
    np.testing.assert_allclose(scores.grad.numpy(), third)


@pytest.mark.parametrize("squared", [False, True])
def test_svm_loss_is_the_sum_of_its_parts(squared: bool) -> None:
    w = cr.tensor(SCORES.T)
    whole = F.svm_loss(SCORES, LABELS, w, 0.3, margin=0.5, squared=squared)
    data = F.multi_class_hinge(SCORES, LABELS, margin=0.5, squared=squared)
    assert whole.item() == pytest.approx(data.item() + 0.3 * (SCORES**2).sum())


def test_hinge_loss() -> None:
    scores, signs = cr.tensor([0.5, 3.0, -2.0]), cr.tensor([1, -1, -1])
    assert F.hinge_loss(scores, signs, reduction="none").tolist() == [0.5, 4.0, 0.0]
    assert F.hinge_loss(scores, signs, squared=True, reduction="sum").item() == 16.25
    with pytest.raises(DataError, match="targets of -1 or 1; received 0; turn classes"):
        F.hinge_loss(scores, [1, 0, 1])


LOGS = np.log([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]])


def test_class_weights_weigh_the_mean() -> None:
    weight = [1.0, 3.0, 5.0]
    loss = F.nll_loss(LOGS, [0, 1], weight)
    assert loss.item() == pytest.approx((math.log(2) - 3 * math.log(0.8)) / 4)
    total = F.nll_loss(LOGS, [0, 1], weight, reduction="sum")
    assert total.item() == pytest.approx(math.log(2) - 3 * math.log(0.8))


def test_ignored_labels_count_neither_above_nor_below() -> None:
    scores = cr.tensor(LOGS, requires_grad=True)
    loss = F.cross_entropy(scores, [-100, 1])
    assert loss.item() == pytest.approx(-math.log(0.8))
    loss.backward()
    assert scores.grad is not None
    assert scores.grad.tolist()[0] == [0.0, 0.0, 0.0]
    assert F.cross_entropy(scores, [0, 2], ignore_index=2).item() == pytest.approx(math.log(2))
    assert F.cross_entropy(scores, [0, -100], reduction="none").tolist()[1] == 0.0


def test_label_smoothing_mixes_in_the_uniform_distribution() -> None:
    loss = F.cross_entropy(LOGS[:1], [0], label_smoothing=0.3)
    assert loss.item() == pytest.approx(-(0.7 * LOGS[0, 0] + 0.1 * LOGS[0].sum()))
    one_hot = np.array([[1.0, 0.0, 0.0]])
    soft = F.cross_entropy(LOGS[:1], one_hot, label_smoothing=0.3)
    assert soft.item() == pytest.approx(loss.item())


def test_probabilities_as_target() -> None:
    target = np.array([[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]])
    loss = F.cross_entropy(LOGS, target)
    assert loss.item() == pytest.approx(-(target * LOGS).sum() / 2)
    weighted = F.cross_entropy(LOGS, target, [1.0, 2.0, 3.0], reduction="none")
    np.testing.assert_allclose(weighted.numpy(), -(target * LOGS * [1.0, 2.0, 3.0]).sum(axis=1))


def test_an_impossible_class_is_not_nan_where_its_label_is_ignored() -> None:
    logs = np.array([[-np.inf, 0.0], [0.0, -np.inf]])
    assert F.nll_loss(logs, [1, 0]).item() == 0.0
    assert F.nll_loss(logs, [-100, 0]).item() == 0.0


def test_certain_mistakes_cost_a_finite_amount() -> None:
    p = cr.tensor([0.0, 1.0], requires_grad=True)
    with pytest.warns(LossWarning, match="2 of 2 probabilities are 0 or 1 where the target says"):
        loss = F.binary_cross_entropy(p, cr.tensor([1.0, 0.0]))
    assert loss.item() == 100.0
    loss.backward()
    assert p.grad is not None
    assert np.isfinite(p.grad.numpy()).all()


def test_binary_cross_entropy() -> None:
    p, t = np.array([0.25, 0.9]), np.array([0.0, 0.3])
    expected = [-math.log(0.75), -(0.3 * math.log(0.9) + 0.7 * math.log(0.1))]
    np.testing.assert_allclose(F.binary_cross_entropy(p, t, reduction="none").numpy(), expected)
    weighted = F.binary_cross_entropy(p, t, np.array([2.0, 1.0]), reduction="sum")
    assert weighted.item() == pytest.approx(2 * expected[0] + expected[1])
    logits = np.log(p / (1 - p))
    with_logits = F.binary_cross_entropy_with_logits(logits, t, reduction="none")
    np.testing.assert_allclose(with_logits.numpy(), expected)
    heavier = F.binary_cross_entropy_with_logits(logits, t, pos_weight=3.0, reduction="none")
    np.testing.assert_allclose(
        heavier.numpy(), [expected[0], -(0.9 * math.log(0.9) + 0.7 * math.log(0.1))]
    )


def test_logits_may_be_large() -> None:
    x = cr.tensor([1e4, -1e4, 90.0], requires_grad=True)
    loss = F.binary_cross_entropy_with_logits(x, cr.tensor([1.0, 0.0, 1.0]), reduction="none")
    assert loss.numpy()[:2].tolist() == [0.0, 0.0]
    assert loss.numpy()[2] == pytest.approx(math.exp(-90), rel=1e-5)
    with pytest.raises(DataError, match="probabilities from 0 to 1; received values from"):
        F.binary_cross_entropy(cr.tensor([1.5]), cr.tensor([1.0]))


def test_kl_divergence_of_a_distribution_from_itself_is_zero() -> None:
    p = np.array([[0.5, 0.5, 0.0]])
    logs = np.log(np.array([[0.5, 0.5, 1.0]]))
    assert F.kl_div(logs, p, reduction="sum").item() == 0.0
    q = np.array([[0.25, 0.75]])
    expected = 0.25 * math.log(0.25 / 0.5) + 0.75 * math.log(0.75 / 0.5)
    uniform = np.log([[0.5, 0.5]])
    assert F.kl_div(uniform, q, reduction="batchmean").item() == pytest.approx(expected)
    log_target = F.kl_div(uniform, np.log(q), reduction="batchmean", log_target=True)
    assert log_target.item() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (F.mse_loss, [0.25, 9.0]),
        (F.l1_loss, [0.5, 3.0]),
        (F.huber_loss, [0.125, 2.5]),
        (F.smooth_l1_loss, [0.125, 2.5]),
        (lambda *a, **k: F.huber_loss(*a, delta=2.0, **k), [0.125, 4.0]),
        (lambda *a, **k: F.smooth_l1_loss(*a, beta=2.0, **k), [0.0625, 2.0]),
        (lambda *a, **k: F.smooth_l1_loss(*a, beta=0.0, **k), [0.5, 3.0]),
    ],
)
def test_regression(loss: Callable[..., cr.Tensor], expected: list[float]) -> None:
    x, target = cr.tensor([1.0, 5.0]), cr.tensor([1.5, 2.0])
    assert loss(x, target, reduction="none").tolist() == expected
    assert loss(x, target, reduction="sum").item() == sum(expected)
    assert loss(x, target).item() == sum(expected) / 2


LABELLED = [F.cross_entropy, F.nll_loss, F.multi_class_hinge,
            lambda s, y: F.svm_loss(s, y, [], 0.0)]  # fmt: skip


@pytest.mark.parametrize("loss", LABELLED)
@pytest.mark.parametrize("label", [3, -1])
def test_a_label_out_of_range_is_named(loss: Callable[..., cr.Tensor], label: int) -> None:
    text = rf"labels from 0 to 2, for 3 classes; received label {label} at position 1"
    with pytest.raises(DataError, match=text):
        loss(SCORES, [0, label, 1])


def test_a_label_out_of_range_in_a_map_is_named_with_its_place() -> None:
    with pytest.raises(DataError, match=r"label 7 at position \(0, 1\)"):
        F.cross_entropy(np.zeros((1, 3, 2)), [[0, 7]])
    with pytest.raises(DataError, match="received label 5"):
        F.cross_entropy(np.zeros(3), 5)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: F.nll_loss(SCORES, [0.0, 1.0, 2.0]), DTypeError, "integer type; received float32"),
        (lambda: F.cross_entropy(SCORES, [0, 1]), ShapeError, r"labels of shape \(3,\)"),
        (lambda: F.cross_entropy(SCORES, SCORES[:2]), ShapeError, "the same shape"),
        (lambda: F.cross_entropy(SCORES, LABELS, reduction="avg"), ArgumentError, "'mean', 'sum'"),
        (lambda: F.cross_entropy(SCORES, LABELS, label_smoothing=2), ArgumentError, r"in \[0, 1\]"),
        (lambda: F.mse_loss(np.ones((3, 1)), np.ones(3)), ShapeError, "same shape; received"),
        (lambda: F.mse_loss(np.ones(3), np.ones(3), reduction="max"), ArgumentError, "mse_loss"),
        (lambda: F.huber_loss(np.ones(3), np.ones(3), delta=0), ArgumentError, "delta > 0"),
        (lambda: F.smooth_l1_loss(np.ones(3), np.ones(3), beta=-1), ArgumentError, "beta >= 0"),
        (lambda: F.kl_div(np.ones(3), np.ones(3), reduction="max"), ArgumentError, "'batchmean'"),
        (lambda: F.svm_loss(np.ones(3), 0, [], 0.0), ShapeError, r"scores \(N, C\)"),
    ],
)
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()
