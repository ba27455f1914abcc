"""Negative log-likelihoods of counts and of measurements with an uncertainty."""

from __future__ import annotations

import math

from ..errors import ArgumentError, DataError
from ..graph import Tensor, TensorLike
from ..ops import expand_dims, log, maximum, where
from ..ops.rules import promoted_floating
from .losses import paired, reduced

__all__ = ["gaussian_nll_loss", "poisson_nll_loss"]


def poisson_nll_loss(
    x: TensorLike,
    target: TensorLike,
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Negative log-likelihood of counts t of rate e**x: e**x - t * x.

    Without ``log_input`` x is the rate itself: x - t * log(x + eps). ``full`` adds Stirling's
    t * log(t) - t + log(2 * pi * t) / 2 for log(t!) where t > 1. Tensors of the same shape.

    >>> F.poisson_nll_loss(tensor([0.0, 0.0]), tensor([1.0, 5.0]), reduction="none")
    tensor([1., 1.])
    """
    rate, t = paired(x, target, "poisson_nll_loss")
    losses = rate.exp() - t * rate if log_input else rate - t * log(rate + eps)
    if full:
        many = where(t > 1, t, 1.0)
        stirling = many * log(many) - many + 0.5 * log(2 * math.pi * many)
        losses = losses + where(t > 1, stirling, 0.0)
    return reduced(losses, reduction, "poisson_nll_loss", sample_weight=sample_weight)


def gaussian_nll_loss(
    x: TensorLike,
    target: TensorLike,
    var: TensorLike,
    *,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Negative log-likelihood of a normal variable: (log(v) + (x - target)**2 / v) / 2.

    v is the variance, at least eps, in the shape of x, with 1 for its last length, or without it.
    Where v is raised to eps its derivative is that at eps, so that it can grow again. ``full`` adds
    log(2 * pi) / 2. Raises DataError for a negative variance (Nix and Weigend 1994).

    >>> F.gaussian_nll_loss(tensor([1.0, 2.0]), tensor([1.0, 4.0]), tensor([1.0, 1.0]))
    tensor(1.)
    """
    what = "gaussian_nll_loss"
    prediction, wanted = paired(x, target, what)
    prediction, given = promoted_floating([prediction, var])
    if eps <= 0:
        raise ArgumentError(what, required="eps > 0", received=str(eps))
    if not given.symbolic and not (given.value >= 0).all():
        raise DataError(what, required="variances >= 0", received=f"{given.value.min():g}")
    if given.ndim and given.shape == prediction.shape[:-1]:
        given = expand_dims(given, axis=-1)
    v = given + (maximum(given, eps) - given).detach()
    losses = 0.5 * (log(v) + (prediction - wanted) ** 2 / v)
    if full:
        losses = losses + 0.5 * math.log(2 * math.pi)
    return reduced(losses, reduction, what, sample_weight=sample_weight)
