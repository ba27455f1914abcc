"""What lets values pass; a reversal by -1 is the identity, and its derivative can be checked."""

from __future__ import annotations

from .record import f, spaced

x = spaced(3, 4)

SAMPLES = [
    f("gradient_reversal", x, scale=-1.0),
    f("white_noise", x, mean=0.5, std=2.0, generator=3),
    f("white_noise", x, mean=0.5, training=False),
]
