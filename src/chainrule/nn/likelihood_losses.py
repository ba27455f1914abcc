"""Negative log-likelihoods; the formulas are in ``functional.likelihood``."""

from __future__ import annotations

from .. import functional as F
from .loss import Loss

__all__ = [
    "GaussianNLLLoss",
    "PoissonNLLLoss",
]


class PoissonNLLLoss(Loss, function=F.poisson_nll_loss):
    """Of counts t with rate e**x: e**x - t * x; with ``full`` plus about log(t!).

    >>> nn.PoissonNLLLoss()(tensor([0.0]), tensor([5.0]))
    tensor(1.)
    """

    log_input: bool = True
    full: bool = False
    eps: float = 1e-8
    reduction: str = "mean"


class GaussianNLLLoss(Loss, function=F.gaussian_nll_loss):
    """Of a normal variable with variance v: (log(v) + (x - target)**2 / v) / 2.

    >>> nn.GaussianNLLLoss()(tensor([1.0, 2.0]), tensor([1.0, 4.0]), tensor([1.0, 1.0]))
    tensor(1.)
    """

    full: bool = False
    eps: float = 1e-6
    reduction: str = "mean"
