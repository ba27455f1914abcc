"""Scales and shifts."""

from __future__ import annotations

from .record import f, spaced

image = spaced(2, 3, 4, 2)

SAMPLES = [
    f("add_bias", image, spaced(3)),
    f("add_bias", image, spaced(4, 2), axis=2),
    f("scale", image, spaced(3)),
    f("scale", image, spaced(2, 3), spaced(2, 3), axis=0),
    f("scale", image, spaced()),
]
