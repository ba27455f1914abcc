"""Dropout."""

from __future__ import annotations

from .record import f, spaced

x = spaced(3, 4)

SAMPLES = [
    f("alpha_dropout", x, 0.3, generator=3, peer=False),
    f("feature_alpha_dropout", spaced(2, 3, 2), 0.3, generator=3, peer=False),
    f("dropout", x, 0.3, generator=3, peer=False),
    f("dropout", x, training=False, peer=False),
    f("dropout1d", spaced(2, 4, 3), 0.5, generator=3, peer=False),
    f("dropout2d", spaced(4, 3, 2), 0.5, generator=3, peer=False),
    f("dropout3d", spaced(2, 4, 1, 3, 1), 0.5, generator=3, peer=False),
]
