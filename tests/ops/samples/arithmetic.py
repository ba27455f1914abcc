from __future__ import annotations

from . import Sample, fixed, integers, real

BINARY = ("add", "subtract", "multiply", "divide", "pow", "maximum", "minimum", "hypot")
UNARY = ("negative", "abs", "square", "sign")

SAMPLES = [
    *[Sample(name, (real(2, 3), real(2, 3))) for name in (*BINARY, "copysign")],
    *[Sample(name, (real(2, 1, 3), real(4, 1)), note="broadcast") for name in BINARY],
    *[Sample(name, (real(), real(3)), note="scalar") for name in BINARY],
    *[Sample(name, (real(0, 3), real(1, 3)), note="empty") for name in BINARY],
    *[Sample(name, (real(2, 3),)) for name in UNARY],
    *[Sample(name, (real(0),), note="empty") for name in UNARY],
    *[Sample(name, (real(),), note="scalar") for name in UNARY],
    *[
        Sample(name, (integers(6, low=-5, high=5), integers(6, low=1, high=4)), note="integers")
        for name in ("add", "subtract", "multiply", "pow", "maximum", "floor_divide", "remainder")
    ],
    Sample("pow", (fixed([2.0, 0.5]), fixed([0.0, 1.0])), note="exponent 0 and 1"),
    Sample("pow", (fixed([0.0, 0.0]), fixed([2.0, 0.0])), note="base 0", smooth=False),
    Sample("floor_divide", (real(5), fixed([0.37, -0.41, 0.7, 2.3, -1.9]))),
    Sample("remainder", (real(5), fixed([0.37, -0.41, 0.7, 2.3, -1.9]))),
    Sample("remainder", (real(2, 3), fixed([[0.23], [0.31]])), note="broadcast"),
    Sample("copysign", (real(2, 3), real(3, low=0.5, high=1.0)), note="broadcast"),
]
