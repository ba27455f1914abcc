"""Losses of pairs and triplets; the formulas are in ``functional.pairs``."""

from __future__ import annotations

from collections.abc import Callable

from .. import functional as F
from ..graph import Tensor
from .loss import Loss

__all__ = [
    "ContrastiveLoss",
    "CosineEmbeddingLoss",
    "DistanceRatioLoss",
    "HingeEmbeddingLoss",
    "L1HingeEmbeddingLoss",
    "MarginRankingLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]


class MarginRankingLoss(Loss, function=F.margin_ranking_loss):
    """Which of two scores shall be larger: max(0, -target * (x1 - x2) + margin).

    >>> nn.MarginRankingLoss()(tensor([1.0, 1.0]), tensor([3.0, 3.0]), tensor([1, -1]))
    tensor(1.)
    """

    margin: float = 0.0
    reduction: str = "mean"


class HingeEmbeddingLoss(Loss, function=F.hinge_embedding_loss):
    """A distance x: x if target is 1, max(0, margin - x) if it is -1.

    >>> nn.HingeEmbeddingLoss()(tensor([0.25, 0.25]), tensor([1, -1]))
    tensor(0.5)
    """

    margin: float = 1.0
    reduction: str = "mean"


class L1HingeEmbeddingLoss(Loss, function=F.l1_hinge_embedding_loss):
    """HingeEmbeddingLoss of the distance sum over k of abs(x1[k] - x2[k]).

    >>> nn.L1HingeEmbeddingLoss()(tensor([[1.0, 2.0]]), tensor([[1.5, 2.0]]), tensor([1]))
    tensor(0.5)
    """

    margin: float = 1.0
    reduction: str = "mean"


class CosineEmbeddingLoss(Loss, function=F.cosine_embedding_loss):
    """1 - cos if target is 1, max(0, cos - margin) if it is -1; cosine of two vectors.

    >>> nn.CosineEmbeddingLoss()(tensor([[1.0, 0.0]]), tensor([[3.0, 4.0]]), tensor([1]))
    tensor(0.4)
    """

    margin: float = 0.0
    reduction: str = "mean"


class ContrastiveLoss(Loss, function=F.contrastive_loss):
    """Pairs at distance d: (y * d**2 + (1 - y) * max(0, margin - d)**2) / 2.

    >>> nn.ContrastiveLoss()(tensor([[0.0, 0.5]]), tensor([[0.0, 0.0]]), tensor([0]))
    tensor(0.125)
    """

    margin: float = 1.0
    legacy: bool = False
    reduction: str = "mean"


class DistanceRatioLoss(Loss, function=F.distance_ratio_loss):
    """Distances a to what is alike, b to what is not: -log(e**-a / (e**-a + e**-b)).

    >>> nn.DistanceRatioLoss()(tensor([1.0]), tensor([1.0]))
    tensor(0.6931472)
    """

    reduction: str = "mean"


class TripletMarginLoss(Loss, function=F.triplet_margin_loss):
    """An anchor, its like and another: max(0, d(a, p) - d(a, n) + margin).

    >>> a, near, far = tensor([[0.0, 0.0]]), tensor([[3.0, 4.0]]), tensor([[0.0, 2.0]])
    >>> nn.TripletMarginLoss(eps=0.0)(a, near, far)
    tensor(4.)
    """

    margin: float = 1.0
    p: float = 2
    eps: float = 1e-6
    swap: bool = False
    reduction: str = "mean"


class TripletMarginWithDistanceLoss(Loss, function=F.triplet_margin_with_distance_loss):
    """TripletMarginLoss with a distance of the user's, a function of two tensors.

    >>> a, near, far = tensor([[1.0, 0.0]]), tensor([[3.0, 4.0]]), tensor([[0.0, 2.0]])
    >>> nn.TripletMarginWithDistanceLoss(lambda x, y: 1 - F.cosine_similarity(x, y))(a, near, far)
    tensor(0.4)
    """

    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None
    margin: float = 1.0
    swap: bool = False
    reduction: str = "mean"
