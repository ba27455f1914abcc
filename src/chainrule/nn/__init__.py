"""Layers: parameters, and one call of a function; names follow PyTorch.

Each family file lists its public names in ``__all__``.
"""
# ruff: noqa: F403  (what a family lists in __all__ is public here)

from . import (
    activation,
    branches,
    containers,
    convolution,
    criteria,
    dropout,
    embedding,
    init,
    linear,
    losses,
    mlp,
    normalisation,
    passing,
    pooling,
    probability,
    prototypes,
    rectifiers,
    recurrent,
    shape,
    tables,
    vectors,
)
from .activation import *
from .branches import *
from .containers import *
from .convolution import *
from .criteria import *
from .dropout import *
from .embedding import *
from .function_layer import FunctionLayer
from .functional_call import functional_call
from .linear import *
from .losses import *
from .mlp import *
from .module import Module
from .normalisation import *
from .parameter import Parameter
from .passing import *
from .pooling import *
from .probability import *
from .prototypes import *
from .rectifiers import *
from .recurrent import *
from .shape import *
from .tables import *
from .vectors import *

__all__ = ["FunctionLayer", "Module", "Parameter", "functional_call", "init"]
__all__ += activation.__all__
__all__ += branches.__all__
__all__ += containers.__all__
__all__ += convolution.__all__
__all__ += criteria.__all__
__all__ += dropout.__all__
__all__ += embedding.__all__
__all__ += linear.__all__
__all__ += losses.__all__
__all__ += mlp.__all__
__all__ += normalisation.__all__
__all__ += passing.__all__
__all__ += pooling.__all__
__all__ += probability.__all__
__all__ += prototypes.__all__
__all__ += rectifiers.__all__
__all__ += recurrent.__all__
__all__ += shape.__all__
__all__ += tables.__all__
__all__ += vectors.__all__
