"""Residual networks (He, Zhang, Ren and Sun 2015)."""

from __future__ import annotations

from collections.abc import Callable

from .. import nn
from ..graph import Shape
from .inputs import check_images

Block = Callable[[int, int, int], nn.Module]  # of channels, width and stride


def resnet18(input_shape: Shape = (3, 224, 224), classes: int = 1000) -> nn.Module:
    """ResNet with 18 layers: 11,689,512 parameters for 1000 classes.

    Images of less than 64 x 64, as CIFAR's, get a stem of 3 x 3 without stride and pooling.

    >>> resnet18((3, 32, 32), 10).num_parameters()
    11173962
    """
    return _resnet("resnet18", _basic, 1, (2, 2, 2, 2), input_shape, classes)


def resnet34(input_shape: Shape = (3, 224, 224), classes: int = 1000) -> nn.Module:
    """ResNet with 34 layers: 21,797,672 parameters for 1000 classes."""
    return _resnet("resnet34", _basic, 1, (3, 4, 6, 3), input_shape, classes)


def resnet50(input_shape: Shape = (3, 224, 224), classes: int = 1000) -> nn.Module:
    """ResNet with 50 layers: 25,557,032 parameters for 1000 classes; strides in the 3 x 3."""
    return _resnet("resnet50", _bottleneck, 4, (3, 4, 6, 3), input_shape, classes)


def resnet101(input_shape: Shape = (3, 224, 224), classes: int = 1000) -> nn.Module:
    """ResNet with 101 layers: 44,549,160 parameters for 1000 classes."""
    return _resnet("resnet101", _bottleneck, 4, (3, 4, 23, 3), input_shape, classes)


def resnet152(input_shape: Shape = (3, 224, 224), classes: int = 1000) -> nn.Module:
    """ResNet with 152 layers: 60,192,808 parameters for 1000 classes."""
    return _resnet("resnet152", _bottleneck, 4, (3, 8, 36, 3), input_shape, classes)


def _resnet(
    name: str, block: Block, expansion: int, blocks: tuple[int, ...], input_shape: Shape,
    classes: int,
) -> nn.Module:  # fmt: skip
    inputs, *size = check_images(name, input_shape, 8)
    small = min(size) < 64
    stem = [_conv(inputs, 64, 3 if small else 7, 1 if small else 2), nn.ReLU()]
    layers: dict[str, nn.Module] = {
        "stem": nn.Sequential(*stem, *([] if small else [nn.MaxPool2d(3, 2, 1)]))
    }
    channels = 64
    for k, count in enumerate(blocks):
        width = 64 << k
        stage = []
        for b in range(count):
            stage.append(block(channels, width, 2 if k and not b else 1))
            channels = width * expansion
        layers[f"stage{k + 1}"] = nn.Sequential(*stage)
    layers |= {"pool": nn.GlobalAvgPool(), "fc": nn.Linear(channels, classes)}
    return nn.Sequential(layers)


def _basic(channels: int, width: int, stride: int) -> nn.Module:
    body = nn.Sequential(_conv(channels, width, 3, stride), nn.ReLU(), _conv(width, width, 3))
    return _block(body, channels, width, stride)


def _bottleneck(channels: int, width: int, stride: int) -> nn.Module:
    body = nn.Sequential(
        _conv(channels, width, 1), nn.ReLU(), _conv(width, width, 3, stride), nn.ReLU(),
        _conv(width, 4 * width, 1),
    )  # fmt: skip
    return _block(body, channels, 4 * width, stride)


def _block(body: nn.Module, channels: int, width: int, stride: int) -> nn.Module:
    same = channels == width and stride == 1
    shortcut = None if same else _conv(channels, width, 1, stride)
    return nn.Sequential(nn.Residual(body, shortcut), nn.ReLU())


def _conv(channels: int, width: int, kernel: int, stride: int = 1) -> nn.Module:
    convolution = nn.Conv2d(channels, width, kernel, stride=stride, padding=kernel // 2, bias=False)
    convolution.weight.assign(nn.init.kaiming_normal(convolution.weight.shape, mode="fan_out"))
    return nn.Sequential(convolution, nn.BatchNorm2d(width))
