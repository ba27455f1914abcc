"""Layers that compare the input with learned vectors."""

from __future__ import annotations

from tests.functional.samples import spaced

from .record import layer

x = spaced(3, 4)

SAMPLES = [
    layer("Cosine", 4, 2, inputs=x, shape=(3, 2)),
    layer("Euclidean", 4, 2, inputs=x, shape=(3, 2)),
    layer("Euclidean", 4, 2, inputs=spaced(2, 3, 4), shape=(2, 3, 2)),
    layer("Kmeans", 2, 4, inputs=x, shape=(3,)),
    layer("WeightedEuclidean", 4, 2, inputs=x, shape=(3, 2)),
]
