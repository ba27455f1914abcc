from __future__ import annotations

from . import Sample, fixed, integers, real

ZEROS = fixed([[2.0, 0.0, 3.0, 0.5], [0.0, 0.0, 1.5, 2.0]])

SAMPLES = [
    Sample("cumulative_sum", (real(3, 4),), {"axis": 1, "reverse": False}),
    Sample("cumulative_sum", (real(3, 4),), {"axis": -2, "reverse": True}, note="reverse"),
    Sample("cumulative_sum", (real(0, 3),), {"axis": 0, "reverse": False}, note="empty"),
    Sample("cumulative_sum", (integers(5, dtype="int32"),), {"axis": 0, "reverse": True},
           note="integers"),
    Sample("cumulative_prod", (real(3, 4),), {"axis": 1}),
    Sample("cumulative_prod", (ZEROS,), {"axis": -1}, note="zeros"),
    Sample("cumulative_prod", (real(1),), {"axis": 0}, note="one element"),
    Sample("cumulative_prod", (real(2, 0),), {"axis": 1}, note="empty"),
    Sample("cumulative_prod", (integers(4),), {"axis": 0}, note="integers"),
    Sample("linear_recurrence", (real(3, 4), real(3, 4)), {"axis": 1, "reverse": False}),
    Sample("linear_recurrence", (real(3, 2), real(3, 2)), {"axis": -2, "reverse": True},
           note="reverse"),
    Sample("linear_recurrence", (real(0, 2), real(0, 2)), {"axis": 0, "reverse": False},
           note="empty"),
    Sample("record_positions", (real(3, 4),), {"axis": 1, "largest": True}),
    Sample("record_positions", (integers(2, 5, high=3),), {"axis": -1, "largest": False},
           note="ties"),
    Sample("record_positions", (real(2, 0),), {"axis": 1, "largest": True}, note="empty"),
]  # fmt: skip
