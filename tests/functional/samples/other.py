"""Embedding, padding, shapes."""

from __future__ import annotations

import numpy as np

from .record import f, spaced

x = spaced(3, 4)

SAMPLES = [
    f("embedding", np.array([[0, 2], [2, 1]]), x),
    f("embedding", np.array([0, 1, 1]), x, padding_idx=-1),
    f("pad", x, ((1, 2), (0, -1))),
    f("pad", x, ((1, 2), (0, 3)), mode="reflect"),
    f("pad", x, ((1, 2), (-1, 4)), mode="replicate"),
    f("pad", x, ((1, 3), (2, 0)), mode="circular"),
    f("unflatten", spaced(2, 12), 1, (3, -1)),
]
