"""Convolutions."""

from __future__ import annotations

from tests.functional.samples import spaced

from .record import layer

line = spaced(2, 4, 5)
image = spaced(2, 4, 5, 4)
volume = spaced(2, 2, 4, 3, 3)

SAMPLES = [
    layer("Conv1d", 4, 6, 3, padding="same", groups=2, inputs=line, shape=(2, 6, 5)),
    layer("Conv1d", 4, 2, 3, padding=2, padding_mode="reflect", inputs=line, shape=(2, 2, 7)),
    layer("Conv2d", 4, 2, (2, 3), stride=(2, 1), padding=1, inputs=image, shape=(2, 2, 3, 4)),
    layer("Conv2d", 4, 2, 3, padding="same", bias=False, padding_mode="circular", inputs=image,
          shape=(2, 2, 5, 4)),
    layer("Conv3d", 2, 3, 2, dilation=(2, 1, 1), inputs=volume, shape=(2, 3, 2, 2, 2)),
    layer("ConvTranspose1d", 4, 2, 3, stride=2, output_padding=1, inputs=line, shape=(2, 2, 12)),
    layer("ConvTranspose2d", 4, 2, 2, stride=2, padding=1, groups=2, inputs=image,
          shape=(2, 2, 8, 6)),
    layer("ConvTranspose3d", 2, 1, 2, bias=False, inputs=volume, shape=(2, 1, 5, 4, 4)),
]  # fmt: skip
