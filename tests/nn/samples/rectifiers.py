"""Rectifiers that keep both signs, draw their slope, or choose the largest of several maps."""

from __future__ import annotations

from tests.functional.samples import spaced

from .record import layer, same

x = spaced(3, 4)

SAMPLES = [
    layer("CReLU", inputs=x, shape=(3, 8), kinks=(0.0,)),
    layer("CReLU", axis=-1, inputs=spaced(2, 3, 4), shape=(2, 3, 8), kinks=(0.0,)),
    same("RReLU", 0.1, 0.4, x=x, kinks=(0.0,), peer=False),
    layer("Maxout", 4, 2, 3, inputs=x, shape=(3, 2)),
    layer("Maxout", 4, 2, bias=False, inputs=spaced(2, 3, 4), shape=(2, 3, 2)),
]
