"""Dropout."""

from __future__ import annotations

from tests.functional.samples import spaced

from .record import same

x = spaced(3, 4)
line = spaced(2, 4, 5)
image = spaced(2, 4, 5, 4)
volume = spaced(2, 2, 4, 3, 3)

SAMPLES = [
    same("Dropout", 0.3, x=x, peer=False),
    same("Dropout1d", x=line, peer=False),
    same("Dropout2d", x=image, peer=False),
    same("Dropout3d", x=volume, peer=False),
    same("AlphaDropout", 0.3, x=x, peer=False),
    same("FeatureAlphaDropout", 0.3, x=image, peer=False),
]
