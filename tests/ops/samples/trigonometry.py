from __future__ import annotations

from . import Sample, real

UNARY = (
    "sin", "cos", "tan", "asin", "acos", "atan",
    "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
)  # fmt: skip

SAMPLES = [
    *[Sample(name, (real(2, 3),)) for name in UNARY],
    *[Sample(name, (real(0, 2),), note="empty") for name in UNARY],
    *[Sample(name, (real(),), note="scalar") for name in UNARY],
    Sample("atan2", (real(2, 3), real(2, 3))),
    Sample("atan2", (real(2, 1), real(3, low=-2.0, high=-0.5)), note="broadcast"),
]
