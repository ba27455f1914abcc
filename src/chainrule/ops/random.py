"""Random numbers from explicit generators: a seed and a position decide, nothing else.

A Generator is a key and a counter, the position in the key's stream of 32-bit words. Every function
takes words at the counter and moves it on, so that the numbers are the same on any number of
threads, and whether they are drawn at once or in parts.

>>> generator = Generator(seed=3)
>>> uniform((2, 2), generator=generator).shape, generator.state_dict()
((2, 2), {'key': 3, 'counter': 4})
"""

from __future__ import annotations

import math

import numpy as np

from .. import dtypes
from ..dtypes import DType, DTypeLike
from ..errors import ArgumentError, DTypeError
from ..graph import Shape, Tensor, TensorLike, as_tensor
from ..settings import DEFAULT_FLOAT
from .choice import astype
from .comparison import bitwise_left_shift, bitwise_or, bitwise_right_shift
from .creation import as_shape
from .cumulative import cumulative_sum
from .exponential import log, sqrt
from .generator import Dims, Generator, default_generator, manual_seed
from .getitem import getitem
from .indexing import take
from .joining import stack
from .movement import flatten, reshape
from .rounding import floor
from .sorting import argsort, searchsorted
from .trigonometry import cos, sin

__all__ = [
    "Generator",
    "bernoulli",
    "choice",
    "default_generator",
    "manual_seed",
    "normal",
    "permutation",
    "randint",
    "uniform",
]


def _of(generator: Generator | None) -> Generator:
    return default_generator() if generator is None else generator


# --- floating numbers --------------------------------------------------------------------------


def _floating(dtype: DTypeLike | None, what: str) -> DType:
    kind = DEFAULT_FLOAT if dtype is None else dtypes.dtype(dtype)
    if not kind.is_floating:
        raise DTypeError(what, required="a floating type", received=str(kind))
    return kind


def _unit(shape: Shape, kind: DType, generator: Generator | None, centred: bool = False) -> Tensor:
    """Return numbers in [0, 1), of 24 random bits (53 for float64); or in (0, 1) if centred.

    Centred numbers lie in the middle of steps of 2**-32 (2**-53), so that their logarithm is finite
    and reaches far into the tail.
    """
    shift = 0.5 if centred else 0.0
    if kind is dtypes.float64:
        words = _of(generator).bits((*shape, 2))
        high = astype(bitwise_right_shift(getitem(words, (..., 0)), 5), kind)
        low = astype(bitwise_right_shift(getitem(words, (..., 1)), 6), kind)
        return (high * 2.0**26 + (low + shift)) * 2.0**-53
    words = _of(generator).bits(shape)
    if centred:
        return (astype(words, dtypes.float32) + shift) * 2.0**-32
    return astype(bitwise_right_shift(words, 8), dtypes.float32) * 2.0**-24


def uniform(
    shape: Dims = (),
    low: TensorLike = 0.0,
    high: TensorLike = 1.0,
    *,
    generator: Generator | None = None,
    dtype: DTypeLike | None = None,
) -> Tensor:
    """Draw evenly from [low, high): low + (high - low) * u, with u a multiple of 2**-24 below 1.

    (2**-53 in float64.) ``low`` and ``high`` may be tensors that broadcast to the shape, and get
    gradients. The product may round up to ``high`` itself.

    >>> uniform((2,), generator=Generator(0))
    tensor([0.39904642, 0.88052016])
    """
    kind = _floating(dtype, "uniform")
    unit = _unit(as_shape(shape, "uniform"), kind, generator)
    if not (isinstance(low, float | int) and isinstance(high, float | int)):
        unit = unit * (as_tensor(high) - low) + low
    elif (low, high) != (0, 1):
        unit = unit * (high - low) + low
    return astype(unit, kind)


def normal(
    shape: Dims = (),
    mean: TensorLike = 0.0,
    std: TensorLike = 1.0,
    *,
    generator: Generator | None = None,
    dtype: DTypeLike | None = None,
) -> Tensor:
    """Draw from the normal distribution: mean + std * z.

    Two words u, v make two numbers sqrt(-2 log u) * (cos 2 pi v, sin 2 pi v) (Box and Muller 1958).
    ``mean`` and ``std`` may be tensors that broadcast to the shape, and get gradients.

    >>> normal((2,), generator=Generator(0)).shape
    (2,)
    """
    kind = _floating(dtype, "normal")
    dims = as_shape(shape, "normal")
    count = math.prod(dims)
    pairs = _unit((-(-count // 2), 2), kind, generator, centred=True)
    radius = sqrt(log(getitem(pairs, (slice(None), 0))) * -2.0)
    angle = getitem(pairs, (slice(None), 1)) * (2 * math.pi)
    both = flatten(stack([radius * cos(angle), radius * sin(angle)], axis=1))
    z = reshape(getitem(both, slice(0, count)), dims)
    if isinstance(std, Tensor) or std != 1:
        z = z * std
    if isinstance(mean, Tensor) or mean != 0:
        z = z + mean
    return astype(z, kind)


def bernoulli(
    shape: Dims = (),
    probability: TensorLike = 0.5,
    *,
    generator: Generator | None = None,
    dtype: DTypeLike = dtypes.bool,
) -> Tensor:
    """Draw true with a probability, a number or a tensor that broadcasts to the shape.

    >>> bernoulli(4, 0.9, generator=Generator(0))
    tensor([ True,  True,  True,  True])
    """
    given = as_tensor(probability)
    if given.has_value and not bool(((given.value >= 0) & (given.value <= 1)).all()):
        raise ArgumentError(
            "bernoulli", required="probabilities in [0, 1]", received=f"{given.tolist()}"[:80]
        )
    unit = _unit(as_shape(shape, "bernoulli"), dtypes.float32, generator)
    return astype(unit < probability, dtype)


# --- integers and choice -----------------------------------------------------------------------


def randint(
    shape: Dims,
    low: int,
    high: int,
    *,
    generator: Generator | None = None,
    dtype: DTypeLike = dtypes.int64,
) -> Tensor:
    """Draw integers evenly from low, low + 1, ..., high - 1, from 53 random bits each.

    Raises ArgumentError unless low < high, with at most 2**53 values.

    >>> randint(5, 0, 10, generator=Generator(0)).shape
    (5,)
    """
    if not 0 < high - low <= 1 << 53:
        raise ArgumentError(
            "randint", required="low < high <= low + 2**53", received=f"low={low}, high={high}"
        )
    unit = _unit(as_shape(shape, "randint"), dtypes.float64, generator)
    return astype(astype(floor(unit * float(high - low)), dtypes.int64) + low, dtype)


def permutation(
    x: int | TensorLike, *, axis: int = 0, generator: Generator | None = None
) -> Tensor:
    """Return the numbers 0 to x - 1, or the slices of a tensor along an axis, in random order.

    It sorts random 64-bit numbers, one for each place.

    >>> sorted(permutation(5).tolist())
    [0, 1, 2, 3, 4]
    """
    if isinstance(x, int | np.integer) and not isinstance(x, bool):
        (count,) = as_shape(int(x), "permutation")
        return _random_order(count, generator)
    node = as_tensor(x)
    return take(node, _random_order(node.shape[axis], generator), axis=axis)


def _random_order(count: int, generator: Generator | None) -> Tensor:
    words = astype(_of(generator).bits((count, 2)), dtypes.uint64)
    high, low = (getitem(words, (slice(None), k)) for k in (0, 1))
    return argsort(bitwise_or(bitwise_left_shift(high, 32), low))


def choice(
    count: int,
    shape: Dims = (),
    *,
    replace: bool = True,
    probabilities: TensorLike | None = None,
    generator: Generator | None = None,
) -> Tensor:
    """Choose from 0, ..., count - 1, evenly or with given probabilities (normalised to sum 1).

    ``replace=False`` chooses each number at most once (evenly). Raises ArgumentError if there are
    too few numbers, or if probabilities are negative, do not add up or do not fit ``count``.

    >>> choice(10, 3, replace=False, generator=Generator(0)).shape
    (3,)
    """
    dims = as_shape(shape, "choice")
    if probabilities is not None and replace:
        return _weighted(count, dims, as_tensor(probabilities), generator)
    wanted = math.prod(dims)
    if probabilities is not None or (wanted > count and not replace):
        raise ArgumentError(
            "choice", required="no more than there are, and no probabilities, if replace=False",
            received=f"{wanted} of {count}",
        )  # fmt: skip
    if replace:
        return randint(dims, 0, count, generator=generator)
    return reshape(getitem(_random_order(count, generator), slice(0, wanted)), dims)


def _weighted(count: int, shape: Shape, weights: Tensor, generator: Generator | None) -> Tensor:
    values = weights.value.astype(np.float64)
    if values.shape != (count,) or not (values >= 0).all() or not 0 < values.sum() < math.inf:
        raise ArgumentError(
            "choice", required=f"{count} probabilities >= 0 with a finite sum > 0",
            received=f"shape {values.shape}, values {values.tolist()}"[:80],
        )  # fmt: skip
    ends = cumulative_sum(values)
    unit = _unit(shape, dtypes.float64, generator)
    return searchsorted(ends, unit * getitem(ends, -1), side="right")
