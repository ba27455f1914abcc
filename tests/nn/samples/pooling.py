"""Pooling."""

from __future__ import annotations

from tests.functional.samples import spaced

from .record import layer

line = spaced(2, 4, 5)
image = spaced(2, 4, 5, 4)
volume = spaced(2, 2, 4, 3, 3)

SAMPLES = [
    layer("MaxPool1d", 2, inputs=line, shape=(2, 4, 2)),
    layer("MaxPool2d", 3, 2, 1, inputs=image, shape=(2, 4, 3, 2)),
    layer("MaxPool3d", 2, ceil_mode=True, inputs=volume, shape=(2, 2, 2, 2, 2)),
    layer("AvgPool1d", 2, ceil_mode=True, inputs=line, shape=(2, 4, 3)),
    layer("AvgPool2d", 3, 2, 1, count_include_pad=False, inputs=image, shape=(2, 4, 3, 2)),
    layer("AvgPool3d", 2, inputs=volume, shape=(2, 2, 2, 1, 1)),
    layer("AdaptiveMaxPool1d", 3, inputs=line, shape=(2, 4, 3)),
    layer("AdaptiveMaxPool2d", (3, None), inputs=image, shape=(2, 4, 3, 4)),
    layer("AdaptiveMaxPool3d", 2, inputs=volume, shape=(2, 2, 2, 2, 2)),
    layer("AdaptiveAvgPool1d", 3, inputs=line, shape=(2, 4, 3)),
    layer("AdaptiveAvgPool2d", 1, inputs=image, shape=(2, 4, 1, 1)),
    layer("AdaptiveAvgPool3d", 2, inputs=volume, shape=(2, 2, 2, 2, 2)),
    layer("GlobalAvgPool", inputs=image, shape=(2, 4)),
    layer("GlobalMaxPool", inputs=image, shape=(2, 4)),
]
