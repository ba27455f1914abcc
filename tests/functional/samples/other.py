"""Embedding, padding, shapes."""

from __future__ import annotations

import numpy as np

from .record import f, spaced

x = spaced(3, 4)
bags = np.array([[0, 2, 2], [1, 1, 0]])
line, offsets = np.array([2, 0, 1, 2, 2]), np.array([0, 1, 1])

SAMPLES = [
    f("embedding", np.array([[0, 2], [2, 1]]), x),
    f("embedding", np.array([0, 1, 1]), x, padding_idx=-1),
    f("embedding", np.array([0, 2, 1]), x, scale_grad_by_freq=True),
    f("embedding_bag", bags, x),
    f("embedding_bag", bags, x, None, spaced(2, 3), mode="sum", padding_idx=-1),
    f("embedding_bag", bags, x, mode="max"),
    f("embedding_bag", line, x, offsets, spaced(5), mode="sum"),
    f("embedding_bag", line, x, offsets, padding_idx=2),
    f("embedding_bag", line, x, np.array([0, 1, 5]), include_last_offset=True),
    f("embedding_bag", line, x, offsets, mode="max", padding_idx=1),
    f("pad", x, ((1, 2), (0, -1))),
    f("pad", x, ((1, 2), (0, 3)), mode="reflect"),
    f("pad", x, ((1, 2), (-1, 4)), mode="replicate"),
    f("pad", x, ((1, 3), (2, 0)), mode="circular"),
    f("unflatten", spaced(2, 12), 1, (3, -1)),
]
