from __future__ import annotations

from . import Sample, real

UNARY = ("exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "reciprocal")

SAMPLES = [
    *[Sample(name, (real(2, 3),)) for name in UNARY],
    *[Sample(name, (real(0, 2),), note="empty") for name in UNARY],
    *[Sample(name, (real(),), note="scalar") for name in UNARY],
    Sample("logaddexp", (real(2, 3), real(3))),
    Sample("logaddexp", (real(2, 1), real(2, 0)), note="empty"),
]
