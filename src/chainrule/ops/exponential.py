"""Exponentials, logarithms and roots, elementwise."""

from __future__ import annotations

import math

import numpy as np

from ..dtypes import Array
from ..graph import primitive
from .rules import broadcast, promoted_floating, unbroadcast


@primitive(prepare=promoted_floating, vjp=(lambda g, y, x: g * y,), scalar=lambda s, x: s.exp(x))
def exp(x: Array) -> Array:
    """Exponential function e ** x.

    >>> exp(tensor([0.0]))
    tensor([1.])
    """
    return np.exp(x)


@primitive(
    prepare=promoted_floating, vjp=(lambda g, y, x: g * exp(x),), scalar=lambda s, x: s.expm1(x)
)
def expm1(x: Array) -> Array:
    """Exponential minus one, exact near 0: e ** x - 1.

    >>> expm1(tensor([0.0]))
    tensor([0.])
    """
    return np.expm1(x)


@primitive(
    prepare=promoted_floating,
    vjp=(lambda g, y, x: g / x,),
    scalar=lambda s, x: s.log(x),
    domain=(0.5, 3.0),
)
def log(x: Array) -> Array:
    """Natural logarithm.

    >>> log(tensor([1.0]))
    tensor([0.])
    """
    return np.log(x)


@primitive(
    prepare=promoted_floating,
    vjp=(lambda g, y, x: g / (1 + x),),
    scalar=lambda s, x: s.log1p(x),
    domain=(-0.5, 2.0),
)
def log1p(x: Array) -> Array:
    """Logarithm of one plus x, exact near 0: log(1 + x).

    >>> log1p(tensor([0.0]))
    tensor([0.])
    """
    return np.log1p(x)


@primitive(
    prepare=promoted_floating,
    vjp=(lambda g, y, x: g / (x * math.log(2)),),
    scalar=lambda s, x: s.log(x) * (1 / math.log(2)),
    domain=(0.5, 3.0),
)
def log2(x: Array) -> Array:
    """Logarithm to base 2.

    >>> log2(tensor([8.0]))
    tensor([3.])
    """
    return np.log2(x)


@primitive(
    prepare=promoted_floating,
    vjp=(lambda g, y, x: g / (x * math.log(10)),),
    scalar=lambda s, x: s.log(x) * (1 / math.log(10)),
    domain=(0.5, 3.0),
)
def log10(x: Array) -> Array:
    """Logarithm to base 10.

    >>> log10(tensor([1.0]))
    tensor([0.])
    """
    return np.log10(x)


@primitive(
    shape=broadcast,
    prepare=promoted_floating,
    vjp=(
        lambda g, z, x, y: unbroadcast(g * exp(x - z), x),
        lambda g, z, x, y: unbroadcast(g * exp(y - z), y),
    ),
    scalar=lambda s, x, y: s.maximum(x, y) + s.log1p(s.exp(-s.abs(x - y))),
)
def logaddexp(x: Array, y: Array) -> Array:
    """Logarithm of a sum of exponentials without overflow: log(e ** x + e ** y).

    >>> logaddexp(tensor([1000.0]), 0.0)
    tensor([1000.])
    """
    return np.logaddexp(x, y)


@primitive(
    prepare=promoted_floating,
    vjp=(lambda g, y, x: g * 0.5 / y,),
    scalar=lambda s, x: s.sqrt(x),
    domain=(0.5, 3.0),
)
def sqrt(x: Array) -> Array:
    """Square root.

    >>> sqrt(tensor([4.0]))
    tensor([2.])
    """
    return np.sqrt(x)


@primitive(
    prepare=promoted_floating,
    vjp=(lambda g, y, x: g * -0.5 * y / x,),
    scalar=lambda s, x: 1 / s.sqrt(x),
    domain=(0.5, 3.0),
)
def rsqrt(x: Array) -> Array:
    """Reciprocal square root: 1 / sqrt(x).

    >>> rsqrt(tensor([4.0]))
    tensor([0.5])
    """
    return np.reciprocal(np.sqrt(x))


@primitive(
    prepare=promoted_floating,
    vjp=(lambda g, y, x: -g * y * y,),
    scalar=lambda s, x: 1 / x,
    domain=(0.5, 3.0),
)
def reciprocal(x: Array) -> Array:
    """Reciprocal: 1 / x.

    >>> reciprocal(tensor([4.0]))
    tensor([0.25])
    """
    return np.reciprocal(x)
