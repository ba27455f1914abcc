"""Softmax and its relatives."""

from __future__ import annotations

from tests.functional.samples import spaced

from .record import same

x = spaced(3, 4)

SAMPLES = [
    same("LogSoftmax", x=x),
    same("Softmax", axis=1, x=x),
    same("Softmax2d", x=spaced(2, 3, 2, 2)),
    same("Softmin", x=x),
]
