"""Sequences in one array."""

from __future__ import annotations

import numpy as np

from .record import f, spaced

SAMPLES = [
    f("pad_sequence", [spaced(2, 3), spaced(4, 3), spaced(0, 3)]),
    f("pad_sequence", [spaced(2), spaced(1)], batch_first=True, padding_value=0.5),
    f("unpad_sequence", spaced(4, 2, 3), [3, 1]),
    f("unpad_sequence", spaced(2, 4), [3, 1], batch_first=True),
    f("sequence_mask", np.array([3, 0, 1]), max_length=3),
]
