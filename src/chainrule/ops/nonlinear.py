"""Nonlinear functions that neural networks ask for often: relu, sigmoid, erf."""

from __future__ import annotations

import math

import numpy as np

from ..dtypes import Array
from ..graph import primitive
from .choice import where
from .exponential import exp
from .rules import promoted_floating, promoted_numeric
from .special import erf_kernel


@primitive(
    prepare=promoted_floating,
    vjp=(lambda g, y, x: g * (2 / math.sqrt(math.pi)) * exp(-x * x),),
    scalar=lambda s, x: s.erf(x),
)
def erf(x: Array) -> Array:
    """Error function 2 / sqrt(pi) * integral of e ** -t**2 from 0 to x.

    >>> erf(tensor([0.0]))
    tensor([0.])
    """
    return erf_kernel(x)


def _sigmoid_kernel(x: Array) -> Array:
    decay = np.exp(-np.abs(x))
    result: Array = np.where(x >= 0, 1, decay) / (1 + decay)
    return result


@primitive(
    prepare=promoted_floating,
    vjp=(lambda g, y, x: g * (y * (1 - y)),),
    scalar=lambda s, x: 1 / (1 + s.exp(-x)),
)
def sigmoid(x: Array) -> Array:
    """Logistic function 1 / (1 + e ** -x), without overflow.

    >>> sigmoid(tensor([0.0]))
    tensor([0.5])
    """
    return _sigmoid_kernel(x)


@primitive(
    prepare=promoted_numeric,
    vjp=(lambda g, y, x: where(y > 0, g, 0.0),),  # y, so that x need not be kept
    scalar=lambda s, x: s.maximum(x, 0),
    kinks=(0.0,),
)
def relu(x: Array) -> Array:
    """Rectified linear unit max(x, 0); the derivative at 0 is 0 (Nair and Hinton 2010).

    >>> relu(tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """
    return np.maximum(x, 0)
