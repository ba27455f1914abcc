"""Normalisation and norms."""

from __future__ import annotations

from .record import f, spaced

x = spaced(3, 4)

c = 3
SAMPLES = [
    f("batch_norm", spaced(4, c), None, None, spaced(c), spaced(c), training=True),
    f("batch_norm", spaced(2, c, 2, 2)),
    f("batch_norm", spaced(2, c, 4), spaced(c), spaced(c, low=0.5), spaced(c), spaced(c), eps=0.1),
    f("group_norm", spaced(2, 4, 3), 2, spaced(4), spaced(4)),
    f("instance_norm", spaced(2, c, 4), spaced(c), spaced(c)),
    f("layer_norm", spaced(2, 3, 4), (3, 4), spaced(3, 4), spaced(3, 4)),
    f("layer_norm", spaced(2, 4), 4),
    f("local_response_norm", spaced(2, 6, 2), 3, alpha=0.5, k=2.0),
    f("local_response_norm", spaced(1, 3, 2), 4, alpha=0.5, beta=0.5),
    f("local_response_norm_within", spaced(1, 2, 3, 4), 3, alpha=0.5),
    f("rms_norm", spaced(2, 4), 4, spaced(4)),
    f("normalize", x),
    f("normalize", x, p=3.0, axis=0),
    f("vector_norm", x),
    f("vector_norm", x, p=3.0, axis=1, keepdims=True, kinks=(0.0,)),
    f("vector_norm", x, p=1, axis=(0, 1), kinks=(0.0,)),
    f("vector_norm", x, p=float("inf"), axis=0, kinks=(0.0,)),
    f("cosine_similarity", x, spaced(3, 4, seed=1)),
    f("pairwise_distance", x, spaced(3, 4, seed=1, high=3.0)),
    f("pairwise_distance", x, spaced(3, 4, seed=1, high=3.0), p=1, keepdims=True),
]
