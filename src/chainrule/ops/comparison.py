"""Comparisons, logic and bits, elementwise; results carry no gradient."""

from __future__ import annotations

import numpy as np

from ..dtypes import Array
from ..graph import NotDifferentiable, primitive
from .rules import as_bools, broadcast, promoted, promoted_integer, to_bool

_NO_SLOPE = NotDifferentiable("the result is not a real number")


@primitive(
    shape=broadcast,
    dtype=to_bool,
    prepare=promoted,
    vjp=_NO_SLOPE,
    scalar=lambda s, x, y: x == y,
)
def equal(x: Array, y: Array) -> Array:
    """Compare elementwise: x == y.

    >>> equal(tensor([1.0, 2.0]), 2.0)
    tensor([False,  True])
    """
    return np.equal(x, y)


@primitive(
    shape=broadcast,
    dtype=to_bool,
    prepare=promoted,
    vjp=_NO_SLOPE,
    scalar=lambda s, x, y: x != y,
)
def not_equal(x: Array, y: Array) -> Array:
    """Compare elementwise: x != y.

    >>> not_equal(tensor([1.0, 2.0]), 2.0)
    tensor([ True, False])
    """
    return np.not_equal(x, y)


@primitive(
    shape=broadcast,
    dtype=to_bool,
    prepare=promoted,
    vjp=_NO_SLOPE,
    scalar=lambda s, x, y: x < y,
)
def less(x: Array, y: Array) -> Array:
    """Compare elementwise: x < y.

    >>> less(tensor([1.0, 2.0]), 2.0)
    tensor([ True, False])
    """
    return np.less(x, y)


@primitive(
    shape=broadcast,
    dtype=to_bool,
    prepare=promoted,
    vjp=_NO_SLOPE,
    scalar=lambda s, x, y: x <= y,
)
def less_equal(x: Array, y: Array) -> Array:
    """Compare elementwise: x <= y.

    >>> less_equal(tensor([1.0, 2.0]), 2.0)
    tensor([ True,  True])
    """
    return np.less_equal(x, y)


@primitive(
    shape=broadcast,
    dtype=to_bool,
    prepare=promoted,
    vjp=_NO_SLOPE,
    scalar=lambda s, x, y: x > y,
)
def greater(x: Array, y: Array) -> Array:
    """Compare elementwise: x > y.

    >>> greater(tensor([1.0, 2.0]), 2.0)
    tensor([False, False])
    """
    return np.greater(x, y)


@primitive(
    shape=broadcast,
    dtype=to_bool,
    prepare=promoted,
    vjp=_NO_SLOPE,
    scalar=lambda s, x, y: x >= y,
)
def greater_equal(x: Array, y: Array) -> Array:
    """Compare elementwise: x >= y.

    >>> greater_equal(tensor([1.0, 2.0]), 2.0)
    tensor([False,  True])
    """
    return np.greater_equal(x, y)


@primitive(
    shape=broadcast,
    dtype=to_bool,
    prepare=as_bools,
    vjp=_NO_SLOPE,
    scalar=lambda s, x, y: x & y,
)
def logical_and(x: Array, y: Array) -> Array:
    """Both are true (nonzero).

    >>> logical_and(tensor([True, False]), True)
    tensor([ True, False])
    """
    return np.logical_and(x, y)


@primitive(
    shape=broadcast,
    dtype=to_bool,
    prepare=as_bools,
    vjp=_NO_SLOPE,
    scalar=lambda s, x, y: x | y,
)
def logical_or(x: Array, y: Array) -> Array:
    """One or both are true (nonzero).

    >>> logical_or(tensor([True, False]), True)
    tensor([ True,  True])
    """
    return np.logical_or(x, y)


@primitive(
    shape=broadcast,
    dtype=to_bool,
    prepare=as_bools,
    vjp=_NO_SLOPE,
    scalar=lambda s, x, y: x ^ y,
)
def logical_xor(x: Array, y: Array) -> Array:
    """Just one of the two is true (nonzero).

    >>> logical_xor(tensor([True, False]), True)
    tensor([False,  True])
    """
    return np.logical_xor(x, y)


@primitive(
    dtype=to_bool,
    prepare=as_bools,
    vjp=_NO_SLOPE,
    scalar=lambda s, x: ~x,
)
def logical_not(x: Array) -> Array:
    """The opposite truth.

    >>> logical_not(tensor([True, False]))
    tensor([False,  True])
    """
    return np.logical_not(x)


@primitive(
    shape=broadcast,
    prepare=promoted_integer,
    vjp=_NO_SLOPE,
    scalar=lambda s, x, y: x & y,
)
def bitwise_and(x: Array, y: Array) -> Array:
    """Bits of x & y, of integers or bools.

    >>> bitwise_and(tensor([6, 5]), 3)
    tensor([2, 1])
    """
    return np.bitwise_and(x, y)


@primitive(
    shape=broadcast,
    prepare=promoted_integer,
    vjp=_NO_SLOPE,
    scalar=lambda s, x, y: x | y,
)
def bitwise_or(x: Array, y: Array) -> Array:
    """Bits of x | y, of integers or bools.

    >>> bitwise_or(tensor([6, 5]), 3)
    tensor([7, 7])
    """
    return np.bitwise_or(x, y)


@primitive(
    shape=broadcast,
    prepare=promoted_integer,
    vjp=_NO_SLOPE,
    scalar=lambda s, x, y: x ^ y,
)
def bitwise_xor(x: Array, y: Array) -> Array:
    """Bits of x ^ y, of integers or bools.

    >>> bitwise_xor(tensor([6, 5]), 3)
    tensor([5, 6])
    """
    return np.bitwise_xor(x, y)


@primitive(
    prepare=promoted_integer,
    vjp=_NO_SLOPE,
    scalar=lambda s, x: ~x,
)
def bitwise_invert(x: Array) -> Array:
    """Every bit turned over: ~x.

    >>> bitwise_invert(tensor([0, 1]))
    tensor([-1, -2])
    """
    return np.bitwise_invert(x)


@primitive(
    shape=broadcast,
    prepare=promoted_integer,
    vjp=_NO_SLOPE,
    scalar=lambda s, x, y: x << y,
)
def bitwise_left_shift(x: Array, y: Array) -> Array:
    """Bits moved to the left: x * 2 ** y.

    >>> bitwise_left_shift(tensor([1, 2]), 3)
    tensor([ 8, 16])
    """
    return np.left_shift(x, y)


@primitive(
    shape=broadcast,
    prepare=promoted_integer,
    vjp=_NO_SLOPE,
    scalar=lambda s, x, y: x >> y,
)
def bitwise_right_shift(x: Array, y: Array) -> Array:
    """Bits moved to the right: floor(x / 2 ** y).

    >>> bitwise_right_shift(tensor([8, 16]), 3)
    tensor([1, 2])
    """
    return np.right_shift(x, y)


@primitive(
    dtype=to_bool,
    prepare=promoted,
    vjp=_NO_SLOPE,
    scalar=lambda s, x: s.isnan(x),
)
def isnan(x: Array) -> Array:
    """Whether the element is not a number.

    >>> isnan(tensor([1.0, float('nan')]))
    tensor([False,  True])
    """
    return np.isnan(x)


@primitive(
    dtype=to_bool,
    prepare=promoted,
    vjp=_NO_SLOPE,
    scalar=lambda s, x: s.isinf(x),
)
def isinf(x: Array) -> Array:
    """Whether the element is infinite.

    >>> isinf(tensor([1.0, float('nan')]))
    tensor([False, False])
    """
    return np.isinf(x)


@primitive(
    dtype=to_bool,
    prepare=promoted,
    vjp=_NO_SLOPE,
    scalar=lambda s, x: s.isfinite(x),
)
def isfinite(x: Array) -> Array:
    """Whether the element is neither NaN nor infinite.

    >>> isfinite(tensor([1.0, float('nan')]))
    tensor([ True, False])
    """
    return np.isfinite(x)


@primitive(
    dtype=to_bool,
    prepare=promoted,
    vjp=_NO_SLOPE,
    scalar=lambda s, x: s.signbit(x),
)
def signbit(x: Array) -> Array:
    """Whether the sign bit is set (true for -0.0).

    >>> signbit(tensor([-1.0, 0.0, -0.0]))
    tensor([ True, False,  True])
    """
    return np.signbit(x)
