"""Pooling by powers, random windows, random elements, pyramids, the k largest; unpooling."""

from __future__ import annotations

import numpy as np
from tests.functional.samples import spaced

from .record import layer

line = spaced(2, 4, 5)
image = spaced(2, 4, 5, 4)
positive = spaced(2, 4, 5, 4, low=0.1)
volume = spaced(2, 2, 4, 3, 3)
indices = np.array([[[[0, 2], [9, 11]]], [[[1, 6], [8, 15]]]])


SAMPLES = [
    layer("LPPool1d", 2, 2, inputs=line, shape=(2, 4, 2)),
    layer("LPPool2d", 2, (3, 2), stride=2, inputs=image, shape=(2, 4, 2, 2)),
    layer("LPPool3d", 3.0, 2, stride=1, inputs=spaced(2, 2, 4, 3, 3, low=0.1),
          shape=(2, 2, 3, 2, 2)),
    layer("FeatureLPPool", 2, 1, inputs=image, shape=(2, 3, 5, 4)),
    layer("FractionalMaxPool2d", 2, output_size=(3, 2), random_samples=0.3, inputs=image,
          shape=(2, 4, 3, 2), peer=False),
    layer("FractionalMaxPool3d", 2, output_ratio=0.7, random_samples=0.3, inputs=volume,
          shape=(2, 2, 2, 2, 2), peer=False),
    layer("StochasticPool2d", 2, inputs=positive, shape=(2, 4, 2, 2)),
    layer("SpatialPyramidPool", 2, inputs=image, shape=(2, 20)),
    layer("KMaxPool1d", 2, inputs=line, shape=(2, 4, 2)),
    layer("SubSampling1d", 4, 2, inputs=line, shape=(2, 4, 2)),
    layer("SubSampling2d", 4, 2, 1, inputs=image, shape=(2, 4, 4, 3)),
    layer("MaxUnpool1d", 2, inputs=(spaced(2, 1, 2), np.array([[[0, 3]], [[1, 2]]])),
          shape=(2, 1, 4)),
    layer("MaxUnpool2d", 2, inputs=(spaced(2, 1, 2, 2), indices), shape=(2, 1, 4, 4)),
    layer("MaxUnpool3d", (1, 2, 2), inputs=(spaced(2, 1, 1, 2, 2), indices[:, :, None]),
          shape=(2, 1, 1, 4, 4)),
]  # fmt: skip
