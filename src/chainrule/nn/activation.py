"""Activations as layers; the formulas are in ``functional.activation``."""

from __future__ import annotations

from .. import functional as F
from ..dtypes import DTypeLike, float32
from ..graph import Tensor
from .function_layer import FunctionLayer
from .init import constant
from .module import Module
from .parameter import Parameter

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "Mish",
    "PReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
]


class ReLU(FunctionLayer, function=F.relu):
    """Rectified linear unit: max(x, 0).

    >>> nn.ReLU()(tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """


class ReLU6(FunctionLayer, function=F.relu6):
    """Rectifier limited to 6: min(max(x, 0), 6).

    >>> nn.ReLU6()(tensor([-1.0, 8.0]))
    tensor([0., 6.])
    """


class LeakyReLU(FunctionLayer, function=F.leaky_relu):
    """Leaky rectifier: x if x > 0 else negative_slope * x.

    >>> nn.LeakyReLU(0.5)(tensor([-1.0, 2.0]))
    tensor([-0.5,  2. ])
    """

    negative_slope: float = 0.01


class ELU(FunctionLayer, function=F.elu):
    """Exponential linear unit: x if x > 0 else alpha * (e**x - 1).

    >>> nn.ELU()(tensor([0.0, 2.0]))
    tensor([0., 2.])
    """

    alpha: float = 1.0


class CELU(FunctionLayer, function=F.celu):
    """Continuously differentiable ELU: x if x > 0 else alpha * (e**(x / alpha) - 1).

    >>> nn.CELU(2.0)(tensor([0.0, 2.0]))
    tensor([0., 2.])
    """

    alpha: float = 1.0


class SELU(FunctionLayer, function=F.selu):
    """Self-normalising ELU: 1.0507 * (x if x > 0 else 1.6733 * (e**x - 1)).

    >>> nn.SELU()(tensor([0.0]))
    tensor([0.])
    """


class GELU(FunctionLayer, function=F.gelu):
    """Gaussian error linear unit: x * P(Z <= x); approximate is "none" or "tanh".

    >>> nn.GELU()(tensor([0.0]))
    tensor([0.])
    """

    approximate: str = "none"


class SiLU(FunctionLayer, function=F.silu):
    """Sigmoid linear unit, swish: x * sigmoid(x).

    >>> nn.SiLU()(tensor([0.0]))
    tensor([0.])
    """


class Mish(FunctionLayer, function=F.mish):
    """Smooth unit x * tanh(log(1 + e**x)).

    >>> nn.Mish()(tensor([0.0]))
    tensor([0.])
    """


class Softplus(FunctionLayer, function=F.softplus):
    """Smooth rectifier: log(1 + e**(beta * x)) / beta, and x where beta * x > threshold.

    >>> nn.Softplus()(tensor([100.0]))
    tensor([100.])
    """

    beta: float = 1.0
    threshold: float = 20.0


class Softsign(FunctionLayer, function=F.softsign):
    """Slowly saturating sign: x / (1 + abs(x)).

    >>> nn.Softsign()(tensor([-1.0, 3.0]))
    tensor([-0.5 ,  0.75])
    """


class Sigmoid(FunctionLayer, function=F.sigmoid):
    """Logistic function: 1 / (1 + e**-x).

    >>> nn.Sigmoid()(tensor([0.0]))
    tensor([0.5])
    """


class LogSigmoid(FunctionLayer, function=F.log_sigmoid):
    """Logarithm of the logistic function: -log(1 + e**-x).

    >>> nn.LogSigmoid()(tensor([-100.0]))
    tensor([-100.])
    """


class Tanh(FunctionLayer, function=F.tanh):
    """Hyperbolic tangent.

    >>> nn.Tanh()(tensor([0.0]))
    tensor([0.])
    """


class Tanhshrink(FunctionLayer, function=F.tanhshrink):
    """What tanh takes away: x - tanh(x).

    >>> nn.Tanhshrink()(tensor([0.0]))
    tensor([0.])
    """


class Hardtanh(FunctionLayer, function=F.hardtanh):
    """Limit to [min_val, max_val].

    >>> nn.Hardtanh()(tensor([-3.0, 0.5]))
    tensor([-1. ,  0.5])
    """

    min_val: float = -1.0
    max_val: float = 1.0


class Hardsigmoid(FunctionLayer, function=F.hardsigmoid):
    """Piecewise linear sigmoid: min(max(x + 3, 0), 6) / 6.

    >>> nn.Hardsigmoid()(tensor([-4.0, 0.0]))
    tensor([0. , 0.5])
    """


class Hardswish(FunctionLayer, function=F.hardswish):
    """Piecewise quadratic swish: x * min(max(x + 3, 0), 6) / 6.

    >>> nn.Hardswish()(tensor([1.5, 6.0]))
    tensor([1.125, 6.   ])
    """


class Hardshrink(FunctionLayer, function=F.hardshrink):
    """Set what is small to zero: x if abs(x) > lambd else 0.

    >>> nn.Hardshrink()(tensor([-1.0, 0.25]))
    tensor([-1.,  0.])
    """

    lambd: float = 0.5


class Softshrink(FunctionLayer, function=F.softshrink):
    """Move towards zero by lambd: x - lambd if x > lambd, x + lambd if x < -lambd, else 0.

    >>> nn.Softshrink()(tensor([-1.0, 0.25]))
    tensor([-0.5,  0. ])
    """

    lambd: float = 0.5


class Threshold(FunctionLayer, function=F.threshold):
    """Keep what is above a threshold: x if x > threshold else value.

    >>> nn.Threshold(1.0, 0.0)(tensor([0.5, 2.0]))
    tensor([0., 2.])
    """

    threshold: float
    value: float


class GLU(FunctionLayer, function=F.glu):
    """Gated linear unit: a * sigmoid(b) of the halves a, b of x along an axis.

    >>> nn.GLU()(tensor([2.0, 4.0, 0.0, 0.0]))
    tensor([1., 2.])
    """

    axis: int = -1


class PReLU(Module):
    """Leaky rectifier that learns its slope: x if x > 0 else weight * x.

    One slope for all, or one for each of ``num_parameters`` channels; both start at ``init``.

    >>> nn.PReLU()(tensor([-1.0, 2.0])).tolist()
    [-0.25, 2.0]
    """

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, *, dtype: DTypeLike = float32
    ) -> None:
        self.weight = Parameter(constant((num_parameters,), init, dtype=dtype))

    def forward(self, x: Tensor) -> Tensor:
        """Rectify."""
        return F.prelu(x, self.weight)

    def extra_repr(self) -> str:
        """Show the number of slopes."""
        return f"num_parameters={self.weight.size}"
