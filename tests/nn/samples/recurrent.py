"""Recurrent cells."""

from __future__ import annotations

from tests.functional.samples import spaced

from .record import layer

x = spaced(3, 4)
h = spaced(3, 2)

SAMPLES = [
    layer("RNNCell", 4, 2, inputs=x, shape=(3, 2)),
    layer("RNNCell", 4, 2, bias=False, inputs=(x, h), shape=(3, 2)),
    layer("LSTMCell", 4, 2, inputs=(x, (h, h + 1)), shape=((3, 2), (3, 2))),
    layer("GRUCell", 4, 2, inputs=(x, h), shape=(3, 2)),
]
