"""What lets values pass; a reversal by -1 is the identity, and its derivative can be checked."""

from __future__ import annotations

from tests.functional.samples import spaced

from .record import same

x = spaced(3, 4)

SAMPLES = [
    same("GradientReversal", scale=-1.0, x=x),
    same("WhiteNoise", 0.5, 0.3, x=x),
]
