"""Losses as modules; the formulas are in ``functional``.

Called with a prediction and a target, and weights of samples if wanted (see Loss).
"""

from __future__ import annotations

from .. import functional as F
from ..graph import TensorLike
from .function_layer import FunctionLayer
from .loss import Loss

__all__ = [
    "AutoCropMSELoss",
    "BCELoss",
    "BCEWithLogitsLoss",
    "CTCLoss",
    "CosineSimilarity",
    "CrossEntropyLoss",
    "EuclideanLoss",
    "HingeLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "MultiClassHingeLoss",
    "NLLLoss",
    "PairwiseDistance",
    "SmoothL1Loss",
    "WeightedMSELoss",
]


class CrossEntropyLoss(Loss, function=F.cross_entropy):
    """Cross-entropy of softmax: -w[y] * log softmax(scores)[y].

    Scores (N, C, ...); labels (N, ...), or probabilities (N, C, ...).

    >>> nn.CrossEntropyLoss()(tensor([[0.0, 1000.0]]), tensor([1]))
    tensor(0.)
    """

    weight: TensorLike | None = None
    ignore_index: int = -100
    reduction: str = "mean"
    label_smoothing: float = 0.0


class NLLLoss(Loss, function=F.nll_loss):
    """Negative log-likelihood: -w[y] * logs[y] of log-probabilities (N, C, ...), labels (N, ...).

    >>> nn.NLLLoss()(tensor([[-0.5, -1.0]]), tensor([1]))
    tensor(1.)
    """

    weight: TensorLike | None = None
    ignore_index: int = -100
    reduction: str = "mean"
    label_smoothing: float = 0.0


class BCELoss(Loss, function=F.binary_cross_entropy):
    """Cross-entropy of two classes, from probabilities: -w * (t log(p) + (1 - t) log(1 - p)).

    >>> nn.BCELoss()(tensor([1.0, 0.0]), tensor([1.0, 0.0])).item() == 0
    True
    """

    weight: TensorLike | None = None
    reduction: str = "mean"
    ignore_index: int | None = None
    label_smoothing: float = 0.0


class BCEWithLogitsLoss(Loss, function=F.binary_cross_entropy_with_logits):
    """Cross-entropy of two classes, from scores, without overflow; p = sigmoid(scores).

    >>> nn.BCEWithLogitsLoss()(tensor([-1000.0]), tensor([1.0]))
    tensor(1000.)
    """

    weight: TensorLike | None = None
    pos_weight: TensorLike | None = None
    reduction: str = "mean"
    ignore_index: int | None = None
    label_smoothing: float = 0.0


class CTCLoss(Loss, function=F.ctc_loss):
    """Loss of connectionist temporal classification: -log P(target | input).

    Called with log-probabilities (T, N, C), targets (N, S), and the lengths of both (N,).

    >>> nn.CTCLoss()(log(full((2, 1, 2), 0.5)), [[1]], [2], [1])
    tensor(0.2877)
    """

    blank: int = 0
    reduction: str = "mean"
    zero_infinity: bool = False


class KLDivLoss(Loss, function=F.kl_div):
    """Divergence of Kullback and Leibler: t * (log(t) - logs); "batchmean" is the true divergence.

    >>> nn.KLDivLoss("batchmean")(tensor([[-1.0, -1.0]]), tensor([[1.0, 0.0]]))
    tensor(1.)
    """

    reduction: str = "mean"
    log_target: bool = False


class MSELoss(Loss, function=F.mse_loss):
    """Squared error (x - target)**2.

    >>> nn.MSELoss()(tensor([1.0, 2.0]), tensor([1.0, 4.0]))
    tensor(2.)
    """

    reduction: str = "mean"


class L1Loss(Loss, function=F.l1_loss):
    """Absolute error abs(x - target).

    >>> nn.L1Loss()(tensor([1.0, 2.0]), tensor([1.0, 4.0]))
    tensor(1.)
    """

    reduction: str = "mean"


class HuberLoss(Loss, function=F.huber_loss):
    """With d = x - target: d**2 / 2 if abs(d) < delta else delta * (abs(d) - delta / 2).

    >>> nn.HuberLoss()(tensor([5.0]), tensor([2.0]))
    tensor(2.5)
    """

    delta: float = 1.0
    reduction: str = "mean"


class SmoothL1Loss(Loss, function=F.smooth_l1_loss):
    """With d = x - target: d**2 / (2 * beta) if abs(d) < beta else abs(d) - beta / 2.

    >>> nn.SmoothL1Loss()(tensor([5.0]), tensor([2.0]))
    tensor(2.5)
    """

    beta: float = 1.0
    reduction: str = "mean"


class EuclideanLoss(Loss, function=F.euclidean_loss):
    """Half the squared distance of each sample, over the number of samples (Caffe's).

    >>> nn.EuclideanLoss()(tensor([[1.0, 2.0]]), tensor([[1.0, 4.0]]))
    tensor(2.)
    """

    reduction: str = "mean"


class WeightedMSELoss(Loss, function=F.weighted_mse_loss):
    """Squared error from a weighted target, (x - weight * target)**2 (Torch's).

    >>> nn.WeightedMSELoss(tensor([1.0, 0.0]))(tensor([1.0, 2.0]), tensor([1.0, 4.0]))
    tensor(2.)
    """

    weight: TensorLike
    reduction: str = "mean"


class AutoCropMSELoss(Loss, function=F.auto_crop_mse_loss):
    """Squared error from the middle of a target (..., H', W') that is larger.

    >>> nn.AutoCropMSELoss()(ones((1, 1, 1)), arange(9.0).reshape(1, 3, 3))
    tensor(9.)
    """

    reduction: str = "mean"


class HingeLoss(Loss, function=F.hinge_loss):
    """Hinge loss of two classes: max(0, margin - target * scores), target -1 or 1.

    >>> nn.HingeLoss()(tensor([0.5]), tensor([1.0]))
    tensor(0.5)
    """

    margin: float = 1.0
    squared: bool = False
    reduction: str = "mean"


class MultiClassHingeLoss(Loss, function=F.multi_class_hinge):
    """Loss of the multi-class SVM: sum over j != y of max(0, s[j] - s[y] + margin).

    >>> nn.MultiClassHingeLoss()(tensor([[3.0, 5.0, -1.5]]), tensor([0]))
    tensor(3.)
    """

    weight: TensorLike | None = None
    margin: float = 1.0
    squared: bool = False
    ignore_index: int = -100
    reduction: str = "mean"


class CosineSimilarity(FunctionLayer, function=F.cosine_similarity):
    """Cosine of the angle between the vectors of two tensors along an axis.

    >>> nn.CosineSimilarity()(tensor([[1.0, 0.0]]), tensor([[3.0, 4.0]]))
    tensor([0.6])
    """

    axis: int = 1
    eps: float = 1e-8


class PairwiseDistance(FunctionLayer, function=F.pairwise_distance):
    """Distance between the vectors of two tensors along the last axis, in the p-norm.

    >>> nn.PairwiseDistance(eps=0.0)(tensor([[3.0, 4.0]]), tensor([[0.0, 0.0]]))
    tensor([5.])
    """

    p: float = 2.0
    eps: float = 1e-6
    keepdims: bool = False
