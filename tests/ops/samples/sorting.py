from __future__ import annotations

from . import Sample, fixed, integers, real

TIES = fixed([[2.0, 1.0, 2.0], [0.0, 0.0, 0.0]])

SAMPLES = [
    Sample("argsort", (real(3, 4),), {"axis": 1, "descending": False}),
    Sample("argsort", (real(3, 4),), {"axis": 0, "descending": True}, note="descending"),
    Sample("argsort", (integers(6, high=3),), {"axis": -1, "descending": True}, note="ties"),
    Sample("argsort", (real(2, 0),), {"axis": 1, "descending": False}, note="empty"),
    Sample("top_k", (real(3, 4),), {"k": 2, "axis": 1, "largest": True}),
    Sample("top_k", (real(3, 4),), {"k": 3, "axis": 0, "largest": False}, note="smallest"),
    Sample("top_k", (real(1),), {"k": 1, "axis": 0, "largest": True}, note="one element"),
    Sample("top_k", (real(2, 0),), {"k": 0, "axis": 1, "largest": True}, note="empty"),
    Sample("argmax", (real(3, 4),), {"axis": 1, "keepdims": False}),
    Sample("argmax", (TIES,), {"axis": -1, "keepdims": True}, note="ties"),
    Sample("argmax", (real(2, 1, 3),), {"axis": 1, "keepdims": False}, note="one element"),
    Sample("argmax", (real(0, 3),), {"axis": 1, "keepdims": False}, note="empty"),
    Sample("argmin", (real(3, 4),), {"axis": 0, "keepdims": False}),
    Sample("argmin", (TIES,), {"axis": 1, "keepdims": True}, note="ties"),
    Sample("argmin", (integers(5),), {"axis": 0, "keepdims": False}, note="integers"),
    Sample("searchsorted", (fixed([-1.0, 0.0, 0.0, 2.0]), real(2, 3)), {"side": "left"}),
    Sample("searchsorted", (fixed([0.0, 1.0, 1.0]), fixed([1.0, 0.5])), {"side": "right"},
           note="right"),
    Sample("searchsorted", (fixed([], "int64"), integers(2)), {"side": "left"}, note="empty"),
]  # fmt: skip
