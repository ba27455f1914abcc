from __future__ import annotations

from . import Sample, integers, real

SAMPLES = [
    Sample("pad", (real(2, 3),), {"padding": ((1, 0), (2, 3))}),
    Sample("pad", (real(3, 4),), {"padding": ((-1, 2), (-1, -2))}, note="crop"),
    Sample("pad", (real(2, 3),), {"padding": ((-3, 5), (0, 0))}, note="crop all"),
    Sample("pad", (real(0, 3),), {"padding": ((1, 1), (0, 0))}, note="empty"),
    Sample("pad", (integers(3),), {"padding": ((1, 2),)}, note="integers"),
    Sample("pad", (real(2, 3),), {"padding": ((1, 0), (2, -1)), "value": 2.5}, note="value"),
    Sample("pad", (integers(3),), {"padding": ((1, 2),), "value": -7}, note="integer value"),
    Sample("concat", (real(2, 3), real(2, 1), real(2, 2)), {"axis": 1}),
    Sample("concat", (real(2, 3), real(1, 3)), {"axis": -2}, note="negative"),
    Sample("concat", (real(2, 3),), {"axis": 0}, note="single"),
    Sample("concat", (real(0, 3), real(2, 3)), {"axis": 0}, note="empty"),
]
