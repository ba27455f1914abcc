"""Recipes: a model by name, together with the way in which it is usually trained."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .. import functional as F
from .. import nn, optim
from ..errors import ArgumentError
from ..graph import Shape, Tensor
from . import networks

Build = Callable[[Shape, int], nn.Module]
Loss = Callable[[Tensor, Any], Tensor]


@dataclass(frozen=True)
class Recipe:
    """How to build a classifier and train it: everything that a user may leave out."""

    name: str
    summary: str
    build: Build
    loss: Loss = F.cross_entropy
    optimizer: Callable[[Iterable[Any]], optim.Optimizer] | None = None
    momentum: float = 0.9
    lr: float = 0.05
    weight_decay: float = 0.0
    epochs: int = 3
    batch_size: int = 64

    def make_optimizer(
        self, parameters: Iterable[Any], *, lr: float | None = None
    ) -> optim.Optimizer:
        """Return the optimizer for a model's parameters: the recipe's own, or SGD."""
        if self.optimizer is not None:
            return self.optimizer(parameters)
        rate = self.lr if lr is None else lr
        return optim.SGD(
            parameters, lr=rate, momentum=self.momentum, weight_decay=self.weight_decay
        )


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
