"""Multi-layer perceptrons of any depth in one line, started so that signals get through."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..dtypes import DTypeLike, float32
from ..errors import ArgumentError
from ..graph import Tensor
from ..ops import zeros_like
from ..ops.random import Generator
from . import activation as activations
from . import init
from .containers import Identity, Sequential
from .dropout import Dropout
from .linear import Linear
from .module import Module
from .normalisation import BatchNorm1d, LayerNorm

__all__ = ["MLP"]


@dataclass(frozen=True)
class _Activation:
    """A layer, and the weights N(0, gain**2 / fan_in) and biases N(0, bias**2) in front of it.

    They keep the mean square of signals and of gradients about the same from layer to layer (Poole
    et al. 2016, Schoenholz et al. 2017). What the activation adds on average at 0, its ``mean``, is
    taken away by the biases of the next layer.
    """

    layer: Callable[[], Module]
    gain: float = math.sqrt(2)
    bias: float = 0.0
    mean: float = 0.0


# gelu, hardswish, mish, silu: where gain**2 * E[f'(z)**2] and gain**2 * dE[f(z)**2]/dq are both 1,
# z being from N(0, q) with q = gain**2 * E[f(z)**2] + bias**2 (Roberts, Yaida and Hanin 2022).
# sigmoid: so that it acts as tanh(x / 2). elu: by iterating q through 300 layers.
_ACTIVATIONS = {
    "celu": _Activation(activations.CELU, gain=1.1),
    "elu": _Activation(activations.ELU, gain=1.1),
    "gelu": _Activation(activations.GELU, gain=math.sqrt(1.9831), bias=math.sqrt(0.1729)),
    "hardswish": _Activation(activations.Hardswish, gain=math.sqrt(1.9732), bias=math.sqrt(0.5073)),
    "hardtanh": _Activation(activations.Hardtanh, gain=1.0),
    "identity": _Activation(Identity, gain=1.0),
    "leaky_relu": _Activation(activations.LeakyReLU),
    "mish": _Activation(activations.Mish, gain=math.sqrt(2.0135), bias=math.sqrt(0.0945)),
    "prelu": _Activation(activations.PReLU, gain=math.sqrt(2 / (1 + 0.25**2))),
    "relu": _Activation(activations.ReLU),
    "relu6": _Activation(activations.ReLU6),
    "selu": _Activation(activations.SELU, gain=1.0),
    "sigmoid": _Activation(activations.Sigmoid, gain=4.0, mean=0.5),
    "silu": _Activation(activations.SiLU, gain=math.sqrt(1.9880), bias=math.sqrt(0.5551)),
    "softplus": _Activation(activations.Softplus),
    "softsign": _Activation(activations.Softsign, gain=1.0),
    "tanh": _Activation(activations.Tanh, gain=1.0),
}
_INITIALISERS: dict[str, Callable[..., Tensor]] = {
    "kaiming_normal": init.kaiming_normal,
    "kaiming_uniform": init.kaiming_uniform,
    "orthogonal": init.orthogonal,
    "xavier_normal": init.xavier_normal,
    "xavier_uniform": init.xavier_uniform,
}
_NORMS: dict[str, Callable[..., Module]] = {"batch": BatchNorm1d, "layer": LayerNorm}


class MLP(Sequential):
    """Linear layers with activations in between: (..., in) -> (..., out).

    The sizes are input, hidden layers and output, given one by one or in lists. Each hidden layer
    is Linear, then normalisation ("batch" or "layer"), then the activation (a name, or a class or
    function that makes a module), then dropout. ``init`` is "auto" (weights that keep signals and
    gradients alive through hundreds of layers of this activation), "default" (as nn.Linear starts)
    or the name of a function in ``nn.init``, with biases 0. Raises ArgumentError for a name that is
    not known.

    >>> nn.MLP(784, [100] * 200, 10, activation="tanh")(zeros((1, 784))).shape
    (1, 10)
    >>> nn.MLP(2, 3, 1)
    MLP(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
      (2): Linear(in_features=3, out_features=1, bias=True)
    )
    """

    def __init__(
        self,
        *sizes: int | Sequence[int],
        activation: str | Callable[[], Module] = "relu",
        norm: str | None = None,
        dropout: float = 0.0,
        init: str = "auto",
        bias: bool = True,
        generator: Generator | None = None,
        dtype: DTypeLike = float32,
    ) -> None:
        widths, chosen = _widths(sizes), _chosen(activation)
        _check_name("norm", norm, {**_NORMS, None: None})
        _check_name("init", init, {"auto": None, "default": None, **_INITIALISERS})
        layers: list[Module] = []
        for k, (fan_in, fan_out) in enumerate(pairwise(widths), start=2):
            linear = Linear(fan_in, fan_out, bias, generator=generator, dtype=dtype)
            layers.append(linear)
            if init == "auto":
                _start(linear, chosen, k == 2, k == len(widths), generator)
            elif init != "default":
                draw = _INITIALISERS[init]
                linear.weight.assign(draw(linear.weight.shape, generator=generator, dtype=dtype))
                _set_bias(linear, 0.0)
            if k < len(widths):
                layers += [_NORMS[norm](fan_out, dtype=dtype)] if norm else []
                layers.append(chosen.layer())
                layers += [Dropout(dropout, generator)] if dropout else []
        super().__init__(*layers)


def _widths(sizes: Sequence[int | Sequence[int]]) -> list[int]:
    widths = [n for size in sizes for n in ((size,) if isinstance(size, int) else size)]
    if len(widths) < 2 or any(not isinstance(n, int) or n < 1 for n in widths):
        raise ArgumentError(
            "MLP", required="at least 2 sizes, input and output, each >= 1", received=str(sizes),
            hint="nn.MLP(784, [100, 100], 10)",
        )  # fmt: skip
    return widths


def _check_name(what: str, name: str | None, table: Mapping[Any, Any]) -> None:
    if name not in table:
        raise ArgumentError(
            "MLP", required=f"{what} of {', '.join(map(repr, table))}", received=repr(name)
        )


def _chosen(activation: str | Callable[[], Module]) -> _Activation:
    if isinstance(activation, str):
        _check_name("activation", activation, _ACTIVATIONS)
        return _ACTIVATIONS[activation]
    known = (entry for entry in _ACTIVATIONS.values() if entry.layer is activation)
    return next(known, _Activation(activation))


def _start(
    linear: Linear, activation: _Activation, first: bool, last: bool, generator: Generator | None
) -> None:
    """Give a layer weights and biases that suit the activation."""
    shape, kind = linear.weight.shape, linear.weight.dtype
    std = (1.0 if last else activation.gain) / math.sqrt(shape[1])
    linear.weight.assign(init.normal(shape, 0.0, std, generator=generator, dtype=kind))
    offset = 0.0 if first else linear.weight.detach().sum(1) * -activation.mean
    if activation.bias and not last:
        offset = init.normal(shape[:1], 0.0, activation.bias, generator=generator) + offset
    _set_bias(linear, offset)


def _set_bias(linear: Linear, value: Tensor | float) -> None:
    if linear.bias is not None:
        linear.bias.assign(zeros_like(linear.bias) + value)
