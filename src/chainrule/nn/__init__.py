"""Layers: parameters, and one call of a function; names follow PyTorch.

Each family file lists its public names in ``__all__``.
"""
# ruff: noqa: F403  (what a family lists in __all__ is public here)

from . import (
    activation,
    adaptive_softmax,
    affine,
    attention,
    branches,
    connections,
    containers,
    convolution,
    criteria,
    dropout,
    embedding,
    init,
    lazy,
    likelihood_losses,
    linear,
    local_contrast,
    losses,
    margin_losses,
    mlp,
    normalisation,
    padding,
    pair_losses,
    parameters,
    parametrize,
    passing,
    pooling,
    power_pooling,
    probability,
    prototypes,
    rearrangement,
    rectifiers,
    recurrent,
    recurrent_layers,
    shape,
    special_pooling,
    tables,
    transformer,
    unpooling,
    untied_convolution,
    upsampling,
    vectors,
)
from .activation import *
from .adaptive_softmax import *
from .affine import *
from .attention import *
from .branches import *
from .containers import *
from .convolution import *
from .criteria import *
from .dropout import *
from .embedding import *
from .function_layer import FunctionLayer
from .functional_call import functional_call
from .lazy import *
from .likelihood_losses import *
from .linear import *
from .local_contrast import *
from .loss import Loss
from .losses import *
from .margin_losses import *
from .mlp import *
from .module import Module
from .normalisation import *
from .padding import *
from .pair_losses import *
from .parameter import Parameter
from .parameters import *
from .parametrize import *
from .passing import *
from .pooling import *
from .power_pooling import *
from .probability import *
from .prototypes import *
from .rearrangement import *
from .rectifiers import *
from .recurrent import *
from .recurrent_layers import *
from .shape import *
from .special_pooling import *
from .tables import *
from .transformer import *
from .unpooling import *
from .untied_convolution import *
from .upsampling import *
from .vectors import *

__all__ = ["FunctionLayer", "Loss", "Module", "Parameter", "connections", "functional_call", "init"]
__all__ += activation.__all__
__all__ += adaptive_softmax.__all__
__all__ += affine.__all__
__all__ += attention.__all__
__all__ += branches.__all__
__all__ += containers.__all__
__all__ += convolution.__all__
__all__ += criteria.__all__
__all__ += dropout.__all__
__all__ += embedding.__all__
__all__ += lazy.__all__
__all__ += likelihood_losses.__all__
__all__ += linear.__all__
__all__ += local_contrast.__all__
__all__ += losses.__all__
__all__ += margin_losses.__all__
__all__ += mlp.__all__
__all__ += normalisation.__all__
__all__ += padding.__all__
__all__ += pair_losses.__all__
__all__ += parameters.__all__
__all__ += parametrize.__all__
__all__ += passing.__all__
__all__ += pooling.__all__
__all__ += power_pooling.__all__
__all__ += probability.__all__
__all__ += prototypes.__all__
__all__ += rearrangement.__all__
__all__ += rectifiers.__all__
__all__ += recurrent.__all__
__all__ += recurrent_layers.__all__
__all__ += shape.__all__
__all__ += special_pooling.__all__
__all__ += tables.__all__
__all__ += transformer.__all__
__all__ += unpooling.__all__
__all__ += untied_convolution.__all__
__all__ += upsampling.__all__
__all__ += vectors.__all__
