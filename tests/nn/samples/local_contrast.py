"""Normalisation by a neighbourhood or by images."""

from __future__ import annotations

import numpy as np
from tests.functional.samples import spaced

from .record import same

image = spaced(2, 3, 5, 4)
kernel = np.array([[1.0, 2.0, 1.0], [2.0, 4.0, 3.0], [1.0, 2.0, 1.0]])

SAMPLES = [
    same("SubtractiveNorm2d", kernel, x=image),
    same("SubtractiveNorm2d", x=image),
    same("DivisiveNorm2d", kernel, threshold=0.7, x=image),
    same("ContrastiveNorm2d", kernel[1], x=image),
    same("MVN", eps=1e-15, x=image, peer=lambda torch: torch.nn.InstanceNorm2d(3, eps=0)),
    same("MVN", across_channels=True, eps=0.1, x=spaced(2, 3, 5)),
    # PyTorch's CrossMapLRN2d does not drop channel 0 from the window of channel (size + 1) / 2.
    same("CrossMapLRN2d", 3, 0.5, x=image, peer=lambda torch: torch.nn.LocalResponseNorm(3, 0.5)),
]
