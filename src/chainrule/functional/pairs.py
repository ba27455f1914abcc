"""Losses of pairs and triplets: what is alike shall be near, what is not shall be far.

Where a margin is met exactly, max(0, 0), there is a kink: the derivative is 0 there. So it is for
the distance of a vector from itself.
"""

from __future__ import annotations

from collections.abc import Callable

from ..errors import DataError, ShapeError
from ..graph import Tensor, TensorLike
from ..ops import logaddexp, minimum, relu, sqrt, where
from ..ops.rules import promoted_floating
from .distance import pairwise_distance, vector_norm
from .losses import paired, reduced, signs

__all__ = [
    "contrastive_loss",
    "cosine_embedding_loss",
    "distance_ratio_loss",
    "hinge_embedding_loss",
    "l1_hinge_embedding_loss",
    "margin_ranking_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]


def margin_ranking_loss(
    x1: TensorLike,
    x2: TensorLike,
    target: TensorLike,
    *,
    margin: float = 0.0,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Which of two scores shall be larger: max(0, -target * (x1 - x2) + margin).

    Target 1 for the first, -1 for the second; all of the same shape. Raises DataError for another
    target.

    >>> F.margin_ranking_loss(tensor([1.0, 1.0]), tensor([3.0, 3.0]), tensor([1, -1]))
    tensor(1.)
    """
    what = "margin_ranking_loss"
    a, b = paired(x1, x2, what)
    a, t = paired(a, target, what)
    losses = relu(margin - signs(t, what) * (a - b))
    return reduced(losses, reduction, what, sample_weight=sample_weight)


def hinge_embedding_loss(
    x: TensorLike,
    target: TensorLike,
    *,
    margin: float = 1.0,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """A distance x shall be small (target 1: x) or large (target -1: max(0, margin - x)).

    Raises DataError for another target.

    >>> F.hinge_embedding_loss(tensor([0.25, 0.25]), tensor([1, -1]), reduction="none")
    tensor([0.25, 0.75])
    """
    what = "hinge_embedding_loss"
    distance, t = paired(x, target, what)
    losses = where(signs(t, what) > 0, distance, relu(margin - distance))
    return reduced(losses, reduction, what, sample_weight=sample_weight)


def l1_hinge_embedding_loss(
    x1: TensorLike,
    x2: TensorLike,
    target: TensorLike,
    *,
    margin: float = 1.0,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """hinge_embedding_loss of the distance d = sum over k of abs(x1[k] - x2[k]).

    Vectors (N, D) and targets (N), or (D) and (); the derivative of abs at 0 is 0 (Torch draws
    its sign at random). Raises DataError for a target other than -1 and 1.

    >>> F.l1_hinge_embedding_loss(tensor([[1.0, 2.0]]), tensor([[1.5, 2.0]]), tensor([1]))
    tensor(0.5)
    """
    a, b = paired(x1, x2, "l1_hinge_embedding_loss")
    distance = abs(a - b).sum(-1)
    return hinge_embedding_loss(
        distance, target, margin=margin, reduction=reduction, sample_weight=sample_weight
    )


def cosine_embedding_loss(
    x1: TensorLike,
    x2: TensorLike,
    target: TensorLike,
    *,
    margin: float = 0.0,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Vectors shall be parallel (target 1: 1 - cos) or not (-1: max(0, cos - margin)).

    Vectors (N, D) and targets (N), or (D) and (). The squared lengths in the cosine are raised by
    1e-12. Raises DataError for another target.

    >>> F.cosine_embedding_loss(tensor([[1.0, 0.0]]), tensor([[3.0, 4.0]]), tensor([1]))
    tensor(0.4)
    """
    what = "cosine_embedding_loss"
    a, b = paired(x1, x2, what)
    squares = [(v * v).sum(-1) + 1e-12 for v in (a, b)]
    cosine = (a * b).sum(-1) / sqrt(squares[0] * squares[1])
    cosine, t = paired(cosine, target, what)
    losses = where(signs(t, what) > 0, 1 - cosine, relu(cosine - margin))
    return reduced(losses, reduction, what, sample_weight=sample_weight)


def contrastive_loss(
    x1: TensorLike,
    x2: TensorLike,
    target: TensorLike,
    *,
    margin: float = 1.0,
    legacy: bool = False,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Pairs of vectors: (y * d**2 + (1 - y) * max(0, margin - d)**2) / 2 with d = |x1 - x2|.

    Vectors (N, D), targets (N): 1 for a pair that is alike, 0 for one that is not. ``legacy`` has
    max(0, margin - d**2) in place of the square. Raises DataError for a target outside of [0, 1]
    (Hadsell, Chopra and LeCun 2006; Caffe's ContrastiveLoss).

    >>> x1, x2 = tensor([[3.0, 4.0], [0.0, 0.5]]), tensor([[0.0, 0.0], [0.0, 0.0]])
    >>> F.contrastive_loss(x1, x2, tensor([1, 0]), reduction="none")
    tensor([12.5  ,  0.125])
    """
    what = "contrastive_loss"
    a, b = paired(x1, x2, what)
    difference = a - b
    square = (difference * difference).sum(-1)
    square, y = paired(square, target, what)
    if not y.symbolic and not ((y.value >= 0) & (y.value <= 1)).all():
        raise DataError(
            what, required="targets of 1 (alike) or 0 (not)",
            received=f"values from {y.value.min():g} to {y.value.max():g}",
        )  # fmt: skip
    if legacy:
        far = relu(margin - square)
    else:
        missing = relu(margin - vector_norm(difference, axis=-1))
        far = missing * missing
    losses = 0.5 * (y * square + (1 - y) * far)
    return reduced(losses, reduction, what, sample_weight=sample_weight)


def distance_ratio_loss(
    similar: TensorLike,
    dissimilar: TensorLike,
    *,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Distances a to what is alike and b to what is not: -log(e**-a / (e**-a + e**-b)).

    Tensors of the same shape; computed as log(1 + e**(a - b)), without overflow (Hoffer and Ailon
    2015; Torch's DistanceRatioCriterion).

    >>> F.distance_ratio_loss(tensor([1.0]), tensor([1.0]))
    tensor(0.6931472)
    """
    near, far = paired(similar, dissimilar, "distance_ratio_loss")
    losses = logaddexp(near - far, 0.0)
    return reduced(losses, reduction, "distance_ratio_loss", sample_weight=sample_weight)


def triplet_margin_loss(
    anchor: TensorLike,
    positive: TensorLike,
    negative: TensorLike,
    *,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """An anchor a is nearer to its like p than to another n: max(0, d(a, p) - d(a, n) + margin).

    Vectors (N, D) or (D); d is pairwise_distance, the p-norm of x1 - x2 + eps. ``swap`` takes the
    smaller of d(a, n) and d(p, n) (Balntas et al. 2016).

    >>> a, near, far = tensor([[0.0, 0.0]]), tensor([[3.0, 4.0]]), tensor([[0.0, 2.0]])
    >>> F.triplet_margin_loss(a, near, far, eps=0.0)
    tensor(4.)
    """

    def distance(x1: Tensor, x2: Tensor) -> Tensor:
        return pairwise_distance(x1, x2, p=p, eps=eps)

    return triplet_margin_with_distance_loss(
        anchor, positive, negative, distance_function=distance, margin=margin, swap=swap,
        reduction=reduction, sample_weight=sample_weight,
    )  # fmt: skip


def triplet_margin_with_distance_loss(
    anchor: TensorLike,
    positive: TensorLike,
    negative: TensorLike,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """triplet_margin_loss with any distance, a function of two tensors.

    By default it is pairwise_distance.

    >>> a, near, far = tensor([[1.0, 0.0]]), tensor([[3.0, 4.0]]), tensor([[0.0, 2.0]])
    >>> F.triplet_margin_with_distance_loss(
    ...     a, near, far, distance_function=lambda x, y: 1 - F.cosine_similarity(x, y))
    tensor(0.4)
    """
    a, near, far = promoted_floating([anchor, positive, negative])
    shapes = [t.type.shape for t in (a, near, far)]
    if None not in shapes and len(set(shapes)) > 1:
        raise ShapeError(
            "triplet_margin_loss", required="three tensors of the same shape",
            received=", ".join(map(str, shapes)),
        )  # fmt: skip
    distance = pairwise_distance if distance_function is None else distance_function
    to_far = distance(a, far)
    if swap:
        to_far = minimum(to_far, distance(near, far))
    losses = relu(distance(a, near) - to_far + margin)
    return reduced(losses, reduction, "triplet_margin_loss", sample_weight=sample_weight)
