from __future__ import annotations

from chainrule import dtypes

from . import Sample, bools, fixed, integers, real

SAMPLES = [
    Sample("where", (bools(2, 3), real(2, 3), real(2, 3))),
    Sample("where", (bools(2, 1), real(3), real()), note="broadcast"),
    Sample("where", (bools(0), real(1), real(0)), note="empty"),
    Sample("cast", (real(2, 3),), {"dtype": dtypes.float64}),
    Sample("cast", (real(2, 3),), {"dtype": dtypes.float32}, note="float32", smooth=False),
    Sample("cast", (fixed([-1.7, -0.2, 0.9, 3.5]),), {"dtype": dtypes.int32}, note="truncates"),
    Sample("cast", (integers(5),), {"dtype": dtypes.bool}, note="bool"),
    Sample("identity", (real(2, 3),)),
    Sample("stop_gradient", (real(2, 3),)),
]
