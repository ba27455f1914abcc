"""The lecture's networks, each a function of the input shape and the number of classes."""

from __future__ import annotations

import math

from .. import nn
from ..errors import ShapeError
from ..graph import Shape


def linear(input_shape: Shape, classes: int) -> nn.Module:
    """Linear score function s = W x + b on flattened images.

    >>> linear((1, 28, 28), 10)(zeros((2, 1, 28, 28))).shape
    (2, 10)
    """
    return nn.Sequential(nn.Flatten(), nn.Linear(math.prod(input_shape), classes))


def mlp(input_shape: Shape, classes: int, hidden: tuple[int, ...] = (256, 128)) -> nn.Module:
    """Multi-layer perceptron with ReLU on flattened images.

    >>> mlp((1, 28, 28), 10)(zeros((2, 1, 28, 28))).shape
    (2, 10)
    """
    return nn.Sequential(nn.Flatten(), nn.MLP(math.prod(input_shape), list(hidden), classes))


def lenet(input_shape: Shape, classes: int) -> nn.Module:
    """LeNet as in Caffe: two convolutions with pooling, two linear layers (LeCun et al. 1998).

    >>> lenet((1, 28, 28), 10)(zeros((2, 1, 28, 28))).shape
    (2, 10)
    """
    if len(input_shape) != 3 or min(input_shape[1:]) < 16:
        raise ShapeError(
            "lenet", required="images (channels, height, width) of 16 x 16 or more",
            received=str(input_shape),
        )  # fmt: skip
    channels, height, width = input_shape
    rows, columns = (((n - 4) // 2 - 4) // 2 for n in (height, width))
    return nn.Sequential(
        nn.Conv2d(channels, 20, 5),
        nn.MaxPool2d(2),
        nn.Conv2d(20, 50, 5),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(50 * rows * columns, 500),
        nn.ReLU(),
        nn.Linear(500, classes),
    )
