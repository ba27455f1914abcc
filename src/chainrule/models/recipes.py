"""Recipes: a model by name, together with the way in which it is usually trained."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from .. import functional as F
from .. import nn, optim
from ..data import Compose, RandomCrop, RandomHorizontalFlip, Transform
from ..errors import ArgumentError
from ..graph import Shape, Tensor
from . import networks, resnet, vgg
from .alexnet import alexnet
from .googlenet import googlenet
from .resnet9 import resnet9

Build = Callable[[Shape, int], nn.Module]
Loss = Callable[[Tensor, Any], Tensor]


@dataclass(frozen=True)
class Recipe:
    """How to build a classifier and train it: everything that a user may leave out.

    The rate rises over the share ``rise`` of the steps, then falls. ``decay_vectors`` says whether
    biases, and the scales of normalisation, decay as well as weights. ``input_shape`` and
    ``classes`` are those of the data that it was made for; ``augment`` makes what changes inputs
    of a shape at random, in training, before they are normalised.
    """

    name: str
    summary: str
    build: Build
    loss: Loss = F.cross_entropy
    optimizer: Callable[[Iterable[Any]], optim.Optimizer] | None = None
    momentum: float = 0.9
    lr: float = 0.05
    weight_decay: float = 0.0
    decay_vectors: bool = True
    rise: float = 0.2
    epochs: int = 3
    batch_size: int = 64
    nesterov: bool = False
    augment: Callable[[Shape], Transform] | None = None
    input_shape: Shape = (1, 28, 28)
    classes: int = 10

    def make_optimizer(
        self, parameters: Iterable[Any], *, lr: float | None = None
    ) -> optim.Optimizer:
        """Return the optimizer for a model's parameters: the recipe's own, or SGD."""
        if self.optimizer is not None:
            return self.optimizer(parameters)
        rate = self.lr if lr is None else lr
        return optim.SGD(
            parameters if self.decay_vectors else _spared(parameters), lr=rate,
            momentum=self.momentum, weight_decay=self.weight_decay, nesterov=self.nesterov,
        )  # fmt: skip


def _spared(parameters: Iterable[Any]) -> list[dict[str, Any]]:
    """Return two groups: of weights, and of vectors, which do not decay."""
    every = list(parameters)
    weights, vectors = ([p for p in every if (p.ndim > 1) == many] for many in (True, False))
    return [{"params": weights}, {"params": vectors, "weight_decay": 0.0}]


def _crop_and_flip(input_shape: Shape) -> Transform:
    """Shift images by up to 4 pixels; mirror those in colour: digits and letters have a side."""
    channels, height, width = input_shape
    shift = RandomCrop((height, width), padding=4, padding_mode="reflect")
    return Compose([shift, RandomHorizontalFlip()]) if channels == 3 else shift


def _flip(input_shape: Shape) -> Transform:
    return RandomHorizontalFlip()


def _for_imagenet(name: str, summary: str, build: Build, side: int = 224) -> Recipe:
    return Recipe(
        name, summary, build, lr=0.01, weight_decay=5e-4, epochs=90, batch_size=32,
        augment=_flip, input_shape=(3, side, side), classes=1000,
    )  # fmt: skip


RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe("linear", "linear score function, softmax loss", networks.linear, lr=0.02),
        Recipe(
            "svm", "linear score function, multi-class hinge (SVM) loss", networks.linear,
            loss=F.multi_class_hinge, lr=0.002, weight_decay=1e-4,
        ),
        Recipe("mlp", "multi-layer perceptron, 2 hidden layers of 256 and 128", networks.mlp),
        Recipe(
            "lenet", "LeNet: 2 convolutions, 2 linear layers (LeCun 1998)", networks.lenet,
            lr=0.03, epochs=3,
        ),
        Recipe(
            "resnet9", "ResNet-9: 8 convolutions of 3 x 3 for small images (after Page 2018)",
            resnet9, loss=partial(F.cross_entropy, label_smoothing=0.2), lr=0.4, nesterov=True,
            weight_decay=1.5e-3, decay_vectors=False, rise=0.1, epochs=20, batch_size=512,
            input_shape=(3, 32, 32), augment=_crop_and_flip,
        ),
        _for_imagenet("alexnet", "AlexNet: 5 convolutions, 3 linear layers (2012)", alexnet, 227),
        _for_imagenet("googlenet", "GoogLeNet: 9 inception modules (2014)", googlenet),
        *[
            _for_imagenet(f"vgg{n}", f"VGG: {n} layers of weights (2014)", build)
            for n, build in ((11, vgg.vgg11), (13, vgg.vgg13), (16, vgg.vgg16), (19, vgg.vgg19))
        ],
        *[
            _for_imagenet(f"resnet{n}", f"ResNet: {n} layers of weights (2015)", build)
            for n, build in (
                (18, resnet.resnet18), (34, resnet.resnet34), (50, resnet.resnet50),
                (101, resnet.resnet101), (152, resnet.resnet152),
            )
        ],
    )
}  # fmt: skip


def recipe(name: str) -> Recipe:
    """Return the recipe of a named model; ArgumentError lists the names.

    >>> recipe("lenet").summary
    'LeNet: 2 convolutions, 2 linear layers (LeCun 1998)'
    """
    if name not in RECIPES:
        raise ArgumentError(
            "model", required=f"one of {', '.join(RECIPES)}, or a Python file that defines one",
            received=repr(name),
        )  # fmt: skip
    return RECIPES[name]


def build(name: str, input_shape: Shape | None = None, classes: int | None = None) -> nn.Module:
    """Build a model by name, for the data that it was made for unless others are given.

    >>> build("lenet", classes=4)(zeros((1, 1, 28, 28))).shape
    (1, 4)
    """
    chosen = recipe(name)
    return chosen.build(
        chosen.input_shape if input_shape is None else input_shape,
        chosen.classes if classes is None else classes,
    )
