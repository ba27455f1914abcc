"""Whole systems by name: nearest neighbour, linear regression, linear classifiers, networks."""

from .file import error_in_file, from_file
from .linear_regression import LinearRegression
from .nearest_neighbour import NearestNeighbour
from .networks import lenet, linear, mlp
from .recipes import RECIPES, Recipe, recipe

__all__ = [
    "RECIPES",
    "LinearRegression",
    "NearestNeighbour",
    "Recipe",
    "error_in_file",
    "from_file",
    "lenet",
    "linear",
    "mlp",
    "recipe",
]
