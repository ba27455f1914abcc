"""Mathematics composed of operations: activations, convolution, pooling, normalisation, losses.

Functions of tensors without state. Each family file lists its public names in ``__all__``.
"""
# ruff: noqa: F403  (what a family lists in __all__ is public here)

from __future__ import annotations

from . import (
    activation,
    adaptive_pooling,
    affine,
    binary,
    classification,
    convolution,
    distance,
    dropouts,
    embeddings,
    likelihood,
    linear_maps,
    margin,
    multi_label,
    normalisation,
    overlap,
    pairs,
    pooling,
    probability,
    recurrence,
    regression,
    sequences,
    shape,
    simplex,
)
from .activation import *
from .adaptive_pooling import *
from .affine import *
from .binary import *
from .classification import *
from .convolution import *
from .distance import *
from .dropouts import *
from .embeddings import *
from .likelihood import *
from .linear_maps import *
from .margin import *
from .multi_label import *
from .normalisation import *
from .overlap import *
from .pairs import *
from .pooling import *
from .probability import *
from .recurrence import *
from .regression import *
from .sequences import *
from .shape import *
from .simplex import *

__all__: list[str] = []
__all__ += activation.__all__
__all__ += adaptive_pooling.__all__
__all__ += affine.__all__
__all__ += binary.__all__
__all__ += classification.__all__
__all__ += convolution.__all__
__all__ += distance.__all__
__all__ += dropouts.__all__
__all__ += embeddings.__all__
__all__ += likelihood.__all__
__all__ += linear_maps.__all__
__all__ += margin.__all__
__all__ += multi_label.__all__
__all__ += normalisation.__all__
__all__ += overlap.__all__
__all__ += pairs.__all__
__all__ += pooling.__all__
__all__ += probability.__all__
__all__ += recurrence.__all__
__all__ += regression.__all__
__all__ += sequences.__all__
__all__ += shape.__all__
__all__ += simplex.__all__
