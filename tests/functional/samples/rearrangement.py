"""Pixels and channels, windows and columns, padding that crops."""

from __future__ import annotations

from .record import f, spaced

x = spaced(3, 6)

SAMPLES = [
    f("pixel_shuffle", spaced(2, 8, 2, 3), 2),
    f("pixel_shuffle", spaced(9, 1, 2), 3),
    f("pixel_unshuffle", spaced(2, 2, 4, 6), 2),
    f("channel_shuffle", spaced(2, 6, 2, 1), 3),
    f("unfold", spaced(2, 3, 4, 5), (2, 3), padding=1, stride=(1, 2)),
    f("unfold", spaced(2, 5, 6), 2, dilation=(2, 3), padding=(0, 1)),
    f("unfold", spaced(2, 3, 7), (3,), stride=2, peer=False),
    f("fold", spaced(2, 12, 15), (4, 5), (2, 3), padding=(1, 0)),
    f("fold", spaced(8, 9), (5, 6), 2, dilation=(2, 3), stride=(1, 2), padding=(0, 1)),
    f("pad", x, ((1, 2), (-1, 4)), mode="reflect"),
    f("pad", x, ((0, -1), (2, -2)), mode="replicate"),
    f("pad", x, ((-1, 0), (-2, 3)), mode="circular"),
]
