"""Normalisation by a neighbourhood or by images, convolution with weights of each place."""

from __future__ import annotations

import numpy as np

from .record import f, spaced

image = spaced(2, 3, 4, 5)
kernel = spaced(3, 3, low=0.5, high=2.0)

SAMPLES = [
    f("subtractive_norm2d", image, kernel),
    f("subtractive_norm2d", spaced(1, 4, 3)),
    f("divisive_norm2d", image, kernel),
    f("divisive_norm2d", image, np.array([1, 2, 1]), threshold=1.2, thresval=1.5),
    f("contrastive_norm2d", image, kernel),
    f("mean_variance_norm", image),
    f("mean_variance_norm", image, across_channels=True, eps=0.1),
    f("mean_variance_norm", image, normalize_variance=False),
    f("locally_connected2d", spaced(2, 2, 3, 4), spaced(2, 3, 3, 2, 2, 2), spaced(3, 2, 3)),
    f("locally_connected2d", spaced(2, 3, 4), spaced(2, 2, 1, 2, 2, 3), stride=2, padding=1),
]
