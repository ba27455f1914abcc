"""Attention."""

from __future__ import annotations

import numpy as np

from .record import f, spaced

q, k, v = spaced(2, 3, 4), spaced(2, 5, 4, seed=1), spaced(2, 5, 2, seed=2)
seen = np.array([[1, 1, 0, 0, 1], [0, 1, 1, 1, 1], [0, 0, 1, 0, 0]], bool)
nothing = seen & np.array([[True], [True], [False]])
heads, shared = spaced(1, 4, 3, 2), spaced(1, 2, 5, 2, seed=1)

SAMPLES = [
    f("scaled_dot_product_attention", q, k, v),
    f("scaled_dot_product_attention", q, k, v, is_causal=True, scale=0.3),
    f("scaled_dot_product_attention", q, k, v, seen),
    f("scaled_dot_product_attention", q, k, v, nothing),
    f("scaled_dot_product_attention", q, k, v, spaced(3, 5)),
    f("scaled_dot_product_attention", q, k, v, dropout_p=0.3, generator=0, peer=False),
    f("scaled_dot_product_attention", heads, shared, shared + 0.1, enable_gqa=True),
    f("positional_encoding", spaced(3, 5)),
    f("positional_encoding", spaced(3, 2, 4), axis=0, base=100.0),
]
