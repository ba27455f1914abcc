"""Layers that change the shape."""

from __future__ import annotations

from .. import functional as F
from ..ops import flatten
from .function_layer import FunctionLayer

__all__ = ["Flatten", "Unflatten"]


class Flatten(FunctionLayer, function=flatten):
    """Merge the axes from ``start_axis`` to ``end_axis`` into one; all but the batch by default.

    >>> nn.Flatten()(ones((2, 3, 4))).shape
    (2, 12)
    """

    start_axis: int = 1
    end_axis: int = -1


class Unflatten(FunctionLayer, function=F.unflatten):
    """Split an axis into several, of which one length may be -1.

    >>> nn.Unflatten(1, (3, -1))(ones((2, 12))).shape
    (2, 3, 4)
    """

    axis: int
    sizes: tuple[int, ...]
