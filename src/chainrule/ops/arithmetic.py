"""Elementwise arithmetic: one output element from one element of each input.

``scalar`` is the element's formula for a compiler: infix on elements, and functions of the
namespace ``s`` (see ``notation.ScalarFunctions``).
"""

from __future__ import annotations

import numpy as np

from ..dtypes import Array
from ..graph import Tensor, primitive
from .choice import where
from .exponential import log
from .rounding import floor
from .rules import broadcast, promoted, promoted_floating, promoted_numeric, unbroadcast


@primitive(
    shape=broadcast,
    prepare=promoted_numeric,
    vjp=(lambda g, z, x, y: unbroadcast(g, x), lambda g, z, x, y: unbroadcast(g, y)),
    scalar=lambda s, x, y: x + y,
)
def add(x: Array, y: Array) -> Array:
    """Add elementwise: x + y.

    Shapes broadcast; data types promote.

    >>> add(tensor([1.0, 2.0]), 10.0)
    tensor([11., 12.])
    """
    return np.add(x, y)


@primitive(
    shape=broadcast,
    prepare=promoted_numeric,
    vjp=(lambda g, z, x, y: unbroadcast(g, x), lambda g, z, x, y: unbroadcast(-g, y)),
    scalar=lambda s, x, y: x - y,
)
def subtract(x: Array, y: Array) -> Array:
    """Subtract elementwise: x - y.

    >>> subtract(tensor([1.0, 2.0]), 10.0)
    tensor([-9., -8.])
    """
    return np.subtract(x, y)


@primitive(
    shape=broadcast,
    prepare=promoted_numeric,
    vjp=(lambda g, z, x, y: unbroadcast(g * y, x), lambda g, z, x, y: unbroadcast(g * x, y)),
    scalar=lambda s, x, y: x * y,
)
def multiply(x: Array, y: Array) -> Array:
    """Multiply elementwise: x * y.

    >>> multiply(tensor([1.0, 2.0]), tensor([3.0, 4.0]))
    tensor([3., 8.])
    """
    return np.multiply(x, y)


@primitive(
    shape=broadcast,
    prepare=promoted_floating,
    vjp=(
        lambda g, z, x, y: unbroadcast(g / y, x),
        lambda g, z, x, y: unbroadcast(-g * z / y, y),
    ),
    scalar=lambda s, x, y: x / y,
    domain=(0.5, 2.0),
)
def divide(x: Array, y: Array) -> Array:
    """Divide elementwise: x / y; integers are divided as float32.

    >>> divide(tensor([1.0, 2.0]), 4)
    tensor([0.25, 0.5 ])
    """
    return np.divide(x, y)


def _power_of_base(g: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Tensor:
    nothing = (x == 0) & (y == 0)  # 0 ** -1 would be infinite
    return unbroadcast(g * y * pow_(x, where(nothing, 1.0, y - 1)), x)


def _power_of_exponent(g: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return unbroadcast(g * where(x == 0, 0.0, z * log(where(x == 0, 1.0, x))), y)


@primitive(
    shape=broadcast,
    prepare=promoted_numeric,
    vjp=(_power_of_base, _power_of_exponent),
    scalar=lambda s, x, y: s.pow(x, y),
    domain=(0.5, 2.0),
)
def pow_(x: Array, y: Array) -> Array:
    """Raise to a power elementwise: x ** y.

    Derivatives: y * x ** (y - 1) and x ** y * log(x); both are taken as 0 where the limit is.

    >>> pow(tensor([1.0, 2.0, 3.0]), 2)
    tensor([1., 4., 9.])
    """
    if y.dtype.kind == "i" and y.size and y.min() < 0:
        return np.power(x.astype(np.float64), y).astype(x.dtype)
    return np.power(x, y)


@primitive(
    shape=broadcast,
    prepare=promoted_numeric,
    vjp=(None, None),
    scalar=lambda s, x, y: x // y,
)
def floor_divide(x: Array, y: Array) -> Array:
    """Divide and round down: floor(x / y); the derivative is 0.

    >>> floor_divide(tensor([7, -7]), 2)
    tensor([ 3, -4])
    """
    return np.floor_divide(x, y)


@primitive(
    shape=broadcast,
    prepare=promoted_numeric,
    vjp=(
        lambda g, z, x, y: unbroadcast(g, x),
        lambda g, z, x, y: unbroadcast(-g * floor(x / y), y),
    ),
    scalar=lambda s, x, y: x % y,
    domain=(0.6, 0.9),
)
def remainder(x: Array, y: Array) -> Array:
    """Remainder of the division that rounds down, with the sign of y: x - floor(x / y) * y.

    >>> remainder(tensor([7, -7]), 3)
    tensor([1, 2])
    """
    return np.remainder(x, y)


def _share(g: Tensor, mine: Tensor, other: Tensor, larger: bool) -> Tensor:
    """Gradient of maximum and minimum: all to the winner, half to each at a tie."""
    wins = mine > other if larger else mine < other
    weight = where(wins, 1.0, where(mine == other, 0.5, 0.0)).astype(g.dtype)
    return unbroadcast(g * weight, mine)


@primitive(
    shape=broadcast,
    prepare=promoted,
    vjp=(
        lambda g, z, x, y: _share(g, x, y, True),
        lambda g, z, x, y: _share(g, y, x, True),
    ),
    scalar=lambda s, x, y: s.maximum(x, y),
)
def maximum(x: Array, y: Array) -> Array:
    """Larger of two elements; at a tie each gets half of the gradient; NaN wins.

    >>> maximum(tensor([1.0, 5.0]), 3.0)
    tensor([3., 5.])
    """
    return np.maximum(x, y)


@primitive(
    shape=broadcast,
    prepare=promoted,
    vjp=(
        lambda g, z, x, y: _share(g, x, y, False),
        lambda g, z, x, y: _share(g, y, x, False),
    ),
    scalar=lambda s, x, y: s.minimum(x, y),
)
def minimum(x: Array, y: Array) -> Array:
    """Smaller of two elements; at a tie each gets half of the gradient; NaN wins.

    >>> minimum(tensor([1.0, 5.0]), 3.0)
    tensor([1., 3.])
    """
    return np.minimum(x, y)


@primitive(
    shape=broadcast,
    prepare=promoted_floating,
    vjp=(
        lambda g, z, x, y: unbroadcast(g * x / z, x),
        lambda g, z, x, y: unbroadcast(g * y / z, y),
    ),
    scalar=lambda s, x, y: s.sqrt(x * x + y * y),
    domain=(0.5, 2.0),
)
def hypot(x: Array, y: Array) -> Array:
    """Length of the vector (x, y), without overflow: sqrt(x * x + y * y).

    >>> hypot(tensor([3.0]), tensor([4.0]))
    tensor([5.])
    """
    return np.hypot(x, y)


@primitive(
    shape=broadcast,
    prepare=promoted_floating,
    vjp=(lambda g, z, x, y: unbroadcast(g * (sign(x) * copysign(1.0, y)), x), None),
    scalar=lambda s, x, y: s.copysign(x, y),
    kinks=(0.0,),
)
def copysign(x: Array, y: Array) -> Array:
    """Absolute value of x with the sign of y (also of -0.0).

    >>> copysign(tensor([3.0, -3.0]), -1.0)
    tensor([-3., -3.])
    """
    return np.copysign(x, y)


@primitive(
    prepare=promoted_numeric,
    vjp=(lambda g, y, x: -g,),
    scalar=lambda s, x: -x,
)
def negative(x: Array) -> Array:
    """Change the sign: -x.

    >>> negative(tensor([1.0, -2.0]))
    tensor([-1.,  2.])
    """
    return np.negative(x)


@primitive(
    prepare=promoted_numeric,
    vjp=(lambda g, y, x: g * sign(x),),
    scalar=lambda s, x: s.abs(x),
    kinks=(0.0,),
)
def abs_(x: Array) -> Array:
    """Absolute value; the derivative at 0 is 0.

    >>> abs(tensor([1.0, -2.0]))
    tensor([1., 2.])
    """
    return np.abs(x)


@primitive(
    prepare=promoted_numeric,
    vjp=(None,),
    scalar=lambda s, x: s.sign(x),
    kinks=(0.0,),
)
def sign(x: Array) -> Array:
    """Sign: -1, 0 or 1; the derivative is 0.

    >>> sign(tensor([3.0, 0.0, -2.0]))
    tensor([ 1.,  0., -1.])
    """
    return np.sign(x)


@primitive(prepare=promoted_numeric, vjp=(lambda g, y, x: g * (2 * x),), scalar=lambda s, x: x * x)
def square(x: Array) -> Array:
    """Square: x * x.

    >>> square(tensor([3.0, -2.0]))
    tensor([9., 4.])
    """
    return np.multiply(x, x)
