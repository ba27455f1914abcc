"""Recurrent cells."""

from __future__ import annotations

from .record import f, spaced

x = spaced(3, 4)

h = spaced(3, 2)
SAMPLES = [
    f("rnn_cell", x, h, spaced(2, 4), spaced(2, 2)),
    f("rnn_cell", x, h, spaced(2, 4), spaced(2, 2), spaced(2), spaced(2), nonlinearity="relu"),
    f("lstm_cell", x, (h, spaced(3, 2, seed=1)), spaced(8, 4), spaced(8, 2), spaced(8), spaced(8)),
    f("gru_cell", x, h, spaced(6, 4), spaced(6, 2), spaced(6), spaced(6, seed=1)),
]
