"""Dropout: set random elements to zero in training, so that no unit relies on a single other."""

from __future__ import annotations

import math

from ..errors import ArgumentError, ShapeError
from ..graph import Shape, Tensor, TensorLike
from ..ops import where
from ..ops.random import Generator, bernoulli
from ..ops.rules import promoted_floating
from .activation import SELU_ALPHA, SELU_SCALE

__all__ = [
    "alpha_dropout",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "feature_alpha_dropout",
]


def dropout(
    x: TensorLike, p: float = 0.5, *, training: bool = True, generator: Generator | None = None
) -> Tensor:
    """Set each element to 0 with probability p, divide the others by 1 - p.

    The mean stays; without ``training`` x passes. Raises ArgumentError unless 0 <= p <= 1
    (Srivastava et al. 2014).

    >>> F.dropout(ones(4), 0.5, training=False)
    tensor([1., 1., 1., 1.])
    """
    (node,) = promoted_floating([x])
    return _dropped("dropout", node, p, node.shape, training, generator)


def dropout1d(
    x: TensorLike, p: float = 0.5, *, training: bool = True, generator: Generator | None = None
) -> Tensor:
    """Set whole channels of x (N, C, L) or (C, L) to 0 with probability p (Tompson et al. 2015).

    >>> F.dropout1d(ones((1, 2, 3)), 1.0).tolist()
    [[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]
    """
    return _dropped_channels("dropout1d", 1, x, p, training, generator)


def dropout2d(
    x: TensorLike, p: float = 0.5, *, training: bool = True, generator: Generator | None = None
) -> Tensor:
    """Set whole channels of x (N, C, H, W) or (C, H, W) to 0 with probability p; see dropout1d.

    >>> F.dropout2d(ones((1, 1, 1, 2)), 1.0)
    tensor([[[[0., 0.]]]])
    """
    return _dropped_channels("dropout2d", 2, x, p, training, generator)


def dropout3d(
    x: TensorLike, p: float = 0.5, *, training: bool = True, generator: Generator | None = None
) -> Tensor:
    """Set whole channels of x (N, C, D, H, W) or (C, D, H, W) to 0 with probability p.

    >>> F.dropout3d(ones((1, 1, 1, 1, 2)), 1.0)
    tensor([[[[[0., 0.]]]]])
    """
    return _dropped_channels("dropout3d", 3, x, p, training, generator)


def _dropped_channels(
    what: str, rank: int, x: TensorLike, p: float, training: bool, generator: Generator | None
) -> Tensor:
    (node,) = promoted_floating([x])
    if node.ndim not in (rank + 1, rank + 2):
        raise ShapeError(
            what, required=f"x (N, C, *S) or (C, *S) with {rank} axes S", received=f"{node.shape}"
        )
    return _dropped(what, node, p, (*node.shape[:-rank], *[1] * rank), training, generator)


def _dropped(
    what: str, x: Tensor, p: float, shape: Shape, training: bool, generator: Generator | None
) -> Tensor:
    check_probability(what, p)
    if not training or p == 0:
        return x
    kept = bernoulli(shape, 1 - p, generator=generator)
    return where(kept, x * (1 / (1 - p)) if p < 1 else x, 0.0)


def alpha_dropout(
    x: TensorLike, p: float = 0.5, *, training: bool = True, generator: Generator | None = None
) -> Tensor:
    """Dropout for SELU networks, which keeps mean 0 and variance 1 (Klambauer et al. 2017).

    Each element becomes -1.7581 (the limit of SELU) with probability p; then a * x + b.

    >>> F.alpha_dropout(ones(2), 0.5, training=False)
    tensor([1., 1.])
    """
    (node,) = promoted_floating([x])
    return _alpha_dropped("alpha_dropout", node, p, node.shape, training, generator)


def feature_alpha_dropout(
    x: TensorLike, p: float = 0.5, *, training: bool = True, generator: Generator | None = None
) -> Tensor:
    """Alpha dropout of whole channels of x (N, C, ...); see alpha_dropout.

    >>> F.feature_alpha_dropout(ones((1, 1, 2)), 0.5, training=False)
    tensor([[[1., 1.]]])
    """
    (node,) = promoted_floating([x])
    if node.ndim < 2:
        raise ShapeError(
            "feature_alpha_dropout", required="x (N, C, ...)", received=f"{node.shape}"
        )
    shape = (*node.shape[:2], *[1] * (node.ndim - 2))
    return _alpha_dropped("feature_alpha_dropout", node, p, shape, training, generator)


def _alpha_dropped(
    what: str, x: Tensor, p: float, shape: Shape, training: bool, generator: Generator | None
) -> Tensor:
    check_probability(what, p)
    if not training or p == 0:
        return x
    kept = bernoulli(shape, 1 - p, generator=generator)
    if p == 1:
        return where(kept, x, 0.0)
    limit = -SELU_ALPHA * SELU_SCALE
    scale = 1 / math.sqrt((1 - p) * (1 + p * limit * limit))
    return where(kept, x, limit) * scale - scale * limit * p


def check_probability(what: str, p: float) -> None:
    """Raise ArgumentError unless p is a probability."""
    if not 0 <= p <= 1:
        raise ArgumentError(what, required="0 <= p <= 1", received=f"p = {p}")
