from __future__ import annotations

from . import Sample, bools, fixed, integers, real

ORDER = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
LOGIC = ("logical_and", "logical_or", "logical_xor")
BITS = ("bitwise_and", "bitwise_or", "bitwise_xor")
SHIFTS = ("bitwise_left_shift", "bitwise_right_shift")
CLASSES = ("isnan", "isinf", "isfinite", "signbit")

SAMPLES = [
    *[Sample(name, (integers(2, 4), integers(4)), note="integers") for name in ORDER],
    *[Sample(name, (real(2, 3), real(2, 3))) for name in ORDER],
    *[Sample(name, (real(0), real(1)), note="empty") for name in ORDER],
    *[Sample(name, (bools(2, 4), bools(4))) for name in (*LOGIC, *BITS)],
    *[Sample(name, (integers(2, 4, high=64), integers(4, high=64))) for name in BITS],
    *[Sample(name, (integers(2, 4, low=-9, high=9), integers(4, high=4))) for name in SHIFTS],
    Sample("logical_not", (bools(2, 3),)),
    Sample("bitwise_invert", (bools(2, 3),), note="bools"),
    Sample("bitwise_invert", (integers(2, 3, dtype="uint8"),)),
    *[
        Sample(name, (fixed([1.0, -1.0, 0.0, float("nan"), float("inf"), -float("inf")]),))
        for name in CLASSES
    ],
]
