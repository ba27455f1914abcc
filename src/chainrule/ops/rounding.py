"""Rounding: floor, ceil, round, trunc; their derivative is 0."""

from __future__ import annotations

import numpy as np

from ..dtypes import Array
from ..graph import primitive
from .rules import promoted_numeric


@primitive(prepare=promoted_numeric, vjp=(None,), scalar=lambda s, x: s.floor(x))
def floor(x: Array) -> Array:
    """Largest integer not above x, in x's type.

    >>> floor(tensor([1.5, -1.5]))
    tensor([ 1., -2.])
    """
    return np.floor(x)


@primitive(prepare=promoted_numeric, vjp=(None,), scalar=lambda s, x: s.ceil(x))
def ceil(x: Array) -> Array:
    """Smallest integer not below x, in x's type.

    >>> ceil(tensor([1.5, -1.5]))
    tensor([ 2., -1.])
    """
    return np.ceil(x)


@primitive(prepare=promoted_numeric, vjp=(None,), scalar=lambda s, x: s.round(x))
def round_(x: Array) -> Array:
    """Nearest integer, halves to even, in x's type.

    >>> round(tensor([1.5, 2.5, -0.7]))
    tensor([ 2.,  2., -1.])
    """
    return np.round(x)


@primitive(prepare=promoted_numeric, vjp=(None,), scalar=lambda s, x: s.trunc(x))
def trunc(x: Array) -> Array:
    """Integer part of x, in x's type.

    >>> trunc(tensor([1.5, -1.5]))
    tensor([ 1., -1.])
    """
    return np.trunc(x)
