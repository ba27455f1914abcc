"""VGG: convolutions of 3 x 3 in five stages, three linear layers (Simonyan and Zisserman 2014)."""

from __future__ import annotations

from .. import nn
from ..graph import Shape
from .inputs import check_images

_WIDTHS = (64, 128, 256, 512, 512)
_CONVOLUTIONS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}


def vgg11(input_shape: Shape = (3, 224, 224), classes: int = 1000) -> nn.Module:
    """VGG with 11 layers (configuration A): 132,863,336 parameters for 1000 classes."""
    return _vgg(11, input_shape, classes)


def vgg13(input_shape: Shape = (3, 224, 224), classes: int = 1000) -> nn.Module:
    """VGG with 13 layers (configuration B): 133,047,848 parameters for 1000 classes."""
    return _vgg(13, input_shape, classes)


def vgg16(input_shape: Shape = (3, 224, 224), classes: int = 1000) -> nn.Module:
    """VGG with 16 layers (configuration D): 138,357,544 parameters for 1000 classes.

    Images of 32 x 32 at least, or ShapeError.

    >>> vgg16((3, 32, 32), 10)(zeros((1, 3, 32, 32))).shape
    (1, 10)
    """
    return _vgg(16, input_shape, classes)


def vgg19(input_shape: Shape = (3, 224, 224), classes: int = 1000) -> nn.Module:
    """VGG with 19 layers (configuration E): 143,667,240 parameters for 1000 classes."""
    return _vgg(19, input_shape, classes)


def _vgg(layers: int, input_shape: Shape, classes: int) -> nn.Module:
    channels, *size = check_images(f"vgg{layers}", input_shape, 32)
    stages: dict[str, nn.Module] = {}
    for k, (width, count) in enumerate(zip(_WIDTHS, _CONVOLUTIONS[layers], strict=True), start=1):
        stages[f"stage{k}"] = _stage(channels, width, count)
        channels = width
    rows, columns = (n // 2 ** len(_WIDTHS) for n in size)
    return nn.Sequential({
        **stages,
        "flatten": nn.Flatten(),
        "fc1": nn.Sequential(nn.Linear(channels * rows * columns, 4096), nn.ReLU(), nn.Dropout()),
        "fc2": nn.Sequential(nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout()),
        "fc3": nn.Linear(4096, classes),
    })  # fmt: skip


def _stage(channels: int, width: int, count: int) -> nn.Module:
    layers: list[nn.Module] = []
    for _ in range(count):
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
        channels = width
    return nn.Sequential(*layers, nn.MaxPool2d(2))
