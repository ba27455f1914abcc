"""Activations: nonlinear functions applied to every element.

Where a function has a corner, the derivative there is the one that PyTorch takes.
"""

from __future__ import annotations

import math

from ..errors import ArgumentError, ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import erf, expm1, logaddexp, relu, reshape, sigmoid, split, tanh, where
from ..ops.rules import normalize_axis

__all__ = [
    "celu",
    "elu",
    "gelu",
    "glu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "log_sigmoid",
    "mish",
    "prelu",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
]

SELU_ALPHA = 1.6732632423543772  # of the fixed point with mean 0 and variance 1
SELU_SCALE = 1.0507009873554805


def threshold(x: TensorLike, threshold: float, value: float) -> Tensor:
    """Keep what is above a threshold: x if x > threshold else value.

    >>> F.threshold(tensor([-1.0, 0.5, 2.0]), 1.0, 0.0)
    tensor([0., 0., 2.])
    """
    node = as_tensor(x)
    return where(node > threshold, node, value)


def leaky_relu(x: TensorLike, *, negative_slope: float = 0.01) -> Tensor:
    """Leaky rectifier: x if x > 0 else negative_slope * x (Maas et al. 2013).

    >>> F.leaky_relu(tensor([-1.0, 2.0]), negative_slope=0.5)
    tensor([-0.5,  2. ])
    """
    node = as_tensor(x)
    return where(node > 0, node, node * negative_slope)


def prelu(x: TensorLike, weight: TensorLike) -> Tensor:
    """Parametric rectifier: x if x > 0 else weight * x (He et al. 2015).

    x has shape (N, C, ...); the weight has C elements, one for each channel, or a single one.
    Raises ShapeError for another number.

    >>> F.prelu(tensor([[-1.0, -2.0]]), tensor([0.5, 0.25]))
    tensor([[-0.5, -0.5]])
    """
    node, slope = as_tensor(x), as_tensor(weight)
    if slope.size != 1:
        channels = node.shape[1] if node.ndim > 1 else 1
        if slope.shape != (channels,):
            raise ShapeError(
                "prelu", required=f"one weight, or one for each of the {channels} channels",
                received=f"weight of shape {slope.shape}, x of shape {node.shape}",
            )  # fmt: skip
        slope = reshape(slope, (channels, *[1] * (node.ndim - 2)))
    return where(node > 0, node, node * slope)


def _negative_part(x: Tensor) -> Tensor:
    """x where it is negative, else 0: keeps exp of it, and its gradient, finite."""
    return where(x > 0, 0.0, x)


def elu(x: TensorLike, *, alpha: float = 1.0) -> Tensor:
    """Exponential linear unit: x if x > 0 else alpha * (e**x - 1) (Clevert et al. 2016).

    >>> f"{F.elu(-1.0).item():.4f}"
    '-0.6321'
    """
    node = as_tensor(x)
    return where(node > 0, node, expm1(_negative_part(node)) * alpha)


def celu(x: TensorLike, *, alpha: float = 1.0) -> Tensor:
    """Continuously differentiable ELU: x if x > 0 else alpha * (e**(x / alpha) - 1) (Barron 2017).

    >>> f"{F.celu(-1.0, alpha=2.0).item():.4f}"
    '-0.7869'
    """
    node = as_tensor(x)
    return where(node > 0, node, expm1(_negative_part(node) * (1 / alpha)) * alpha)


def selu(x: TensorLike) -> Tensor:
    """Self-normalising ELU: 1.0507 * (x if x > 0 else 1.6733 * (e**x - 1)).

    The constants keep mean 0 and variance 1 from layer to layer (Klambauer et al. 2017).

    >>> f"{F.selu(-1.0).item():.4f}"
    '-1.1113'
    """
    return elu(x, alpha=SELU_ALPHA) * SELU_SCALE


def gelu(x: TensorLike, *, approximate: str = "none") -> Tensor:
    """Gaussian error linear unit: x * P(Z <= x) = x / 2 * (1 + erf(x / sqrt(2))).

    With ``approximate="tanh"``: x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))
    (Hendrycks and Gimpel 2016). Raises ArgumentError for another approximation.

    >>> f"{F.gelu(1.0).item():.4f}", f"{F.gelu(1.0, approximate='tanh').item():.4f}"
    ('0.8413', '0.8412')
    """
    node = as_tensor(x)
    if approximate == "none":
        return node * (erf(node * math.sqrt(0.5)) + 1) * 0.5
    if approximate != "tanh":
        raise ArgumentError(
            "gelu", required="approximate of 'none' or 'tanh'", received=repr(approximate)
        )
    inner = (node * node * node * 0.044715 + node) * math.sqrt(2 / math.pi)
    return node * (tanh(inner) + 1) * 0.5


def silu(x: TensorLike) -> Tensor:
    """Sigmoid linear unit, also called swish: x * sigmoid(x) (Elfwing et al. 2018).

    >>> f"{F.silu(1.0).item():.4f}"
    '0.7311'
    """
    node = as_tensor(x)
    return node * sigmoid(node)


def mish(x: TensorLike) -> Tensor:
    """Self-regularised smooth unit: x * tanh(log(1 + e**x)) (Misra 2020).

    >>> f"{F.mish(1.0).item():.4f}"
    '0.8651'
    """
    node = as_tensor(x)
    return node * tanh(logaddexp(node, 0.0))


def softplus(x: TensorLike, *, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """Smooth rectifier: log(1 + e**(beta * x)) / beta, and x itself where beta * x > threshold.

    >>> F.softplus(tensor([0.0, 100.0]))
    tensor([  0.6931472, 100.       ])
    """
    node = as_tensor(x)
    scaled = node * beta
    return where(scaled > threshold, node, logaddexp(scaled, 0.0) * (1 / beta))


def softsign(x: TensorLike) -> Tensor:
    """Slowly saturating sign: x / (1 + abs(x)).

    >>> F.softsign(tensor([-1.0, 3.0]))
    tensor([-0.5 ,  0.75])
    """
    node = as_tensor(x)
    return node / (abs(node) + 1)


def log_sigmoid(x: TensorLike) -> Tensor:
    """Logarithm of the logistic function without overflow: -log(1 + e**-x).

    >>> F.log_sigmoid(tensor([0.0, -100.0]))
    tensor([  -0.6931472, -100.       ])
    """
    return -logaddexp(-as_tensor(x), 0.0)


def hardtanh(x: TensorLike, *, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """Limit x to [min_val, max_val]; the derivative is 0 at the limits too.

    >>> F.hardtanh(tensor([-3.0, 0.5, 3.0]))
    tensor([-1. ,  0.5,  1. ])
    """
    node = as_tensor(x)
    return where(node <= min_val, min_val, where(node >= max_val, max_val, node))


def relu6(x: TensorLike) -> Tensor:
    """Rectifier limited to 6: min(max(x, 0), 6).

    >>> F.relu6(tensor([-1.0, 3.0, 8.0]))
    tensor([0., 3., 6.])
    """
    return hardtanh(x, min_val=0.0, max_val=6.0)


def hardsigmoid(x: TensorLike) -> Tensor:
    """Piecewise linear sigmoid: min(max(x + 3, 0), 6) / 6.

    >>> F.hardsigmoid(tensor([-4.0, 0.0, 1.5]))
    tensor([0.  , 0.5 , 0.75])
    """
    return relu6(as_tensor(x) + 3) * (1 / 6)


def hardswish(x: TensorLike) -> Tensor:
    """Piecewise quadratic swish: x * min(max(x + 3, 0), 6) / 6 (Howard et al. 2019).

    >>> F.hardswish(tensor([-4.0, 1.5, 6.0]))
    tensor([-0.   ,  1.125,  6.   ])
    """
    node = as_tensor(x)
    return node * hardsigmoid(node)


def hardshrink(x: TensorLike, *, lambd: float = 0.5) -> Tensor:
    """Set what is small to zero: x if abs(x) > lambd else 0.

    >>> F.hardshrink(tensor([-1.0, 0.25, 2.0]))
    tensor([-1.,  0.,  2.])
    """
    node = as_tensor(x)
    return where(abs(node) > lambd, node, 0.0)


def softshrink(x: TensorLike, *, lambd: float = 0.5) -> Tensor:
    """Move towards zero: x - lambd if x > lambd, x + lambd if x < -lambd, else 0.

    >>> F.softshrink(tensor([-1.0, 0.25, 2.0]))
    tensor([-0.5,  0. ,  1.5])
    """
    node = as_tensor(x)
    return where(node > lambd, node - lambd, where(node < -lambd, node + lambd, 0.0))


def tanhshrink(x: TensorLike) -> Tensor:
    """What tanh takes away: x - tanh(x).

    >>> f"{F.tanhshrink(1.0).item():.4f}"
    '0.2384'
    """
    node = as_tensor(x)
    return node - tanh(node)


def glu(x: TensorLike, *, axis: int = -1) -> Tensor:
    """Gated linear unit: a * sigmoid(b), where a and b are the halves of x along an axis.

    The axis becomes half as long; ShapeError if it is odd (Dauphin et al. 2017).

    >>> F.glu(tensor([2.0, 4.0, 0.0, 0.0]))
    tensor([1., 2.])
    """
    node = as_tensor(x)
    length = node.shape[normalize_axis(axis, node.ndim, "glu")]
    if length % 2:
        raise ShapeError("glu", required=f"an even x.shape[{axis}]", received=str(length))
    values, gates = split(node, [length // 2] * 2, axis=axis)
    return values * sigmoid(gates)
