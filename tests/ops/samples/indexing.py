from __future__ import annotations

from . import Sample, fixed, integers, real

REPEATED = fixed([2, 0, 2, -1], "int64")

SAMPLES = [
    Sample("take", (real(3, 2), REPEATED), {"axis": 0}),
    Sample("take", (real(2, 3, 2), integers(2, 2, low=-3, high=3)), {"axis": 1}, note="middle"),
    Sample("take", (real(2, 3), integers(4, high=3)), {"axis": -1}, note="last"),
    Sample("take", (real(3, 2), fixed(1, "int32")), {"axis": 0}, note="one index"),
    Sample("take", (real(1), fixed([0], "int64")), {"axis": 0}, note="one element"),
    Sample("take", (real(3, 2), integers(0)), {"axis": 0}, note="no indices"),
    Sample("take", (integers(3, 2), REPEATED), {"axis": 0}, note="integers"),
    Sample("scatter", (real(4, 2), REPEATED), {"length": 3, "axis": 0}),
    Sample("scatter", (real(4), REPEATED), {"length": 3, "axis": 0}, note="vector"),
    Sample("scatter", (real(2, 2, 2, 2), integers(2, 2, low=-3, high=3)),
           {"length": 3, "axis": 1}, note="middle"),
    Sample("scatter", (real(2, 4), REPEATED), {"length": 3, "axis": -1}, note="last"),
    Sample("scatter", (real(2), fixed(1, "int64")), {"length": 3, "axis": 0}, note="one index"),
    Sample("scatter", (real(0, 2), integers(0)), {"length": 3, "axis": 0}, note="no indices"),
    Sample("scatter", (integers(4), REPEATED), {"length": 3, "axis": 0}, note="integers"),
    Sample("take_along_axis", (real(2, 3), integers(2, 4, low=-3, high=3)), {"axis": 1}),
    Sample("take_along_axis", (real(3, 2), integers(1, 2, high=3)), {"axis": 0}, note="one"),
    Sample("take_along_axis", (real(2, 3, 2), integers(2, 2, 2, high=3)), {"axis": -2},
           note="middle"),
    Sample("take_along_axis", (real(2, 3), integers(2, 0)), {"axis": 1}, note="no indices"),
    Sample("put_along_axis", (real(2, 4), integers(2, 4, low=-3, high=3)),
           {"length": 3, "axis": 1}),
    Sample("put_along_axis", (real(1, 2), integers(1, 2, high=3)), {"length": 3, "axis": 0},
           note="one"),
    Sample("put_along_axis", (real(2, 2, 2), integers(2, 2, 2, high=3)),
           {"length": 3, "axis": -2}, note="middle"),
    Sample("put_along_axis", (real(2, 0), integers(2, 0)), {"length": 3, "axis": 1},
           note="no indices"),
    Sample("flat_index", (integers(2, 3, low=-3, high=3), integers(3, high=4)),
           {"lengths": (3, 4)}),
    Sample("flat_index", (integers(2), fixed(1, "int64"), integers(3, 1, high=2)),
           {"lengths": (5, 2, 2)}, note="broadcast"),
    Sample("flat_index", (integers(0), integers(1, high=2)), {"lengths": (5, 2)}, note="empty"),
]  # fmt: skip
