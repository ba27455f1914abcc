"""Trigonometric and hyperbolic functions, elementwise; angles are in radians."""

from __future__ import annotations

import numpy as np

from ..dtypes import Array
from ..graph import primitive
from .exponential import rsqrt
from .rules import broadcast, promoted_floating, unbroadcast


@primitive(
    prepare=promoted_floating, vjp=(lambda g, y, x: g * cos(x),), scalar=lambda s, x: s.sin(x)
)
def sin(x: Array) -> Array:
    """Sine of an angle in radians.

    >>> sin(tensor([0.0]))
    tensor([0.])
    """
    return np.sin(x)


@primitive(
    prepare=promoted_floating, vjp=(lambda g, y, x: -g * sin(x),), scalar=lambda s, x: s.cos(x)
)
def cos(x: Array) -> Array:
    """Cosine of an angle in radians.

    >>> cos(tensor([0.0]))
    tensor([1.])
    """
    return np.cos(x)


@primitive(
    prepare=promoted_floating,
    vjp=(lambda g, y, x: g * (1 + y * y),),
    scalar=lambda s, x: s.sin(x) / s.cos(x),
    domain=(-1.2, 1.2),
)
def tan(x: Array) -> Array:
    """Tangent of an angle in radians.

    >>> tan(tensor([0.0]))
    tensor([0.])
    """
    return np.tan(x)


@primitive(
    prepare=promoted_floating,
    vjp=(lambda g, y, x: g * rsqrt(1 - x * x),),
    scalar=lambda s, x: s.asin(x),
    domain=(-0.8, 0.8),
)
def asin(x: Array) -> Array:
    """Inverse sine, in radians.

    >>> asin(tensor([0.0]))
    tensor([0.])
    """
    return np.arcsin(x)


@primitive(
    prepare=promoted_floating,
    vjp=(lambda g, y, x: -g * rsqrt(1 - x * x),),
    scalar=lambda s, x: s.acos(x),
    domain=(-0.8, 0.8),
)
def acos(x: Array) -> Array:
    """Inverse cosine, in radians.

    >>> acos(tensor([1.0]))
    tensor([0.])
    """
    return np.arccos(x)


@primitive(
    prepare=promoted_floating, vjp=(lambda g, y, x: g / (1 + x * x),), scalar=lambda s, x: s.atan(x)
)
def atan(x: Array) -> Array:
    """Inverse tangent, in radians.

    >>> atan(tensor([0.0]))
    tensor([0.])
    """
    return np.arctan(x)


@primitive(
    prepare=promoted_floating, vjp=(lambda g, y, x: g * cosh(x),), scalar=lambda s, x: s.sinh(x)
)
def sinh(x: Array) -> Array:
    """Hyperbolic sine.

    >>> sinh(tensor([0.0]))
    tensor([0.])
    """
    return np.sinh(x)


@primitive(
    prepare=promoted_floating, vjp=(lambda g, y, x: g * sinh(x),), scalar=lambda s, x: s.cosh(x)
)
def cosh(x: Array) -> Array:
    """Hyperbolic cosine.

    >>> cosh(tensor([0.0]))
    tensor([1.])
    """
    return np.cosh(x)


@primitive(
    prepare=promoted_floating,
    vjp=(lambda g, y, x: g * (1 - y * y),),
    scalar=lambda s, x: s.tanh(x),
)
def tanh(x: Array) -> Array:
    """Hyperbolic tangent.

    >>> tanh(tensor([0.0]))
    tensor([0.])
    """
    return np.tanh(x)


@primitive(
    prepare=promoted_floating,
    vjp=(lambda g, y, x: g * rsqrt(x * x + 1),),
    scalar=lambda s, x: s.asinh(x),
)
def asinh(x: Array) -> Array:
    """Inverse hyperbolic sine.

    >>> asinh(tensor([0.0]))
    tensor([0.])
    """
    return np.arcsinh(x)


@primitive(
    prepare=promoted_floating,
    vjp=(lambda g, y, x: g * rsqrt(x - 1) * rsqrt(x + 1),),
    scalar=lambda s, x: s.acosh(x),
    domain=(1.5, 3.0),
)
def acosh(x: Array) -> Array:
    """Inverse hyperbolic cosine.

    >>> acosh(tensor([1.0]))
    tensor([0.])
    """
    return np.arccosh(x)


@primitive(
    prepare=promoted_floating,
    vjp=(lambda g, y, x: g / (1 - x * x),),
    scalar=lambda s, x: s.atanh(x),
    domain=(-0.8, 0.8),
)
def atanh(x: Array) -> Array:
    """Inverse hyperbolic tangent.

    >>> atanh(tensor([0.0]))
    tensor([0.])
    """
    return np.arctanh(x)


@primitive(
    shape=broadcast,
    prepare=promoted_floating,
    vjp=(
        lambda g, z, y, x: unbroadcast(g * x / (x * x + y * y), y),
        lambda g, z, y, x: unbroadcast(-g * y / (x * x + y * y), x),
    ),
    scalar=lambda s, y, x: s.atan2(y, x),
    domain=(0.5, 2.0),
)
def atan2(y: Array, x: Array) -> Array:
    """Angle of the point (x, y) in radians, in [-pi, pi].

    >>> atan2(tensor([0.0]), tensor([1.0]))
    tensor([0.])
    """
    return np.arctan2(y, x)
