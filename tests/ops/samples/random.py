from __future__ import annotations

from . import Sample, fixed

KEY, START = fixed([7, 9], "uint32"), fixed(0, "uint64")

SAMPLES = [
    Sample("random_bits", (KEY, START), {"shape": (2, 3)}),
    Sample("random_bits", (KEY, fixed(2**33 + 3, "uint64")), {"shape": (5,)}, note="far"),
    Sample("random_bits", (KEY, START), {"shape": ()}, note="scalar"),
    Sample("random_bits", (KEY, START), {"shape": (0, 2)}, note="empty"),
]
