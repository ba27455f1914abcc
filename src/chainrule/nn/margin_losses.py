"""Losses by margins and by probabilities of classes; the formulas are in ``functional``."""

from __future__ import annotations

from .. import functional as F
from ..graph import TensorLike
from .loss import Loss

__all__ = [
    "ClassSimplexLoss",
    "DiceLoss",
    "FocalLoss",
    "InfogainLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "SigmoidFocalLoss",
    "SoftMarginLoss",
]


class SoftMarginLoss(Loss, function=F.soft_margin_loss):
    """Logistic loss of two classes: log(1 + e**(-target * scores)), target -1 or 1.

    >>> nn.SoftMarginLoss()(tensor([0.0]), tensor([1.0]))
    tensor(0.6931472)
    """

    reduction: str = "mean"


class MultiMarginLoss(Loss, function=F.multi_margin_loss):
    """Multi-class SVM: w[y] / C * sum over j != y of max(0, s[j] - s[y] + margin)**p.

    >>> nn.MultiMarginLoss()(tensor([[3.0, 5.0, -1.5]]), tensor([0]))
    tensor(1.)
    """

    p: int = 1
    margin: float = 1.0
    weight: TensorLike | None = None
    reduction: str = "mean"
    ignore_index: int = -100


class MultiLabelMarginLoss(Loss, function=F.multilabel_margin_loss):
    """Scores of the labels listed, up to the first -1, must exceed the others by 1.

    >>> nn.MultiLabelMarginLoss()(tensor([[0.1, 0.2, 0.4, 0.8]]), tensor([[3, 0, -1, 1]]))
    tensor(0.85)
    """

    reduction: str = "mean"


class MultiLabelSoftMarginLoss(Loss, function=F.multilabel_soft_margin_loss):
    """Mean over classes of the binary cross-entropy with p = sigmoid(scores).

    >>> nn.MultiLabelSoftMarginLoss()(tensor([[0.0, -1000.0]]), tensor([[1.0, 0.0]]))
    tensor(0.3465736)
    """

    weight: TensorLike | None = None
    reduction: str = "mean"


class FocalLoss(Loss, function=F.focal_loss):
    """Cross-entropy of softmax times (1 - p[y])**gamma: easy examples count less.

    >>> nn.FocalLoss()(tensor([[0.0, 0.0]]), tensor([1]))
    tensor(0.1732868)
    """

    weight: TensorLike | None = None
    gamma: float = 2.0
    ignore_index: int = -100
    reduction: str = "mean"


class SigmoidFocalLoss(Loss, function=F.sigmoid_focal_loss):
    """Cross-entropy of two classes in which easy examples count less.

    >>> nn.SigmoidFocalLoss(alpha=None)(tensor([0.0]), tensor([1.0]))
    tensor(0.1732868)
    """

    alpha: float | None = 0.25
    gamma: float = 2.0
    reduction: str = "mean"
    ignore_index: int | None = None


class InfogainLoss(Loss, function=F.infogain_loss):
    """Cross-entropy of softmax with gains H (C, C): -sum over k of H[y, k] * log(p[k]).

    >>> nn.InfogainLoss(tensor([[1.0, 0.0], [0.5, 1.0]]))(tensor([[0.0, 0.0]]), tensor([1]))
    tensor(1.0397208)
    """

    gains: TensorLike
    ignore_index: int = -100
    reduction: str = "mean"


class ClassSimplexLoss(Loss, function=F.class_simplex_loss):
    """Squared distance from the vertex of the class on a regular simplex.

    >>> nn.ClassSimplexLoss()(tensor([[1.0, 0.0]]), tensor([1]))
    tensor(2.)
    """

    ignore_index: int = -100
    reduction: str = "mean"


class DiceLoss(Loss, function=F.dice_loss):
    """How little regions overlap: 1 - 2 * sum of p * t / (sum of p + sum of t), smoothed.

    >>> nn.DiceLoss(smooth=0.0)(tensor([[1.0, 0.0, 1.0]]), tensor([[1.0, 1.0, 0.0]]))
    tensor(0.5)
    """

    weight: TensorLike | None = None
    smooth: float = 1.0
    squared: bool = False
    reduction: str = "mean"
