"""GoogLeNet: nine inception modules (Szegedy et al. 2014)."""

from __future__ import annotations

from typing import NamedTuple

from .. import nn
from ..graph import Shape
from .inputs import check_images


class Widths(NamedTuple):
    """Channels of an inception module's branches; the reductions are 1 x 1 convolutions."""

    one: int
    reduce3: int
    three: int
    reduce5: int
    five: int
    pool: int

    @property
    def total(self) -> int:
        """Channels of the joined branches."""
        return self.one + self.three + self.five + self.pool


_MODULES = {
    "inception_3a": Widths(64, 96, 128, 16, 32, 32),
    "inception_3b": Widths(128, 128, 192, 32, 96, 64),
    "pool3": None,
    "inception_4a": Widths(192, 96, 208, 16, 48, 64),
    "inception_4b": Widths(160, 112, 224, 24, 64, 64),
    "inception_4c": Widths(128, 128, 256, 24, 64, 64),
    "inception_4d": Widths(112, 144, 288, 32, 64, 64),
    "inception_4e": Widths(256, 160, 320, 32, 128, 128),
    "pool4": None,
    "inception_5a": Widths(256, 160, 320, 32, 128, 128),
    "inception_5b": Widths(384, 192, 384, 48, 128, 128),
}


def googlenet(input_shape: Shape = (3, 224, 224), classes: int = 1000) -> nn.Module:
    """GoogLeNet as it was published, with response normalisation, without auxiliary classifiers.

    6,998,552 parameters for 1000 classes; images of 47 x 47 at least, or ShapeError.

    >>> googlenet((3, 47, 47), 10)(zeros((1, 3, 47, 47))).shape
    (1, 10)
    """
    channels, *_ = check_images("googlenet", input_shape, 47)
    layers: dict[str, nn.Module] = {
        "conv1": _conv(channels, 64, 7, stride=2),
        "pool1": _pool(),
        "norm1": _norm(),
        "conv2": _reduced(64, 64, 192, 3),
        "norm2": _norm(),
        "pool2": _pool(),
    }
    channels = 192
    for name, widths in _MODULES.items():
        layers[name] = _pool() if widths is None else inception(channels, widths)
        channels = channels if widths is None else widths.total
    return nn.Sequential({
        **layers,
        "pool5": nn.GlobalAvgPool(),
        "dropout": nn.Dropout(0.4),
        "fc": nn.Linear(channels, classes),
    })  # fmt: skip


def inception(channels: int, widths: Widths) -> nn.Module:
    """Four branches on the same input, joined: 1 x 1, 3 x 3, 5 x 5, and pooling with 1 x 1.

    >>> inception(192, Widths(64, 96, 128, 16, 32, 32))(zeros((1, 192, 4, 4))).shape
    (1, 256, 4, 4)
    """
    return nn.Concat({
        "one": _conv(channels, widths.one, 1),
        "three": _reduced(channels, widths.reduce3, widths.three, 3),
        "five": _reduced(channels, widths.reduce5, widths.five, 5),
        "pool": nn.Sequential(
            {"pool": nn.MaxPool2d(3, 1, 1), "project": _conv(channels, widths.pool, 1)}
        ),
    })  # fmt: skip


def _reduced(channels: int, reduced: int, width: int, kernel: int) -> nn.Module:
    """Fewer channels in front of a larger convolution."""
    return nn.Sequential(
        {"reduce": _conv(channels, reduced, 1), "conv": _conv(reduced, width, kernel)}
    )


def _conv(channels: int, width: int, kernel: int, stride: int = 1) -> nn.Module:
    convolution = nn.Conv2d(channels, width, kernel, stride=stride, padding=kernel // 2)
    convolution.weight.assign(nn.init.kaiming_normal(convolution.weight.shape))
    return nn.Sequential(convolution, nn.ReLU())


def _pool() -> nn.Module:
    return nn.MaxPool2d(3, 2, ceil_mode=True)


def _norm() -> nn.Module:
    return nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1.0)
