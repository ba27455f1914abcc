"""ResNet-9: a small residual network for small images, trained in minutes on a CPU."""

from __future__ import annotations

from .. import nn
from ..graph import Shape, Tensor
from .inputs import check_images


def resnet9(input_shape: Shape = (3, 32, 32), classes: int = 10, width: int = 32) -> nn.Module:
    """Eight convolutions of 3 x 3, two ways around pairs of them, one linear layer.

    All strides are 1, and poolings halve the image, so that every convolution but the first can
    save multiplications. The scores are scaled down, which lets the rate be high for the
    convolutions and low for the last layer. Images of 16 x 16 at least, or ShapeError. The plan is
    that of D. Page's network for DAWNBench (2018).

    >>> resnet9((3, 32, 32), 10).num_parameters()
    1646112
    """
    channels, *_ = check_images("resnet9", input_shape, 16)
    w1, w2, w3, w4 = width, 2 * width, 4 * width, 8 * width
    return nn.Sequential({
        "stem": _conv(channels, w1),
        "stage1": nn.Sequential(_conv(w1, w2), nn.MaxPool2d(2), _residual(w2)),
        "stage2": nn.Sequential(_conv(w2, w3), nn.MaxPool2d(2)),
        "stage3": nn.Sequential(_conv(w3, w4), nn.MaxPool2d(2), _residual(w4)),
        "pool": nn.GlobalMaxPool(),
        "fc": nn.Linear(w4, classes, bias=False),
        "scale": _Scale(0.125),
    })  # fmt: skip


def _scale(x: Tensor, *, factor: float) -> Tensor:
    return x * factor


class _Scale(nn.FunctionLayer, function=_scale):
    """A constant times the input."""

    factor: float


def _residual(width: int) -> nn.Module:
    return nn.Residual(nn.Sequential(_conv(width, width), _conv(width, width)))


def _conv(channels: int, width: int) -> nn.Module:
    convolution = nn.Conv2d(channels, width, 3, padding=1, bias=False)
    convolution.weight.assign(nn.init.kaiming_normal(convolution.weight.shape))
    return nn.Sequential(convolution, nn.BatchNorm2d(width), nn.ReLU())
