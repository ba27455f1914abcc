from __future__ import annotations

from . import Sample, fixed, integers, real

NAMES = ("floor", "ceil", "round", "trunc")

SAMPLES = [
    *[Sample(name, (real(2, 3),)) for name in NAMES],
    *[Sample(name, (real(0),), note="empty") for name in NAMES],
    *[Sample(name, (integers(4, low=-3, high=4),), note="integers") for name in NAMES],
    Sample("round", (fixed([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]),), note="halves", smooth=False),
]
