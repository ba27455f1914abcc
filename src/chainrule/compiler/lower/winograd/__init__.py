"""Convolutions with fewer multiplications (Winograd 1980; Lavin and Gray 2016)."""

from .choice import CONVOLUTIONS, Choice, Shape, choose
from .forward import convolve
from .gradient import weight_gradient

__all__ = ["CONVOLUTIONS", "Choice", "Shape", "choose", "convolve", "weight_gradient"]
