"""AlexNet: five convolutions, three linear layers (Krizhevsky, Sutskever and Hinton 2012)."""

from __future__ import annotations

from .. import nn
from ..graph import Shape
from .inputs import check_images


def alexnet(input_shape: Shape = (3, 227, 227), classes: int = 1000) -> nn.Module:
    """AlexNet as it was published: two groups of filters, response normalisation, dropout.

    60,965,224 parameters for images of 227 x 227 and 1000 classes; images of 67 x 67 at least,
    or ShapeError.

    >>> alexnet((3, 67, 67), 10)(zeros((1, 3, 67, 67))).shape
    (1, 10)
    """
    channels, *size = check_images("alexnet", input_shape, 67)
    rows, columns = (_side(n) for n in size)
    return nn.Sequential({
        "conv1": nn.Sequential(
            nn.Conv2d(channels, 96, 11, stride=4), nn.ReLU(), _norm(), nn.MaxPool2d(3, 2)
        ),
        "conv2": nn.Sequential(
            nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(), _norm(), nn.MaxPool2d(3, 2)
        ),
        "conv3": nn.Sequential(nn.Conv2d(256, 384, 3, padding=1), nn.ReLU()),
        "conv4": nn.Sequential(nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU()),
        "conv5": nn.Sequential(
            nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2)
        ),
        "flatten": nn.Flatten(),
        "fc6": nn.Sequential(nn.Linear(256 * rows * columns, 4096), nn.ReLU(), nn.Dropout()),
        "fc7": nn.Sequential(nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout()),
        "fc8": nn.Linear(4096, classes),
    })  # fmt: skip


def _norm() -> nn.Module:
    return nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1.0)


def _side(n: int) -> int:
    """Return what is left of a side behind the first convolution and three poolings."""
    n = (n - 11) // 4 + 1
    for _ in range(3):
        n = (n - 3) // 2 + 1
    return n
