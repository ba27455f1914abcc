"""Layers: parameters, and one call of a function; names follow PyTorch.

Each family file lists its public names in ``__all__``.
"""
# ruff: noqa: F403  (what a family lists in __all__ is public here)

from . import (
    activation,
    affine,
    containers,
    convolution,
    dropout,
    embedding,
    init,
    likelihood_losses,
    linear,
    losses,
    margin_losses,
    mlp,
    normalisation,
    pair_losses,
    pooling,
    recurrent,
    recurrent_layers,
    shape,
)
from .activation import *
from .affine import *
from .containers import *
from .convolution import *
from .dropout import *
from .embedding import *
from .function_layer import FunctionLayer
from .functional_call import functional_call
from .likelihood_losses import *
from .linear import *
from .loss import Loss
from .losses import *
from .margin_losses import *
from .mlp import *
from .module import Module
from .normalisation import *
from .pair_losses import *
from .parameter import Parameter
from .pooling import *
from .recurrent import *
from .recurrent_layers import *
from .shape import *

__all__ = ["FunctionLayer", "Loss", "Module", "Parameter", "functional_call", "init"]
__all__ += activation.__all__
__all__ += affine.__all__
__all__ += containers.__all__
__all__ += convolution.__all__
__all__ += dropout.__all__
__all__ += embedding.__all__
__all__ += likelihood_losses.__all__
__all__ += linear.__all__
__all__ += losses.__all__
__all__ += margin_losses.__all__
__all__ += mlp.__all__
__all__ += normalisation.__all__
__all__ += pair_losses.__all__
__all__ += pooling.__all__
__all__ += recurrent.__all__
__all__ += recurrent_layers.__all__
__all__ += shape.__all__
