"""Losses of margins, gains, overlap and likelihood: values by hand, kinks, what they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import functional as F
from chainrule.errors import ArgumentError, DataError, DTypeError, LossWarning, ShapeError
from chainrule.functional.simplex import simplex

SCORES, LABELS = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]]), [0, 1, 2]


def test_multi_margin_is_the_hinge_of_the_lecture_by_class() -> None:
    each = F.multi_margin_loss(SCORES, LABELS, reduction="none")
    np.testing.assert_allclose(each.numpy(), np.array([2.9, 0.0, 12.9]) / 3)
    squared = F.multi_margin_loss(SCORES, LABELS, p=2, weight=[1.0, 1.0, 2.0], reduction="none")
    np.testing.assert_allclose(squared.numpy(), [2.9**2 / 3, 0, 2 * (6.3**2 + 6.6**2) / 3])


def test_hinge_of_labels_that_are_ignored_and_classes_that_weigh() -> None:
    each = F.multi_class_hinge(SCORES, [0, -100, 2], [1.0, 1.0, 3.0], reduction="none")
    np.testing.assert_allclose(each.numpy(), [2.9, 0.0, 38.7])
    mean = F.multi_class_hinge(SCORES, [0, -100, 2], [1.0, 1.0, 3.0])
    assert mean.item() == pytest.approx((2.9 + 38.7) / 4)


def test_a_margin_that_is_met_exactly_has_no_slope() -> None:
    x = cr.tensor([[2.0, 1.0]], requires_grad=True)
    F.multi_margin_loss(x, [0]).backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[0.0, 0.0]]


def test_labels_of_the_multi_label_margin_end_at_the_first_minus_one() -> None:
    # PyTorch's example: (1 - 0.1 + 0.2 + 1 - 0.1 + 0.4 + 1 - 0.8 + 0.2 + 1 - 0.8 + 0.4) / 4
    x = np.array([[0.1, 0.2, 0.4, 0.8]])
    for rest in ([-1, 1], [-1, -1], [-1, 7], [-1, 3]):
        assert F.multilabel_margin_loss(x, [[3, 0, *rest]]).item() == pytest.approx(0.85)
    assert F.multilabel_margin_loss(x, [[-1, 0, 1, 2]]).item() == 0.0  # no label at all
    assert F.multilabel_margin_loss(x, [[0, 1, 2, 3]]).item() == 0.0  # no other class
    assert F.multilabel_margin_loss(x[0], [1, -1, 0, 0]).item() == pytest.approx(
        (0.9 + 1.2 + 1.6) / 4
    )


def test_multi_label_soft_margin() -> None:
    x, t = np.array([[0.0, 100.0, -100.0]]), np.array([[1.0, 0.0, 1.0]])
    assert F.multilabel_soft_margin_loss(x, t).item() == pytest.approx((math.log(2) + 200) / 3)
    weighted = F.multilabel_soft_margin_loss(x, t, [3.0, 0.0, 0.0])
    assert weighted.item() == pytest.approx(math.log(2))


def test_soft_margin_does_not_overflow() -> None:
    each = F.soft_margin_loss([0.0, 1000.0, 1000.0], [1, -1, 1], reduction="none")
    np.testing.assert_allclose(each.numpy(), [math.log(2), 1000.0, 0.0], rtol=1e-6)


def test_sigmoid_cross_entropy_at_a_hundred() -> None:
    x, t = np.array([100.0, -100.0, 100.0, -100.0]), np.array([1.0, 0.0, 0.0, 1.0])
    each = F.binary_cross_entropy_with_logits(x, t, reduction="none")
    np.testing.assert_allclose(each.numpy(), [0, 0, 100, 100], atol=1e-40)
    scores = cr.tensor(x, requires_grad=True)
    F.binary_cross_entropy_with_logits(scores, t, reduction="sum").backward()
    assert scores.grad is not None
    np.testing.assert_allclose(scores.grad.numpy(), [0, 0, 1, -1], atol=1e-40)


def test_targets_that_are_ignored_and_targets_that_are_smoothed() -> None:
    x, t = np.array([0.0, 5.0, -3.0]), np.array([1, 255, 0])
    kept = F.binary_cross_entropy_with_logits(x, t, ignore_index=255)
    assert kept.item() == pytest.approx((math.log(2) + math.log(1 + math.exp(-3))) / 2)
    p = np.array([0.2, 0.9])
    smooth = F.binary_cross_entropy(p, [1, 0], label_smoothing=0.2, reduction="none")
    np.testing.assert_allclose(
        smooth.numpy(), -(np.array([0.9, 0.1]) * np.log(p) + np.array([0.1, 0.9]) * np.log(1 - p))
    )
    assert F.binary_cross_entropy([0.5, 1.0], [1, 7], ignore_index=7).item() == pytest.approx(
        math.log(2)
    )


def test_the_loss_does_not_saturate_where_caffe_prints_87() -> None:
    scores = cr.tensor([[200.0, 0.0]], requires_grad=True)
    loss = F.cross_entropy(scores, [1])
    assert loss.item() == 200.0  # and not -log(1.2e-38) = 87.3365
    loss.backward()
    assert scores.grad is not None
    assert scores.grad.tolist() == [[1.0, -1.0]]


def test_infogain_with_the_identity_is_cross_entropy() -> None:
    same = F.infogain_loss(SCORES, LABELS, np.eye(3))
    assert same.item() == pytest.approx(F.cross_entropy(SCORES, LABELS).item(), rel=1e-12)


def test_infogain_by_hand() -> None:
    gains = np.array([[1.0, 0.5, 0.0], [0.0, 2.0, 0.0], [0.25, 0.25, 0.5]])
    p = np.exp(SCORES) / np.exp(SCORES).sum(1, keepdims=True)
    x = cr.tensor(SCORES, requires_grad=True)
    loss = F.infogain_loss(x, LABELS, gains)
    assert loss.item() == pytest.approx(-(gains * np.log(p)).sum() / 3)
    loss.backward()
    assert x.grad is not None
    expected = (p * gains.sum(1, keepdims=True) - gains) / 3  # Caffe's gradient
    np.testing.assert_allclose(x.grad.numpy(), expected, rtol=1e-9)


def test_multinomial_logistic_loss_is_nll_of_the_logarithm() -> None:
    p = np.array([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]])
    assert F.nll_loss(np.log(p), [0, 1]).item() == pytest.approx(-math.log(0.5 * 0.8) / 2)


@pytest.mark.parametrize("count", [2, 3, 4, 10])
def test_vertices_of_a_regular_simplex(count: int) -> None:
    vertices = simplex(count)
    products = vertices @ vertices.T
    expected = np.full((count, count), -1 / (count - 1))
    np.fill_diagonal(expected, 1.0)
    np.testing.assert_allclose(products, expected, atol=1e-12)
    distances = np.linalg.norm(vertices[:, None] - vertices[None], axis=-1)[
        ~np.eye(count, dtype=bool)
    ]
    np.testing.assert_allclose(distances, math.sqrt(2 * count / (count - 1)))
    np.testing.assert_array_equal(vertices[:, -1], 0)


def test_class_simplex_loss() -> None:
    vertices = simplex(3)  # (1, 0), (-1/2, sqrt(3)/2), (-1/2, -sqrt(3)/2) in the plane
    np.testing.assert_allclose(vertices[1], [-0.5, math.sqrt(0.75), 0.0])
    assert F.class_simplex_loss(vertices, [0, 1, 2]).item() == pytest.approx(0, abs=1e-30)
    each = F.class_simplex_loss(np.zeros((2, 3)), [0, 2], reduction="none")
    np.testing.assert_allclose(each.numpy(), [1 / 3, 1 / 3])
    assert cr.argmax(F.class_simplex_scores(vertices + 0.1), axis=1).tolist() == [0, 1, 2]


def test_focal_loss() -> None:
    p = np.array([[0.9, 0.1], [0.2, 0.8]])
    each = F.focal_loss(np.log(p), [0, 0], gamma=2.0, reduction="none")
    np.testing.assert_allclose(each.numpy(), [-0.01 * math.log(0.9), -0.64 * math.log(0.2)])
    logits = np.log(np.array([0.9, 0.2]) / np.array([0.1, 0.8]))
    two = F.sigmoid_focal_loss(logits, [1.0, 1.0], alpha=None, reduction="none")
    np.testing.assert_allclose(two.numpy(), each.numpy())
    weighed = F.sigmoid_focal_loss(logits, [1.0, 0.0], alpha=0.25, reduction="none")
    np.testing.assert_allclose(
        weighed.numpy(), [-0.25 * 0.01 * math.log(0.9), -0.75 * 0.04 * math.log(0.8)]
    )
    x = cr.tensor([[200.0, 0.0]], requires_grad=True)  # certain and right
    F.focal_loss(x, [0], gamma=0.5).backward()
    assert x.grad is not None
    assert np.isfinite(x.grad.numpy()).all()


def test_dice_loss() -> None:
    p, t = np.array([[1.0, 1.0, 0.0, 0.0]]), np.array([[0.0, 1.0, 1.0, 0.0]])
    assert F.dice_loss(p, t, smooth=0.0).item() == pytest.approx(1 - 2 / 4)
    assert F.dice_loss(p, p, smooth=0.0).item() == 0.0
    assert F.dice_loss(p * 0, p * 0).item() == 0.0  # nothing there, nothing found
    maps = np.stack([p, p[:, ::-1]], axis=1)  # (1, 2, 4)
    assert F.dice_loss(maps, maps, reduction="none").shape == (1, 2)
    weighed = F.dice_loss(maps, np.stack([t, p[:, ::-1]], axis=1), [3.0, 1.0], smooth=0.0)
    assert weighed.item() == pytest.approx(3 * 0.5 / 4)


def test_euclidean_loss_divides_by_twice_the_number_of_samples() -> None:
    a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 0.0], [3.0, 1.0]])
    assert F.euclidean_loss(a, b).item() == (1 + 4 + 0 + 9) / (2 * 2)


def test_auto_crop_takes_the_middle() -> None:
    target = np.arange(20.0).reshape(1, 4, 5)
    x = target[:, 1:3, 1:4]
    assert F.auto_crop_mse_loss(x, target).item() == 0.0


def test_poisson() -> None:
    x, t = np.array([0.0, 1.0]), np.array([1.0, 3.0])
    each = F.poisson_nll_loss(x, t, reduction="none")
    np.testing.assert_allclose(each.numpy(), [1.0, math.e - 3])
    full = F.poisson_nll_loss(x, t, full=True, reduction="none")
    stirling = 3 * math.log(3) - 3 + 0.5 * math.log(2 * math.pi * 3)
    np.testing.assert_allclose(full.numpy(), [1.0, math.e - 3 + stirling])
    rate = F.poisson_nll_loss([2.0], [3.0], log_input=False, eps=0.0)
    assert rate.item() == pytest.approx(2 - 3 * math.log(2))


def test_gaussian() -> None:
    each = F.gaussian_nll_loss([1.0, 2.0], [0.0, 2.0], [2.0, 1.0], full=True, reduction="none")
    constant = 0.5 * math.log(2 * math.pi)
    np.testing.assert_allclose(
        each.numpy(), [0.5 * (math.log(2) + 0.5) + constant, constant], rtol=1e-6
    )
    v = cr.tensor([0.0], requires_grad=True)
    F.gaussian_nll_loss([1.0], [0.0], v, eps=0.5).backward()
    assert v.grad is not None
    assert v.grad.item() == pytest.approx(0.5 * (1 / 0.5 - 1 / 0.25))  # that at eps


def test_probabilities_that_have_saturated_are_told() -> None:
    text = "1 of 3 probabilities are 0 or 1 where the target says otherwise; logarithms count as"
    with pytest.warns(LossWarning, match=text):
        F.binary_cross_entropy([1.0, 0.0, 1.0], [1, 0, 0])
    F.binary_cross_entropy([1.0, 0.0, 0.5], [1, 0, 0])  # certain and right


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: F.multilabel_margin_loss(SCORES, [[0, 3, -1]] * 3), DataError,
         "labels from 0 to 2, and -1 after the last; received 3"),
        (lambda: F.multilabel_margin_loss(SCORES, [[0, -2, -1]] * 3), DataError, "received -2"),
        (lambda: F.multilabel_margin_loss(SCORES, SCORES), DTypeError, "an integer type"),
        (lambda: F.multilabel_margin_loss(SCORES, [0, 1, 2]), ShapeError, r"\(3, 3\) and \(3,\)"),
        (lambda: F.multi_margin_loss(SCORES, LABELS, p=3), ArgumentError, "p = 1 or p = 2"),
        (lambda: F.multi_margin_loss(SCORES, [0, 1, 3]), DataError, "label 3 at position 2"),
        (lambda: F.infogain_loss(SCORES, LABELS, np.eye(2)), ShapeError,
         r"gains of shape \(3, 3\); received shape \(2, 2\)"),
        (lambda: F.infogain_loss(SCORES, LABELS, -np.eye(3)), DataError, "gains: requires weights"),
        (lambda: F.focal_loss(SCORES, LABELS, gamma=-1.0), ArgumentError, "gamma >= 0"),
        (lambda: F.class_simplex_loss(np.ones((2, 1)), [0, 0]), ShapeError, "C >= 2 classes"),
        (lambda: F.auto_crop_mse_loss(np.ones((3, 3)), np.ones((2, 4))), ShapeError, "high and"),
        (lambda: F.gaussian_nll_loss([1.0], [1.0], [-1.0]), DataError, "variances >= 0; received"),
        (lambda: F.gaussian_nll_loss([1.0], [1.0], [1.0], eps=0), ArgumentError, "eps > 0"),
        (lambda: F.soft_margin_loss([1.0], [0]), DataError, "targets of -1 or 1; received 0"),
        (lambda: F.dice_loss([[0.5]], [[1.0]], [1.0]), ShapeError, r"\(N, C, d1, ...\)"),
        (lambda: F.binary_cross_entropy([0.5], [1], label_smoothing=2), ArgumentError, "smoothing"),
    ],
)  # fmt: skip
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()
