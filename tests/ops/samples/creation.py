from __future__ import annotations

from . import Sample, fixed, integers

SAMPLES = [
    Sample("one_hot", (integers(4),), {"num_classes": 5}),
    Sample("one_hot", (integers(2, 3, high=2),), {"num_classes": 2}, note="matrix"),
    Sample("one_hot", (fixed(1, "int32"),), {"num_classes": 3}, note="scalar"),
    Sample("one_hot", (integers(0),), {"num_classes": 3}, note="empty"),
]
