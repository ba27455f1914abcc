"""Mathematics composed of operations: activations, convolution, pooling, normalisation, losses.

Functions of tensors without state. Each family file lists its public names in ``__all__``.
"""
# ruff: noqa: F403  (what a family lists in __all__ is public here)

from __future__ import annotations

from . import (
    activation,
    adaptive_pooling,
    affine,
    attention,
    binary,
    classification,
    convolution,
    ctc,
    distance,
    dropouts,
    embeddings,
    grids,
    interpolation,
    likelihood,
    linear_maps,
    local_contrast,
    local_convolution,
    margin,
    multi_label,
    normalisation,
    overlap,
    pairs,
    passing,
    pooling,
    power_pooling,
    probability,
    pyramid_pooling,
    random_pooling,
    rearrangement,
    rectifiers,
    recurrence,
    regression,
    sequence_pooling,
    sequences,
    shape,
    simplex,
    unfolding,
    unpooling,
)
from .activation import *
from .adaptive_pooling import *
from .affine import *
from .attention import *
from .binary import *
from .classification import *
from .convolution import *
from .ctc import *
from .distance import *
from .dropouts import *
from .embeddings import *
from .grids import *
from .interpolation import *
from .likelihood import *
from .linear_maps import *
from .local_contrast import *
from .local_convolution import *
from .margin import *
from .multi_label import *
from .normalisation import *
from .overlap import *
from .pairs import *
from .passing import *
from .pooling import *
from .power_pooling import *
from .probability import *
from .pyramid_pooling import *
from .random_pooling import *
from .rearrangement import *
from .rectifiers import *
from .recurrence import *
from .regression import *
from .sequence_pooling import *
from .sequences import *
from .shape import *
from .simplex import *
from .unfolding import *
from .unpooling import *

__all__: list[str] = []
__all__ += activation.__all__
__all__ += adaptive_pooling.__all__
__all__ += affine.__all__
__all__ += attention.__all__
__all__ += binary.__all__
__all__ += classification.__all__
__all__ += convolution.__all__
__all__ += ctc.__all__
__all__ += distance.__all__
__all__ += dropouts.__all__
__all__ += embeddings.__all__
__all__ += grids.__all__
__all__ += interpolation.__all__
__all__ += likelihood.__all__
__all__ += linear_maps.__all__
__all__ += local_contrast.__all__
__all__ += local_convolution.__all__
__all__ += margin.__all__
__all__ += multi_label.__all__
__all__ += normalisation.__all__
__all__ += overlap.__all__
__all__ += pairs.__all__
__all__ += passing.__all__
__all__ += pooling.__all__
__all__ += power_pooling.__all__
__all__ += probability.__all__
__all__ += pyramid_pooling.__all__
__all__ += random_pooling.__all__
__all__ += rearrangement.__all__
__all__ += rectifiers.__all__
__all__ += recurrence.__all__
__all__ += regression.__all__
__all__ += sequence_pooling.__all__
__all__ += sequences.__all__
__all__ += shape.__all__
__all__ += simplex.__all__
__all__ += unfolding.__all__
__all__ += unpooling.__all__
