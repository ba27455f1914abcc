"""Scales and shifts."""

from __future__ import annotations

from tests.functional.samples import spaced

from .record import same

x = spaced(3, 4)
image = spaced(2, 4, 5, 3)

SAMPLES = [
    same("Bias", 4, x=x),
    same("Bias", (5, 3), axis=2, x=image),
    same("Scale", 4, x=x),
    same("Scale", 4, bias=True, x=image),
    same("Scale", (4, 5), axis=-3, bias=True, x=image),
    same("Scale", (), x=image),
]
