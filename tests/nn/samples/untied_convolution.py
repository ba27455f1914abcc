"""Convolutions that share fewer weights, or connect fewer channels."""

from __future__ import annotations

from tests.functional.samples import spaced

from chainrule import nn

from .record import layer

image = spaced(2, 3, 5, 4)
table = [(0, 0), (2, 0), (1, 1), (2, 1), (0, 1), (1, 3), (2, 2)]

SAMPLES = [
    layer("LocallyConnected2d", 3, 2, (5, 4), (3, 2), stride=2, padding=1, inputs=image,
          shape=(2, 2, 3, 3)),
    layer("LocallyConnected2d", 3, 1, (5, 4), 4, bias=False, inputs=image, shape=(2, 1, 2, 1)),
    layer("MappedConv2d", table, (3, 2), stride=2, inputs=image, shape=(2, 4, 2, 2)),
    layer("MappedConv2d", nn.connections.one_to_one(3), 3, padding=1, bias=False, inputs=image,
          shape=(2, 3, 5, 4)),
    layer("MappedConvTranspose2d", table, 2, stride=2, inputs=image, shape=(2, 4, 10, 8)),
]  # fmt: skip
