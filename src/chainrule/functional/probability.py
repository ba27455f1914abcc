"""Softmax and its relatives: scores become probabilities along an axis."""

from __future__ import annotations

from ..errors import ArgumentError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import argmax, exp, log, moveaxis, one_hot
from ..ops.random import Generator, uniform
from ..ops.rules import promoted_floating

__all__ = ["gumbel_softmax", "log_softmax", "softmax", "softmin"]

_SMALLEST_UNIFORM = 2.0**-60  # so that the logarithm is finite


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
    return weights * (1 / weights.sum(axis, keepdims=True))


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


def gumbel_softmax(
    logits: TensorLike, *, tau: float = 1.0, hard: bool = False, axis: int = -1,
    generator: Generator | None = None,
) -> Tensor:  # fmt: skip
    """Random choice with a gradient: softmax((logits + g) / tau), g = -log(-log(u)), u uniform.

    The largest element is at k with probability softmax(logits)[k]. With ``hard`` the result is 1
    there and 0 elsewhere, with the gradient of the soft one. Small ``tau`` > 0 is nearer to a
    choice (Jang, Gu and Poole 2017; Maddison, Mnih and Teh 2017). Raises ArgumentError.

    >>> F.gumbel_softmax(tensor([0.0, 1000.0, 0.0]), hard=True)
    tensor([0., 1., 0.])
    """
    if not tau > 0:
        raise ArgumentError("gumbel_softmax", required="tau > 0", received=str(tau))
    (scores,) = promoted_floating([logits])
    draw = uniform(scores.shape, _SMALLEST_UNIFORM, 1.0, generator=generator, dtype=scores.dtype)
    soft = softmax((scores - log(-log(draw))) * (1 / tau), axis=axis)
    if not hard:
        return soft
    choice = one_hot(argmax(soft, axis=axis), soft.shape[axis], dtype=soft.dtype)
    return moveaxis(choice, -1, axis) + (soft - soft.detach())
