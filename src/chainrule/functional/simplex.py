"""Classes as the vertices of a regular simplex, which outputs shall come near."""

from __future__ import annotations

import numpy as np

from ..dtypes import Array
from ..errors import ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import matmul, take
from ..ops.rules import promoted_floating
from .losses import checked_labels, kept_labels, reduced

__all__ = ["class_simplex_loss", "class_simplex_scores"]


def class_simplex_loss(
    x: TensorLike,
    labels: TensorLike,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Mean square distance from the vertex of the class: mean over k of (x[k] - V[y, k])**2.

    x (N, C), labels (N), or (C) and (). The C vertices V, of length 1 and equally far from each
    other (V[i] . V[j] = -1 / (C - 1)), fill the first C - 1 coordinates, the last one is 0.
    class_simplex_scores tells the class of an output (Torch's ClassSimplexCriterion).

    >>> F.class_simplex_loss(tensor([[1.0, 0.0]]), tensor([1]))
    tensor(2.)
    """
    what = "class_simplex_loss"
    (node,) = promoted_floating([x])
    vertices = _vertices(node, what)
    kept, chosen = kept_labels(checked_labels(labels, node, what, ignore_index), ignore_index)
    difference, counted = node - take(vertices, chosen, axis=0), kept.astype(node.dtype)
    losses = (difference * difference).mean(-1) * counted
    return reduced(losses, reduction, what, sample_weight=sample_weight, counted=counted)


def class_simplex_scores(x: TensorLike) -> Tensor:
    """Scores of classes from outputs (N, C) that class_simplex_loss has trained: x . V[k].

    >>> F.class_simplex_scores(tensor([[0.5, 0.0]]))
    tensor([[ 0.5, -0.5]])
    """
    (node,) = promoted_floating([x])
    return matmul(node, _vertices(node, "class_simplex_scores").T)


def _vertices(x: Tensor, what: str) -> Tensor:
    if x.ndim not in (1, 2) or x.shape[-1] < 2:
        raise ShapeError(
            what, required="(N, C) or (C,) with C >= 2 classes", received=f"shape {x.shape}"
        )
    return as_tensor(simplex(x.shape[-1]), x.dtype)


def simplex(count: int) -> Array:
    """Return vertices of a regular simplex around 0, (count, count), the last column 0.

    In column k row k is sqrt((n + 1) * (n - k) / (n * (n - k + 1))) with n = count - 1, and the
    rows below share what is left: -1 / (n - k) times that.
    """
    vertices, n = np.zeros((count, count)), count - 1
    for k in range(n):
        height = np.sqrt((n + 1) * (n - k) / (n * (n - k + 1)))
        vertices[k, k], vertices[k + 1 :, k] = height, -height / (n - k)
    return vertices
