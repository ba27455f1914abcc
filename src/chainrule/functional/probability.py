"""Softmax and its relatives: scores become probabilities along an axis."""

from __future__ import annotations

from ..graph import Tensor, TensorLike, as_tensor
from ..ops import exp, log
from ..ops.rules import promoted_floating

__all__ = ["log_softmax", "softmax", "softmin"]


def _shifted(x: TensorLike, axis: int) -> Tensor:
    """Subtract the maximum, which changes no probability, so that exp cannot overflow."""
    (node,) = promoted_floating([x])
    return node - node.max(axis, keepdims=True).detach()


def softmax(x: TensorLike, *, axis: int = -1) -> Tensor:
    """Probabilities from scores: y[i] = e**x[i] / sum over k of e**x[k], along an axis.

    >>> F.softmax(tensor([1000.0, 1000.0]))
    tensor([0.5, 0.5])
    """
    weights = exp(_shifted(x, axis))
    return weights / weights.sum(axis, keepdims=True)


def softmin(x: TensorLike, *, axis: int = -1) -> Tensor:
    """Softmax of -x: the smallest score gets the largest probability.

    >>> F.softmin(tensor([0.0, 0.0]))
    tensor([0.5, 0.5])
    """
    return softmax(-as_tensor(x), axis=axis)


def log_softmax(x: TensorLike, *, axis: int = -1) -> Tensor:
    """Logarithm of softmax, exact for small probabilities: x - log(sum over k of e**x[k]).

    >>> F.log_softmax(tensor([0.0, 0.0]))
    tensor([-0.6931472, -0.6931472])
    """
    scores = _shifted(x, axis)
    return scores - log(exp(scores).sum(axis, keepdims=True))
