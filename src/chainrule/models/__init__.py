"""Whole systems by name: nearest neighbour, linear regression, linear classifiers, networks."""

from .alexnet import alexnet
from .file import error_in_file, from_file
from .googlenet import googlenet
from .linear_regression import LinearRegression
from .nearest_neighbour import NearestNeighbour
from .networks import lenet, linear, mlp
from .recipes import RECIPES, Recipe, build, recipe
from .resnet import resnet18, resnet34, resnet50, resnet101, resnet152
from .resnet9 import resnet9
from .vgg import vgg11, vgg13, vgg16, vgg19

__all__ = [
    "RECIPES",
    "LinearRegression",
    "NearestNeighbour",
    "Recipe",
    "alexnet",
    "build",
    "error_in_file",
    "from_file",
    "googlenet",
    "lenet",
    "linear",
    "mlp",
    "recipe",
    "resnet9",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "vgg11",
    "vgg13",
    "vgg16",
    "vgg19",
]
