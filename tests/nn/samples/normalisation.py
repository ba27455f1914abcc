"""Normalisation and norms."""

from __future__ import annotations

from tests.functional.samples import spaced

from .record import same

x = spaced(3, 4)
line = spaced(2, 4, 5)
image = spaced(2, 4, 5, 4)
volume = spaced(2, 2, 4, 3, 3)

SAMPLES = [
    same("BatchNorm1d", 4, x=spaced(5, 4)),
    same("BatchNorm1d", 4, affine=False, x=line),
    same("BatchNorm2d", 4, momentum=None, x=image),
    same("BatchNorm3d", 2, track_running_stats=False, x=volume, batched=False),
    same("GroupNorm", 2, 4, x=line),
    same("GroupNorm", 2, 4, affine=False, x=x),
    same("InstanceNorm1d", 4, x=line),
    same("InstanceNorm2d", 4, affine=True, x=image),
    same("InstanceNorm3d", 2, x=volume),
    same("LayerNorm", 4, x=x),
    same("LayerNorm", (5, 4), bias=False, x=image),
    same("LayerNorm", 4, elementwise_affine=False, x=x),
    same("LocalResponseNorm", 3, 0.5, x=line),
    same("LocalResponseNormWithin", 3, 0.5, x=image),
    same("RMSNorm", 4, x=x),
    same("RMSNorm", (5, 4), 0.1, elementwise_affine=False, x=image),
]
