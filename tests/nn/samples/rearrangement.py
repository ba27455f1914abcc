"""Pixels and channels, windows and columns, padding."""

from __future__ import annotations

from tests.functional.samples import spaced

from .record import layer, same

line = spaced(2, 3, 5)
image = spaced(2, 3, 5, 4)
volume = spaced(2, 2, 4, 3, 5)
MODES = ("Circular", "Reflection", "Replication", "Zero")

SAMPLES = [
    layer("PixelShuffle", 2, inputs=spaced(2, 8, 2, 3), shape=(2, 2, 4, 6)),
    layer("PixelUnshuffle", 2, inputs=spaced(2, 2, 4, 6), shape=(2, 8, 2, 3)),
    same("ChannelShuffle", 3, x=spaced(2, 6, 2, 1)),
    layer("Unfold", (2, 3), stride=2, padding=1, inputs=image, shape=(2, 18, 6)),
    layer("Fold", (4, 5), (2, 3), padding=(1, 0), inputs=spaced(2, 12, 15), shape=(2, 2, 4, 5)),
    *[layer(f"{mode}Pad1d", (2, -1), inputs=line, shape=(2, 3, 6)) for mode in MODES],
    *[layer(f"{mode}Pad1d", 1, inputs=line, shape=(2, 3, 7)) for mode in MODES],
    *[layer(f"{mode}Pad2d", (1, 2, 3, 0), inputs=image, shape=(2, 3, 8, 7)) for mode in MODES],
    *[layer(f"{mode}Pad3d", (1, 2, 0, 2, 3, 1), inputs=volume, shape=(2, 2, 8, 5, 8))
      for mode in MODES],
    layer("ConstantPad1d", (2, -1), 3.5, inputs=line, shape=(2, 3, 6)),
    layer("ConstantPad2d", 1, 3.5, inputs=image, shape=(2, 3, 7, 6)),
    layer("ConstantPad3d", (1, 2, 0, 2, 3, 1), 3.5, inputs=volume, shape=(2, 2, 8, 5, 8)),
]  # fmt: skip
