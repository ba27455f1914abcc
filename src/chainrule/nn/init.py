"""Initialisers: a shape in, a tensor of first values out, for weights (out, in, *kernel).

fan_in is the number of inputs that one output sums over, fan_out the number of outputs that one
input reaches. The gain is how much an activation shrinks a signal, to be made up for.
"""

from __future__ import annotations

import math

import numpy as np

from ..dtypes import DTypeLike, float32, float64
from ..errors import ArgumentError, ShapeError
from ..graph import Shape, Tensor, tensor
from ..ops import random
from ..ops.random import Generator
from .fillers import bilinear as bilinear
from .fillers import positive_unitball as positive_unitball
from .fillers import sparse_normal as sparse_normal

_GAINS = {
    "linear": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 0.75,
}


def fans(shape: Shape) -> tuple[int, int]:
    """Return fan_in and fan_out of a weight (out, in, *kernel); ShapeError below 2 axes.

    >>> nn.init.fans((20, 3, 5, 5))
    (75, 500)
    """
    if len(shape) < 2:
        raise ShapeError("fans", required="a weight (out, in, *kernel)", received=f"shape {shape}")
    taps = math.prod(shape[2:])
    return shape[1] * taps, shape[0] * taps


def calculate_gain(nonlinearity: str, parameter: float | None = None) -> float:
    """Return the factor that makes up for an activation: sqrt(2) for relu, 5/3 for tanh...

    sqrt(2 / (1 + a**2)) for "leaky_relu" with slope a (0.01 by default). Raises ArgumentError for
    an activation that has none.

    >>> nn.init.calculate_gain("tanh")
    1.6666666666666667
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if parameter is None else parameter
        return math.sqrt(2 / (1 + slope * slope))
    if nonlinearity not in _GAINS:
        raise ArgumentError(
            "calculate_gain",
            required=f"one of leaky_relu, {', '.join(_GAINS)}",
            received=repr(nonlinearity),
        )
    return _GAINS[nonlinearity]


def zeros(shape: Shape, *, dtype: DTypeLike = float32) -> Tensor:
    """Return zeros.

    >>> nn.init.zeros((2,))
    tensor([0., 0.])
    """
    return constant(shape, 0.0, dtype=dtype)


def ones(shape: Shape, *, dtype: DTypeLike = float32) -> Tensor:
    """Return ones.

    >>> nn.init.ones((2,))
    tensor([1., 1.])
    """
    return constant(shape, 1.0, dtype=dtype)


def constant(shape: Shape, value: float, *, dtype: DTypeLike = float32) -> Tensor:
    """Return one value everywhere.

    >>> nn.init.constant((2,), 0.5)
    tensor([0.5, 0.5])
    """
    return tensor(np.full(shape, value), dtype)


def uniform(
    shape: Shape, low: float = 0.0, high: float = 1.0, *, generator: Generator | None = None,
    dtype: DTypeLike = float32,
) -> Tensor:  # fmt: skip
    """Draw from U(low, high).

    >>> nn.init.uniform((2, 3), -0.1, 0.1).shape
    (2, 3)
    """
    return random.uniform(shape, low, high, generator=generator, dtype=dtype)


def normal(
    shape: Shape, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None,
    dtype: DTypeLike = float32,
) -> Tensor:  # fmt: skip
    """Draw from N(mean, std**2).

    >>> nn.init.normal((2, 3), std=0.01).shape
    (2, 3)
    """
    return random.normal(shape, mean, std, generator=generator, dtype=dtype)


def truncated_normal(
    shape: Shape, mean: float = 0.0, std: float = 1.0, low: float = -2.0, high: float = 2.0, *,
    generator: Generator | None = None, dtype: DTypeLike = float32,
) -> Tensor:  # fmt: skip
    """Draw from N(mean, std**2), and again what falls outside of [low, high].

    Raises ArgumentError for an interval that is empty or further than 4 std from the mean, where
    hardly a draw would fall inside.

    >>> bool((abs(nn.init.truncated_normal((100,), std=3.0)) <= 2).all())
    True
    """
    distance = max(low - mean, mean - high)  # of the mean from the interval
    if low >= high or distance > 4 * std:
        raise ArgumentError(
            "truncated_normal", required="low < high, not both far on one side of the mean",
            received=f"low = {low}, high = {high}, mean = {mean}, std = {std}",
        )  # fmt: skip
    values = random.normal(shape, mean, std, generator=generator, dtype=dtype).numpy()
    while (outside := (values < low) | (values > high)).any():
        count = int(outside.sum())
        values[outside] = random.normal((count,), mean, std, generator=generator, dtype=dtype).value
    return tensor(values, dtype)


def fan_in_uniform(
    shape: Shape, fan_in: int, *, generator: Generator | None = None, dtype: DTypeLike = float32
) -> Tensor:
    """Draw from U(-b, b), b = 1 / sqrt(fan_in): how layers start, weights and biases (LeCun 1998).

    >>> bool((abs(nn.init.fan_in_uniform((2, 4), fan_in=4)) <= 0.5).all())
    True
    """
    bound = 1 / math.sqrt(max(1, fan_in))
    return uniform(shape, -bound, bound, generator=generator, dtype=dtype)


def xavier_uniform(
    shape: Shape, gain: float = 1.0, *, generator: Generator | None = None,
    dtype: DTypeLike = float32,
) -> Tensor:  # fmt: skip
    """Draw from U(-b, b), b = gain * sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010).

    >>> bool((abs(nn.init.xavier_uniform((2, 4))) <= 1.0).all())
    True
    """
    bound = gain * math.sqrt(6 / sum(fans(shape)))
    return uniform(shape, -bound, bound, generator=generator, dtype=dtype)


def xavier_normal(
    shape: Shape, gain: float = 1.0, *, generator: Generator | None = None,
    dtype: DTypeLike = float32,
) -> Tensor:  # fmt: skip
    """Draw from N(0, gain**2 * 2 / (fan_in + fan_out)) (Glorot and Bengio 2010).

    >>> nn.init.xavier_normal((2, 4)).shape
    (2, 4)
    """
    std = gain * math.sqrt(2 / sum(fans(shape)))
    return normal(shape, 0.0, std, generator=generator, dtype=dtype)


def kaiming_uniform(
    shape: Shape, a: float = 0.0, *, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
    generator: Generator | None = None, dtype: DTypeLike = float32,
) -> Tensor:  # fmt: skip
    """Draw from U(-b, b), b = gain * sqrt(3 / fan) (He et al. 2015).

    The gain is that of the nonlinearity, ``a`` the slope of leaky_relu. ``mode`` is "fan_in", which
    keeps the variance forward, or "fan_out", which keeps that of the gradient.

    >>> bool((abs(nn.init.kaiming_uniform((2, 6))) <= 1.0).all())
    True
    """
    bound = math.sqrt(3) * _kaiming_std(shape, a, mode, nonlinearity)
    return uniform(shape, -bound, bound, generator=generator, dtype=dtype)


def kaiming_normal(
    shape: Shape, a: float = 0.0, *, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
    generator: Generator | None = None, dtype: DTypeLike = float32,
) -> Tensor:  # fmt: skip
    """Draw from N(0, gain**2 / fan); see kaiming_uniform (He et al. 2015).

    >>> nn.init.kaiming_normal((2, 6)).shape
    (2, 6)
    """
    std = _kaiming_std(shape, a, mode, nonlinearity)
    return normal(shape, 0.0, std, generator=generator, dtype=dtype)


def _kaiming_std(shape: Shape, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ArgumentError("kaiming", required="a mode of 'fan_in' or 'fan_out'", received=mode)
    fan = fans(shape)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(max(1, fan))


def orthogonal(
    shape: Shape, gain: float = 1.0, *, generator: Generator | None = None,
    dtype: DTypeLike = float32,
) -> Tensor:  # fmt: skip
    """Draw a random matrix whose rows, or columns if they are fewer, are orthogonal, times gain.

    The axes after the first are taken as one; all orthogonal matrices are equally likely (Saxe et
    al. 2014). It keeps the length of every vector through any number of linear layers.

    >>> W = nn.init.orthogonal((3, 5))
    >>> np.allclose((W @ W.T).value, np.eye(3), atol=1e-6)
    True
    """
    if len(shape) < 2:
        raise ShapeError("orthogonal", required="2 axes or more", received=f"shape {shape}")
    rows, columns = shape[0], math.prod(shape[1:])
    tall = (max(rows, columns), min(rows, columns))
    q, r = np.linalg.qr(random.normal(tall, generator=generator, dtype=float64).value)
    q = q * np.where(np.diag(r) < 0, -1.0, 1.0)  # makes the choice unique, hence uniform
    return tensor((q if rows >= columns else q.T).reshape(shape) * gain, dtype)
