"""Small data sets made from a formula and a seed: float32 inputs, and labels or float32 values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError
from .dataset import ArrayDataset
from .randomness import generator


def spirals(n: int = 300, classes: int = 3, noise: float = 0.2, seed: int = 0) -> ArrayDataset:
    """Return points on interleaved spiral arms, one arm a class: inputs (n, 2), labels (n,).

    Arm k at radius r in 0 ... 1 has the angle ``2 pi k / classes + 4 r`` plus normal noise. From
    the Stanford course CS231n, which shows by them what a linear score function cannot do.

    >>> spirals(300)
    ArrayDataset('spirals', 300 samples, inputs (2,), 3 classes)
    """
    labels = _labels(n, classes, "spirals")
    rng = generator(seed)
    radius = rng.random(n)
    angle = 2 * np.pi * labels / classes + 4 * radius + noise * rng.standard_normal(n)
    points = radius[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return _classified(points, labels, classes, "spirals")


def blobs(
    n: int = 300, classes: int = 3, features: int = 2, noise: float = 1.0, seed: int = 0
) -> ArrayDataset:
    """Return normal clouds about random centres, one a class: inputs (n, features), labels (n,).

    The centres are uniform in -10 ... 10, ``noise`` is the standard deviation about them.

    >>> blobs(50, classes=5, features=3)
    ArrayDataset('blobs', 50 samples, inputs (3,), 5 classes)
    """
    labels = _labels(n, classes, "blobs")
    rng = generator(seed)
    centers = rng.uniform(-10, 10, (classes, features))
    points = centers[labels] + noise * rng.standard_normal((n, features))
    return _classified(points, labels, classes, "blobs")


def moons(n: int = 200, noise: float = 0.1, seed: int = 0) -> ArrayDataset:
    """Return two half circles that reach into each other: inputs (n, 2), labels (n,).

    >>> moons(100)
    ArrayDataset('moons', 100 samples, inputs (2,), 2 classes)
    """
    labels = _labels(n, 2, "moons")
    rng = generator(seed)
    angle = np.pi * rng.random(n)
    sign = 1 - 2 * labels
    circle = np.stack([labels + sign * np.cos(angle), labels / 2 + sign * np.sin(angle)], axis=1)
    return _classified(circle + noise * rng.standard_normal((n, 2)), labels, 2, "moons")


def xor(n: int = 4, noise: float = 0.0, seed: int = 0) -> ArrayDataset:
    """Return the corners of the unit square in turn, labelled a xor b: inputs (n, 2), labels (n,).

    M. Minsky, S. Papert, "Perceptrons", 1969: no line separates the two classes.

    >>> xor().inputs.tolist(), xor().targets.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    corner = _labels(n, 4, "xor")
    first, second = corner // 2, corner % 2
    points = np.stack([first, second], axis=1) + noise * generator(seed).standard_normal((n, 2))
    return _classified(points, first ^ second, 2, "xor")


def line(
    n: int = 100,
    slope: float | Sequence[float] = 2.0,
    intercept: float = 1.0,
    noise: float = 0.1,
    seed: int = 0,
) -> ArrayDataset:
    """Return y = slope . x + intercept + noise: inputs (n, F), values (n, 1).

    F is the number of slopes, 1 for a single number; x is uniform in -1 ... 1, the noise normal.

    >>> line(50, slope=(2.0, -1.0))
    ArrayDataset('line', 50 samples, inputs (2,))
    """
    slopes = np.atleast_1d(np.asarray(slope, np.float64))
    rng = generator(seed)
    x = rng.uniform(-1, 1, (_count(n, "line"), len(slopes)))
    y = x @ slopes + intercept + noise * rng.standard_normal(n)
    return ArrayDataset(x.astype(np.float32), y.astype(np.float32)[:, None], name="line")


def _count(n: int, what: str) -> int:
    if n < 1:
        raise ArgumentError(what, required="n >= 1", received=str(n))
    return n


def _labels(n: int, classes: int, what: str) -> Array:
    """Return 0, 1, ..., classes - 1, 0, 1, ...: classes of equal size, up to one sample."""
    if classes < 1:
        raise ArgumentError(what, required="classes >= 1", received=str(classes))
    return np.arange(_count(n, what)) % classes


def _classified(points: Array, labels: Array, classes: int, name: str) -> ArrayDataset:
    names = [str(k) for k in range(classes)]
    return ArrayDataset(points.astype(np.float32), labels, names, name)
