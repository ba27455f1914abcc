"""ResNet-9: a small residual network for small images, trained in minutes on a CPU."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from .. import nn
from ..dtypes import Array
from ..graph import Shape, Tensor
from ..ops import flip
from .inputs import check_images


def resnet9(input_shape: Shape = (3, 32, 32), classes: int = 10, width: int = 32) -> nn.Module:
    """Eight convolutions of 3 x 3, two ways around pairs of them, one linear layer.

    All strides are 1, and poolings halve the image, so that every convolution but the first can
    save multiplications. The first one begins with cosines, as a JPEG does, instead of noise:
    they tell apart what neighbouring pixels have in common. The scores are scaled down, which lets
    the rate be high for the convolutions and low for the last layer. In evaluation the scores of
    an image in colour are the mean of its own and its mirror image's. Images of 16 x 16 at least,
    or ShapeError. The plan is that of D. Page's network for DAWNBench (2018).

    >>> resnet9((3, 32, 32), 10).num_parameters()
    2015008
    """
    channels, *_ = check_images("resnet9", input_shape, 16)
    w1, w2, w3 = width, 2 * width, 8 * width
    return _FromBothSides({
        "stem": _stem(channels, w1),
        "stage1": nn.Sequential(_conv(w1, w2, halve=True), _residual(w2)),
        "stage2": _conv(w2, w3, halve=True),
        "stage3": nn.Sequential(_conv(w3, w3, halve=True), _residual(w3)),
        "pool": nn.GlobalMaxPool(),
        "fc": nn.Linear(w3, classes, bias=False),
        "scale": _Scale(0.125),
    })  # fmt: skip


class _FromBothSides(nn.Sequential):
    """Modules in order; in evaluation, of three channels, the mean for an image and its mirror's.

    Digits and letters have a side, photographs seldom have one.
    """

    def forward(self, x: Any) -> Any:
        """Give scores."""
        scores = super().forward(x)
        if self.training or x.shape[1] != 3:
            return scores
        return (scores + super().forward(flip(x, axis=3))) * 0.5


def _scale(x: Tensor, *, factor: float) -> Tensor:
    return x * factor


class _Scale(nn.FunctionLayer, function=_scale):
    """A constant times the input."""

    factor: float


def _residual(width: int) -> nn.Module:
    return nn.Residual(nn.Sequential(_conv(width, width), _conv(width, width)))


def _conv(channels: int, width: int, halve: bool = False) -> nn.Sequential:
    convolution = nn.Conv2d(channels, width, 3, padding=1, bias=False)
    convolution.weight.assign(nn.init.kaiming_normal(convolution.weight.shape))
    pool = [nn.MaxPool2d(2)] if halve else []  # first: a quarter is left to be normalised
    return nn.Sequential(convolution, *pool, nn.BatchNorm2d(width), nn.ReLU())


def _stem(channels: int, width: int) -> nn.Module:
    """Return the first layer: cosines and their negatives, as many as it has room for."""
    layer = _conv(channels, width)
    filters = _cosines(channels)[: width // 2]
    weight = layer[0].weight
    rest = weight.numpy()[2 * len(filters) :]
    weight.assign(np.concatenate([filters, -filters, rest]).astype(rest.dtype))
    return layer


def _cosines(channels: int) -> Array:
    """Return the basis of the discrete cosine transform of (channels, 3, 3), slow ones first.

    A difference of colours counts as much as one of two waves along an axis.
    """
    colours, waves = _basis(channels), _basis(3)
    order = sorted(
        product(range(channels), range(3), range(3)),
        key=lambda k: k[1] ** 2 + k[2] ** 2 + (4 if k[0] else 0),
    )
    return np.stack([np.einsum("c,i,j", colours[k], waves[u], waves[v]) for k, u, v in order])


def _basis(n: int) -> Array:
    """Return the orthonormal cosines (DCT-II) of n numbers, one a row."""
    k, at = np.arange(n)[:, None], np.arange(n)
    cosines = np.cos(np.pi * (2 * at + 1) * k / (2 * n))
    basis: Array = cosines / np.linalg.norm(cosines, axis=1, keepdims=True)
    return basis
