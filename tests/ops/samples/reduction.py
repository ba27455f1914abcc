from __future__ import annotations

from . import Sample, bools, fixed, integers, real

NAMES = ("sum", "prod", "max", "min")

SAMPLES = [
    *[Sample(name, (real(2, 3),)) for name in NAMES],
    *[Sample(name, (real(2, 3, 4),), {"axis": (0, 2)}, note="axes") for name in NAMES],
    *[Sample(name, (real(2, 3),), {"axis": -1, "keepdims": True}, note="kept") for name in NAMES],
    *[Sample(name, (real(2, 3),), {"axis": ()}, note="no axis") for name in NAMES],
    *[Sample(name, (real(),), note="scalar") for name in NAMES],
    *[Sample(name, (real(3, 0),), {"axis": 0}, note="empty result") for name in NAMES],
    *[Sample(name, (real(3, 0),), {"axis": 1}, note="of nothing") for name in ("sum", "prod")],
    *[Sample(name, (integers(2, 3, dtype="int8"),), {"axis": 1}, note="int8") for name in NAMES],
    # So large that the kernels take their other way.
    *[
        Sample(name, (real(64, 65, 2),), {"axis": 2}, note="large")
        for name in ("sum", "max", "min")
    ],
    Sample("prod", (fixed([[1.0, 0.0, 3.0], [0.0, 0.0, 2.0]]),), {"axis": 1}, note="zeros"),
    *[Sample(name, (bools(2, 3),), {"axis": 1}) for name in ("any", "all")],
    *[Sample(name, (bools(2, 0),), {"axis": 1}, note="of nothing") for name in ("any", "all")],
]
