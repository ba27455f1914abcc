"""Padding layers: longer spatial axes; the modes are those of ``functional.pad``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from .. import functional as F
from ..errors import ArgumentError
from ..functional.pooling_windows import check_axes
from ..graph import Tensor, TensorLike, as_tensor
from .module import Module

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]

Amounts = int | Sequence[int]


class _Pad(Module):
    rank: ClassVar[int]
    mode: ClassVar[str] = "constant"
    value: float = 0.0

    def __init__(self, padding: Amounts) -> None:
        count = 2 * self.rank
        amounts = (padding,) * count if isinstance(padding, int) else tuple(padding)
        if len(amounts) != count or not all(isinstance(n, int) for n in amounts):
            raise ArgumentError(
                f"padding of {type(self).__name__}", required=f"one integer or {count}, (before, "
                "after) of the last axis first", received=repr(padding),
            )  # fmt: skip
        self.padding = amounts

    def forward(self, x: TensorLike) -> Tensor:
        """Pad the spatial axes."""
        node = as_tensor(x)
        check_axes(type(self).__name__, self.rank, node)
        pairs = [(self.padding[k], self.padding[k + 1]) for k in range(0, 2 * self.rank, 2)]
        return F.pad(node, pairs[::-1], mode=self.mode, value=self.value)

    def extra_repr(self) -> str:
        """Show the amounts."""
        return f"{self.padding}"


class _ConstantPad(_Pad):
    def __init__(self, padding: Amounts, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def extra_repr(self) -> str:
        """Show the amounts and the value."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """Add a value at both ends: (N, C, L) -> (N, C, before + L + after).

    A number of elements for all sides, or (left, right); negative ones crop.

    >>> nn.ConstantPad1d(1, 9.0)(tensor([[[1.0, 2.0]]]))
    tensor([[[9., 1., 2., 9.]]])
    """

    rank = 1


class ConstantPad2d(_ConstantPad):
    """Add a value around two axes: (N, C, H, W) -> (N, C, H', W').

    Amounts (left, right, top, bottom), or one for all; see ConstantPad1d.

    >>> nn.ConstantPad2d((1, 2, 3, 0), 9.0)(ones((1, 1, 4, 5))).shape
    (1, 1, 7, 8)
    """

    rank = 2


class ConstantPad3d(_ConstantPad):
    """Add a value around three axes: (N, C, D, H, W) -> (N, C, D', H', W').

    Amounts (left, right, top, bottom, front, back), or one for all; see ConstantPad1d.

    >>> nn.ConstantPad3d((1, 1, 0, 2, 2, 1), 9.0)(ones((1, 1, 3, 4, 5))).shape
    (1, 1, 6, 6, 7)
    """

    rank = 3


class ZeroPad1d(_Pad):
    """Add zeros at both ends: (N, C, L) -> (N, C, before + L + after).

    A number of elements for all sides, or (left, right); negative ones crop.

    >>> nn.ZeroPad1d((1, 2))(tensor([[[1.0, 2.0]]]))
    tensor([[[0., 1., 2., 0., 0.]]])
    """

    rank = 1


class ZeroPad2d(_Pad):
    """Add zeros around two axes: (N, C, H, W) -> (N, C, H', W').

    Amounts (left, right, top, bottom), or one for all; see ZeroPad1d.

    >>> nn.ZeroPad2d((1, 2, 3, 0))(ones((1, 1, 4, 5))).shape
    (1, 1, 7, 8)
    """

    rank = 2


class ZeroPad3d(_Pad):
    """Add zeros around three axes: (N, C, D, H, W) -> (N, C, D', H', W').

    Amounts (left, right, top, bottom, front, back), or one for all; see ZeroPad1d.

    >>> nn.ZeroPad3d((1, 1, 0, 2, 2, 1))(ones((1, 1, 3, 4, 5))).shape
    (1, 1, 6, 6, 7)
    """

    rank = 3


class ReflectionPad1d(_Pad):
    """Mirror the axis at its border elements: (N, C, L) -> (N, C, before + L + after).

    At most L - 1 elements on each side, or (left, right); negative ones crop.

    >>> nn.ReflectionPad1d(2)(tensor([[[1.0, 2.0, 3.0]]]))
    tensor([[[3., 2., 1., 2., 3., 2., 1.]]])
    """

    rank = 1
    mode = "reflect"


class ReflectionPad2d(_Pad):
    """Mirror two axes at their border elements: (N, C, H, W) -> (N, C, H', W').

    Amounts (left, right, top, bottom), or one for all; see ReflectionPad1d.

    >>> nn.ReflectionPad2d((1, 2, 3, 0))(ones((1, 1, 4, 5))).shape
    (1, 1, 7, 8)
    """

    rank = 2
    mode = "reflect"


class ReflectionPad3d(_Pad):
    """Mirror three axes at their border elements: (N, C, D, H, W) -> (N, C, D', H', W').

    Amounts (left, right, top, bottom, front, back), or one for all; see ReflectionPad1d.

    >>> nn.ReflectionPad3d((1, 1, 0, 2, 2, 1))(ones((1, 1, 3, 4, 5))).shape
    (1, 1, 6, 6, 7)
    """

    rank = 3
    mode = "reflect"


class ReplicationPad1d(_Pad):
    """Repeat the border elements: (N, C, L) -> (N, C, before + L + after).

    A number of elements for all sides, or (left, right); negative ones crop.

    >>> nn.ReplicationPad1d((2, 1))(tensor([[[1.0, 2.0]]]))
    tensor([[[1., 1., 1., 2., 2.]]])
    """

    rank = 1
    mode = "replicate"


class ReplicationPad2d(_Pad):
    """Repeat the border elements of two axes: (N, C, H, W) -> (N, C, H', W').

    Amounts (left, right, top, bottom), or one for all; see ReplicationPad1d.

    >>> nn.ReplicationPad2d((1, 2, 3, 0))(ones((1, 1, 4, 5))).shape
    (1, 1, 7, 8)
    """

    rank = 2
    mode = "replicate"


class ReplicationPad3d(_Pad):
    """Repeat the border elements of three axes: (N, C, D, H, W) -> (N, C, D', H', W').

    Amounts (left, right, top, bottom, front, back), or one for all; see ReplicationPad1d.

    >>> nn.ReplicationPad3d((1, 1, 0, 2, 2, 1))(ones((1, 1, 3, 4, 5))).shape
    (1, 1, 6, 6, 7)
    """

    rank = 3
    mode = "replicate"


class CircularPad1d(_Pad):
    """Go on with the other end of the axis: (N, C, L) -> (N, C, before + L + after).

    At most L elements on each side, or (left, right); negative ones crop.

    >>> nn.CircularPad1d((1, 2))(tensor([[[1.0, 2.0, 3.0]]]))
    tensor([[[3., 1., 2., 3., 1., 2.]]])
    """

    rank = 1
    mode = "circular"


class CircularPad2d(_Pad):
    """Go on with the other end of two axes: (N, C, H, W) -> (N, C, H', W').

    Amounts (left, right, top, bottom), or one for all; see CircularPad1d.

    >>> nn.CircularPad2d((1, 2, 3, 0))(ones((1, 1, 4, 5))).shape
    (1, 1, 7, 8)
    """

    rank = 2
    mode = "circular"


class CircularPad3d(_Pad):
    """Go on with the other end of three axes: (N, C, D, H, W) -> (N, C, D', H', W').

    Amounts (left, right, top, bottom, front, back), or one for all; see CircularPad1d.

    >>> nn.CircularPad3d((1, 1, 0, 2, 2, 1))(ones((1, 1, 3, 4, 5))).shape
    (1, 1, 6, 6, 7)
    """

    rank = 3
    mode = "circular"
