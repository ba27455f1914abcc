"""Upsampling."""

from __future__ import annotations

from tests.functional.samples import spaced

from .record import layer

line = spaced(2, 3, 5)
image = spaced(2, 2, 4, 5)

SAMPLES = [
    layer("Upsample", scale_factor=2, inputs=line, shape=(2, 3, 10)),
    layer("Upsample", size=(7, 3), mode="bicubic", inputs=image, shape=(2, 2, 7, 3)),
    layer("Upsample", scale_factor=2, mode="trilinear", align_corners=True,
          inputs=spaced(2, 1, 3, 2, 2), shape=(2, 1, 6, 4, 4)),
    layer("UpsamplingNearest2d", (5, 7), inputs=image, shape=(2, 2, 5, 7)),
    layer("UpsamplingBilinear2d", scale_factor=2, inputs=image, shape=(2, 2, 8, 10)),
]  # fmt: skip
