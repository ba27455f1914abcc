"""Caffe's initialisers that have no name elsewhere; ``nn.init`` lists them with all others."""

from __future__ import annotations

import math

import numpy as np

from ..dtypes import DTypeLike, float32
from ..errors import ArgumentError, ShapeError
from ..graph import Shape, Tensor, tensor
from ..ops import random
from ..ops.random import Generator


def sparse_normal(
    shape: Shape, nonzero: float, mean: float = 0.0, std: float = 1.0, *,
    generator: Generator | None = None, dtype: DTypeLike = float32,
) -> Tensor:  # fmt: skip
    """Draw from N(mean, std**2), and keep each element with probability nonzero / shape[0].

    Of every column ``nonzero`` elements are kept on average, the others are 0. Raises ArgumentError
    unless 0 <= nonzero <= shape[0]. In Caffe: "gaussian" with ``sparse`` (Martens 2010).

    >>> W = nn.init.sparse_normal((100, 50), nonzero=5, mean=1.0, std=0.1)
    >>> bool((W != 0).astype("float32").mean() < 0.1)
    True
    """
    if not shape or not 0 <= nonzero <= shape[0]:
        raise ArgumentError(
            "sparse_normal", required="0 <= nonzero <= shape[0]",
            received=f"nonzero = {nonzero}, shape {shape}",
        )  # fmt: skip
    values = random.normal(shape, mean, std, generator=generator, dtype=dtype)
    share = nonzero / shape[0] if shape[0] else 0.0
    return tensor(values.value * random.bernoulli(shape, share, generator=generator).value, dtype)


def positive_unitball(
    shape: Shape, *, generator: Generator | None = None, dtype: DTypeLike = float32
) -> Tensor:
    """Draw from U(0, 1), and divide each row (the first axis) by its sum, which becomes 1.

    Raises ShapeError below 1 axis. In Caffe: "positive_unitball".

    >>> bool(abs(nn.init.positive_unitball((3, 8)).sum(1) - 1).max() < 1e-6)
    True
    """
    if not shape:
        raise ShapeError("positive_unitball", required="1 axis or more", received="shape ()")
    values = random.uniform(shape, generator=generator, dtype=dtype).value
    total = values.sum(tuple(range(1, len(shape))), keepdims=True)
    return tensor(values / np.where(total > 0, total, 1), dtype)


def bilinear(shape: Shape, *, dtype: DTypeLike = float32) -> Tensor:
    """Return the kernel of bilinear interpolation (*, *, K, K) for enlarging by f = ceil(K / 2).

    v[..., i, j] = (1 - abs(i / f - c)) * (1 - abs(j / f - c)), c = (K - 1) / (2 * f). A transposed
    convolution of stride f with one such kernel for each channel (``groups`` = channels) enlarges
    images. Raises ShapeError unless the last two of four axes are equal (Long et al. 2015).

    >>> nn.init.bilinear((1, 1, 4, 4))[0, 0, 1] * 16
    tensor([3., 9., 9., 3.])
    """
    if len(shape) != 4 or shape[2] != shape[3]:
        raise ShapeError("bilinear", required="a weight (*, *, K, K)", received=f"shape {shape}")
    factor = max(1, math.ceil(shape[3] / 2))
    centre = (shape[3] - 1) / (2 * factor)
    line = 1 - np.abs(np.arange(shape[3]) / factor - centre)
    return tensor(np.broadcast_to(np.outer(line, line), shape), dtype)
