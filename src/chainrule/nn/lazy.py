"""Layers that learn the size of their input from the first call.

``nn.LazyLinear(10)`` is ``nn.Linear(n, 10)`` from the first call on, with n the length of what it
was called with: the object changes its class. Until then it has no parameters, so call the model
once (zeros will do) before the optimizer is made, the state is loaded or a step is compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from ..errors import ArgumentError, GraphError, ShapeError
from ..graph import Tensor, TensorLike, active_trace, as_tensor
from .convolution import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
)
from .linear import Linear
from .module import Module
from .normalisation import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
)

__all__ = [
    "LazyBatchNorm1d",
    "LazyBatchNorm2d",
    "LazyBatchNorm3d",
    "LazyConv1d",
    "LazyConv2d",
    "LazyConv3d",
    "LazyConvTranspose1d",
    "LazyConvTranspose2d",
    "LazyConvTranspose3d",
    "LazyInstanceNorm1d",
    "LazyInstanceNorm2d",
    "LazyInstanceNorm3d",
    "LazyLinear",
]


class _Lazy(Module):
    becomes: ClassVar[Callable[..., Module]]
    axis: ClassVar[int]  # whose length is the first argument of what it becomes

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.arguments, self.given = arguments, options

    def forward(self, x: TensorLike) -> Tensor:
        """Become the layer that fits the input, and call it."""
        name, node = type(self).__name__, as_tensor(x)
        if not -node.ndim <= self.axis < node.ndim:
            raise ShapeError(
                name, required=f"an input with an axis {self.axis}", received=f"shape {node.shape}"
            )
        if active_trace() is not None:
            raise GraphError(
                name, required="a first call that is not compiled, which makes its parameters",
                received="a call inside of a compiled function",
                hint="call the model once with zeros before",
            )  # fmt: skip
        try:
            made = self.becomes(node.shape[self.axis], *self.arguments, **self.given)
        except TypeError as error:
            raise ArgumentError(
                name, required=f"the arguments of {name.removeprefix('Lazy')} behind the first",
                received=str(error),
            ) from None  # fmt: skip
        made.training = self.training
        self.__class__ = type(made)  # type: ignore[assignment]
        vars(self).clear()
        vars(self).update(vars(made))
        result: Tensor = self.forward(node)
        return result

    def extra_repr(self) -> str:
        """Show the arguments that are known."""
        options = [f"{name}={value!r}" for name, value in self.given.items()]
        return ", ".join([*map(repr, self.arguments), *options])


class LazyLinear(_Lazy):
    """Linear that takes ``in_features`` from its first input.

    >>> layer = nn.LazyLinear(10)
    >>> _ = layer(ones((2, 5)))
    >>> type(layer).__name__, layer.in_features
    ('Linear', 5)
    """

    becomes = Linear
    axis = -1


class LazyConv1d(_Lazy):
    """Conv1d that takes ``in_channels`` from its first input.

    >>> layer = nn.LazyConv1d(4, 3)
    >>> _ = layer(ones((2, 3, 8)))
    >>> type(layer).__name__, layer.in_channels
    ('Conv1d', 3)
    """

    becomes = Conv1d
    axis = -2


class LazyConv2d(_Lazy):
    """Conv2d that takes ``in_channels`` from its first input.

    >>> layer = nn.LazyConv2d(4, 3)
    >>> _ = layer(ones((2, 3, 8, 8)))
    >>> type(layer).__name__, layer.in_channels
    ('Conv2d', 3)
    """

    becomes = Conv2d
    axis = -3


class LazyConv3d(_Lazy):
    """Conv3d that takes ``in_channels`` from its first input.

    >>> layer = nn.LazyConv3d(4, 3)
    >>> _ = layer(ones((2, 3, 8, 8, 8)))
    >>> type(layer).__name__, layer.in_channels
    ('Conv3d', 3)
    """

    becomes = Conv3d
    axis = -4


class LazyConvTranspose1d(_Lazy):
    """ConvTranspose1d that takes ``in_channels`` from its first input.

    >>> layer = nn.LazyConvTranspose1d(4, 3)
    >>> _ = layer(ones((2, 3, 4)))
    >>> type(layer).__name__, layer.in_channels
    ('ConvTranspose1d', 3)
    """

    becomes = ConvTranspose1d
    axis = -2


class LazyConvTranspose2d(_Lazy):
    """ConvTranspose2d that takes ``in_channels`` from its first input.

    >>> layer = nn.LazyConvTranspose2d(4, 3)
    >>> _ = layer(ones((2, 3, 4, 4)))
    >>> type(layer).__name__, layer.in_channels
    ('ConvTranspose2d', 3)
    """

    becomes = ConvTranspose2d
    axis = -3


class LazyConvTranspose3d(_Lazy):
    """ConvTranspose3d that takes ``in_channels`` from its first input.

    >>> layer = nn.LazyConvTranspose3d(4, 3)
    >>> _ = layer(ones((2, 3, 4, 4, 4)))
    >>> type(layer).__name__, layer.in_channels
    ('ConvTranspose3d', 3)
    """

    becomes = ConvTranspose3d
    axis = -4


class LazyBatchNorm1d(_Lazy):
    """BatchNorm1d that takes ``num_features`` from its first input.

    >>> layer = nn.LazyBatchNorm1d()
    >>> _ = layer(ones((2, 3, 4)))
    >>> type(layer).__name__, layer.num_features
    ('BatchNorm1d', 3)
    """

    becomes = BatchNorm1d
    axis = 1


class LazyBatchNorm2d(_Lazy):
    """BatchNorm2d that takes ``num_features`` from its first input.

    >>> layer = nn.LazyBatchNorm2d()
    >>> _ = layer(ones((2, 3, 4, 4)))
    >>> type(layer).__name__, layer.num_features
    ('BatchNorm2d', 3)
    """

    becomes = BatchNorm2d
    axis = 1


class LazyBatchNorm3d(_Lazy):
    """BatchNorm3d that takes ``num_features`` from its first input.

    >>> layer = nn.LazyBatchNorm3d()
    >>> _ = layer(ones((2, 3, 4, 4, 4)))
    >>> type(layer).__name__, layer.num_features
    ('BatchNorm3d', 3)
    """

    becomes = BatchNorm3d
    axis = 1


class LazyInstanceNorm1d(_Lazy):
    """InstanceNorm1d that takes ``num_features`` from its first input.

    >>> layer = nn.LazyInstanceNorm1d(affine=True)
    >>> _ = layer(ones((2, 3, 4)))
    >>> type(layer).__name__, layer.num_features
    ('InstanceNorm1d', 3)
    """

    becomes = InstanceNorm1d
    axis = 1


class LazyInstanceNorm2d(_Lazy):
    """InstanceNorm2d that takes ``num_features`` from its first input.

    >>> layer = nn.LazyInstanceNorm2d(affine=True)
    >>> _ = layer(ones((2, 3, 4, 4)))
    >>> type(layer).__name__, layer.num_features
    ('InstanceNorm2d', 3)
    """

    becomes = InstanceNorm2d
    axis = 1


class LazyInstanceNorm3d(_Lazy):
    """InstanceNorm3d that takes ``num_features`` from its first input.

    >>> layer = nn.LazyInstanceNorm3d(affine=True)
    >>> _ = layer(ones((2, 3, 4, 4, 4)))
    >>> type(layer).__name__, layer.num_features
    ('InstanceNorm3d', 3)
    """

    becomes = InstanceNorm3d
    axis = 1
