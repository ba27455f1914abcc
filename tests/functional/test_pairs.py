"""Losses of pairs and triplets: values by hand, kinks, what they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import functional as F
from chainrule.errors import DataError, ShapeError

A = np.array([[3.0, 4.0], [0.0, 0.6], [1.0, 2.0], [2.0, 0.0]])
B = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 2.0], [0.0, 0.0]])
ALIKE = np.array([1, 0, 0, 0])


def gradient(loss: Any, *inputs: Any) -> list[Any]:
    leaves = [cr.tensor(x, "float64", requires_grad=True) for x in inputs]
    loss(*leaves).backward()
    return [leaf.grad.numpy() for leaf in leaves if leaf.grad is not None]


def test_contrastive_loss_by_hand() -> None:
    """Distances 5, 0.6, 0, 2 and a margin of 1."""
    each = F.contrastive_loss(A, B, ALIKE, reduction="none")
    np.testing.assert_allclose(each.numpy(), [12.5, 0.5 * 0.4**2, 0.5, 0.0])
    # Caffe: the sum over twice the number of pairs
    assert F.contrastive_loss(A, B, ALIKE).item() == pytest.approx((25 + 0.16 + 1 + 0) / 8)


def test_contrastive_loss_of_the_first_versions_by_hand() -> None:
    each = F.contrastive_loss(A, B, ALIKE, legacy=True, reduction="none")
    np.testing.assert_allclose(each.numpy(), [12.5, 0.5 * (1 - 0.36), 0.5, 0.0])


def test_slopes_of_contrastive_loss() -> None:
    a, b = gradient(lambda x, y: F.contrastive_loss(x, y, ALIKE, reduction="sum"), A, B)
    # alike: a - b; not alike: -(margin - d) * (a - b) / d, and 0 from a vector to itself
    np.testing.assert_allclose(a, [[3, 4], [0, -0.4], [0, 0], [0, 0]], atol=1e-12)
    np.testing.assert_allclose(b, -a)


def test_margin_ranking() -> None:
    each = F.margin_ranking_loss(
        [1.0, 1.0, 2.0], [3.0, 3.0, 2.0], [1, -1, 1], margin=0.5, reduction="none"
    )
    assert each.tolist() == [2.5, 0.0, 0.5]
    (slope,) = gradient(lambda x: F.margin_ranking_loss(x, [1.0], [1]), [1.0])
    assert slope.tolist() == [0.0]  # at the kink


def test_hinge_embedding_and_its_distance() -> None:
    x, t = [0.25, 0.25, 2.0], [1, -1, -1]
    assert F.hinge_embedding_loss(x, t, reduction="none").tolist() == [0.25, 0.75, 0.0]
    pairs = F.l1_hinge_embedding_loss(
        [[1.0, -1.0], [0.0, 0.5]], [[0.0, 1.0], [0.0, 0.0]], [1, -1], reduction="none"
    )
    assert pairs.tolist() == [3.0, 0.5]
    assert F.l1_hinge_embedding_loss([1.0, -1.0], [0.0, 1.0], 1).item() == 3.0


def test_cosine_embedding() -> None:
    a, b = [[1.0, 0.0]] * 3, [[3.0, 4.0], [3.0, 4.0], [-1.0, 0.0]]
    each = F.cosine_embedding_loss(a, b, [1, -1, -1], margin=0.5, reduction="none")
    np.testing.assert_allclose(each.numpy(), [0.4, 0.1, 0.0], rtol=1e-6)


def test_distance_ratio() -> None:
    a, b = np.array([1.0, 0.0, 2000.0]), np.array([1.0, math.log(3), 0.0])
    each = F.distance_ratio_loss(a, b, reduction="none")
    np.testing.assert_allclose(each.numpy(), [math.log(2), math.log(4 / 3), 2000.0])


def test_triplets() -> None:
    a, p, n = [[0.0, 0.0]], [[3.0, 4.0]], [[0.0, 7.0]]
    assert F.triplet_margin_loss(a, p, n, eps=0.0).item() == 0.0  # 5 - 7 + 1
    assert F.triplet_margin_loss(a, p, n, eps=0.0, margin=3.0).item() == 1.0
    # swapped: p is nearer to n than a is, by sqrt(18)
    swapped = F.triplet_margin_loss(a, p, n, eps=0.0, swap=True)
    assert swapped.item() == pytest.approx(5 - math.sqrt(18) + 1)
    assert F.triplet_margin_loss(a, p, n, p=1, eps=0.0, margin=3.0).item() == 3.0  # 7 - 7 + 3

    def largest(x: Any, y: Any) -> Any:
        return abs(x - y).max(-1)

    by = F.triplet_margin_with_distance_loss(a, p, n, distance_function=largest, margin=5.0)
    assert by.item() == 4 - 7 + 5


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: F.margin_ranking_loss([1.0], [2.0], [0]), DataError,
            "margin_ranking_loss: requires targets of -1 or 1; received 0",
        ),
        (
            lambda: F.contrastive_loss(A, B, [1, 0, -1, 0]), DataError,
            r"targets of 1 \(alike\) or 0 \(not\); received values from -1 to 1",
        ),
        (lambda: F.contrastive_loss(A, B[:2], ALIKE), ShapeError, "of the same shape"),
        (lambda: F.contrastive_loss(A, B, ALIKE[:2]), ShapeError, r"received \(4,\) and \(2,\)"),
        (lambda: F.cosine_embedding_loss(A, B, ALIKE[:3]), ShapeError, r"\(4,\) and \(3,\)"),
        (
            lambda: F.triplet_margin_loss(A, B, B[:2]), ShapeError,
            r"three tensors of the same shape; received \(4, 2\), \(4, 2\), \(2, 2\)",
        ),
        (lambda: F.hinge_embedding_loss([1.0], [0]), DataError, "hinge_embedding_loss: requires"),
    ],
)  # fmt: skip
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()
