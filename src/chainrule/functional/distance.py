"""Lengths, distances and similarities of vectors."""

from __future__ import annotations

import math

from ..errors import ArgumentError
from ..graph import Tensor, TensorLike
from ..ops import maximum, sqrt, where
from ..ops.rules import promoted_floating

__all__ = ["cosine_similarity", "normalize", "pairwise_distance", "vector_norm"]


def vector_norm(
    x: TensorLike, *, p: float = 2.0, axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
) -> Tensor:  # fmt: skip
    """Length of vectors along axes: (sum over k of abs(x[k])**p) ** (1 / p); max for p = inf.

    The derivative at the zero vector is 0. Raises ArgumentError unless p > 0.

    >>> F.vector_norm(tensor([3.0, -4.0])), F.vector_norm(tensor([3.0, -4.0]), p=1)
    (tensor(5.), tensor(7.))
    """
    (node,) = promoted_floating([x])
    if p <= 0:
        raise ArgumentError("vector_norm", required="p > 0", received=str(p))
    if p == 1 or p == math.inf:
        sizes = abs(node)
        return sizes.sum(axis, keepdims=keepdims) if p == 1 else sizes.max(axis, keepdims=keepdims)
    powers = node * node if p == 2 else abs(node) ** p
    total = powers.sum(axis, keepdims=keepdims)
    safe = where(total > 0, total, 1.0)  # the root has no derivative at 0
    return where(total > 0, sqrt(safe) if p == 2 else safe ** (1 / p), 0.0)


def normalize(x: TensorLike, *, p: float = 2.0, axis: int = 1, eps: float = 1e-12) -> Tensor:
    """Scale vectors along an axis to length 1: x / max(norm of x, eps).

    >>> F.normalize(tensor([[3.0, 4.0]]))
    tensor([[0.6, 0.8]])
    """
    (node,) = promoted_floating([x])
    return node / maximum(vector_norm(node, p=p, axis=axis, keepdims=True), eps)


def cosine_similarity(
    x1: TensorLike, x2: TensorLike, *, axis: int = 1, eps: float = 1e-8
) -> Tensor:
    """Cosine of the angle between vectors: x1 . x2 / (max(|x1|, eps) * max(|x2|, eps)).

    >>> F.cosine_similarity(tensor([[1.0, 0.0]]), tensor([[3.0, 4.0]]))
    tensor([0.6])
    """
    a, b = promoted_floating([x1, x2])
    lengths = [maximum(vector_norm(v, axis=axis), eps) for v in (a, b)]
    return (a * b).sum(axis) / (lengths[0] * lengths[1])


def pairwise_distance(
    x1: TensorLike, x2: TensorLike, *, p: float = 2.0, eps: float = 1e-6, keepdims: bool = False
) -> Tensor:
    """Distance between vectors along the last axis: p-norm of x1 - x2 + eps.

    >>> F.pairwise_distance(tensor([[3.0, 4.0]]), tensor([[0.0, 0.0]]), eps=0.0)
    tensor([5.])
    """
    a, b = promoted_floating([x1, x2])
    return vector_norm(a - b + eps, p=p, axis=-1, keepdims=keepdims)
