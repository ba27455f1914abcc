from __future__ import annotations

from . import Sample, integers, real

SLICES = ((1, 2, 2), (3, 4, -1), (0, 0, 1))

SAMPLES = [
    Sample("reshape", (real(2, 3, 4),), {"shape": (4, 6)}),
    Sample("reshape", (real(2, 3),), {"shape": (-1,)}, note="flat"),
    Sample("reshape", (real(1, 1),), {"shape": ()}, note="to scalar"),
    Sample("reshape", (real(0, 3),), {"shape": (3, 0, 2)}, note="empty"),
    Sample("permute_dims", (real(2, 3, 4),), {"axes": (2, 0, 1)}),
    Sample("permute_dims", (real(2, 3),), {"axes": (-1, 0)}, note="negative"),
    Sample("permute_dims", (real(),), {"axes": ()}, note="scalar"),
    Sample("broadcast_to", (real(3, 1),), {"shape": (2, 3, 4)}),
    Sample("broadcast_to", (real(),), {"shape": (2, 3)}, note="scalar"),
    Sample("broadcast_to", (real(1),), {"shape": (0,)}, note="empty"),
    Sample("broadcast_to", (integers(1, 3),), {"shape": (2, 3)}, note="integers"),
    Sample("slice", (real(4, 5),), {"slices": ((1, 2, 2), (4, 3, -2))}),
    Sample("slice", (real(4, 5),), {"slices": ((0, 4, 1), (3, 1, 1))}, note="one element"),
    Sample("slice", (real(4, 5),), {"slices": ((0, 4, 1), (2, 0, 1))}, note="empty"),
    Sample("unslice", (real(2, 3),), {"shape": (4, 5), "slices": ((1, 2, 2), (4, 3, -2))}),
    Sample("unslice", (real(2, 0),), {"shape": (2, 5), "slices": ((0, 2, 1), (0, 0, 1))},
           note="empty"),
]  # fmt: skip
