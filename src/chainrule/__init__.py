"""chainrule: a deep-learning framework whose one idea is the computational graph.

Nodes are evaluated forward in topological order; gradients flow back by the chain rule.

>>> import chainrule as cr
>>> x, y, z = cr.input("x"), cr.input("y"), cr.input("z")
>>> graph = cr.ComputationalGraph(outputs=(x + y) * z)
>>> graph.forward(x=1.0, y=-3.0, z=4.0)
-8.0
>>> graph.backward()
{'x': 4.0, 'y': 4.0, 'z': -2.0}
"""

from __future__ import annotations

from importlib import import_module
from math import e, inf, nan, pi
from typing import TYPE_CHECKING, Any

from . import ops
from .dtypes import (
    DType,
    bfloat16,
    bool,
    finfo,
    float16,
    float32,
    float64,
    iinfo,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
)
from .graph import (
    ComputationalGraph,
    Op,
    Tensor,
    detect_anomalies,
    enable_grad,
    input,
    no_grad,
    tensor,
)
from .ops import *  # noqa: F403  (ops.__all__ is the list of public operations)

if TYPE_CHECKING:
    from . import data as data
    from . import errors as errors
    from . import functional as functional
    from . import models as models
    from . import nn as nn
    from . import optim as optim
    from . import train as train
    from . import viz as viz
    from .autodiff.check import check_gradients as check_gradients
    from .autodiff.checkpoint import checkpoint as checkpoint
    from .autodiff.functions import grad as grad
    from .autodiff.functions import hessian as hessian
    from .autodiff.functions import jvp as jvp
    from .autodiff.functions import value_and_grad as value_and_grad
    from .autodiff.functions import vjp as vjp
    from .autodiff.jacobian import jacobian as jacobian
    from .jit import compile as compile
    from .train import Trainer as Trainer

__version__ = "0.1.0"
newaxis = None

# What is loaded on first use, so that `import chainrule` costs little more than NumPy.
_LAZY = {
    "Trainer": "train",
    "check_gradients": "autodiff.check",
    "checkpoint": "autodiff.checkpoint",
    "compile": "jit",
    "data": "data",
    "errors": "errors",
    "functional": "functional",
    "grad": "autodiff.functions",
    "hessian": "autodiff.functions",
    "jacobian": "autodiff.jacobian",
    "jvp": "autodiff.functions",
    "models": "models",
    "nn": "nn",
    "optim": "optim",
    "train": "train",
    "value_and_grad": "autodiff.functions",
    "viz": "viz",
    "vjp": "autodiff.functions",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'chainrule' has no attribute {name!r}")
    module = import_module(f".{_LAZY[name]}", __name__)
    value = module if name == _LAZY[name] else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(_LAZY))


__all__ = [
    "ComputationalGraph",
    "DType",
    "Op",
    "Tensor",
    "bfloat16",
    "bool",
    "detect_anomalies",
    "e",
    "enable_grad",
    "float16",
    "float32",
    "finfo",
    "float64",
    "iinfo",
    "inf",
    "input",
    "int8",
    "int16",
    "int32",
    "int64",
    "nan",
    "newaxis",
    "no_grad",
    "pi",
    "tensor",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    *_LAZY,
    *ops.__all__,
]
__all__.sort()
