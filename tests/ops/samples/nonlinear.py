from __future__ import annotations

from . import Sample, integers, real

SAMPLES = [
    *[Sample(name, (real(2, 3),)) for name in ("erf", "sigmoid", "relu")],
    *[Sample(name, (real(0, 2),), note="empty") for name in ("erf", "sigmoid", "relu")],
    Sample("erf", (real(7, low=-5.0, high=5.0),), note="tails"),
    Sample("sigmoid", (real(7, low=-30.0, high=30.0),), note="tails"),
    Sample("relu", (integers(5, low=-3, high=4),), note="integers"),
]
