"""Layers that put maxima back to where they were; the formula is in ``functional.unpooling``."""

from __future__ import annotations

from collections.abc import Sequence

from .. import functional as F
from ..functional.spatial import PerAxis
from ..graph import Tensor, TensorLike
from .function_layer import FunctionLayer

__all__ = ["MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"]


class _MaxUnpool(FunctionLayer):
    kernel_size: PerAxis
    stride: PerAxis | None = None
    padding: PerAxis = 0
    output_size: Sequence[int] | None = None

    def forward(
        self, x: TensorLike, indices: TensorLike, output_size: Sequence[int] | None = None
    ) -> Tensor:
        """Unpool to a size that may differ from call to call."""
        options = self.options()
        if output_size is not None:
            options["output_size"] = output_size
        unpooled: Tensor = self.function(x, indices, **options)
        return unpooled


class MaxUnpool1d(_MaxUnpool, function=F.max_unpool1d):
    """Put maxima back to their indices, zeros elsewhere: (N, C, L) -> (N, C, (L - 1)s - 2p + K).

    The inputs are what MaxPool1d gives with return_indices, the options are its options. Several
    lengths are pooled to the same: ``layer(x, indices, output_size)`` says which one it was.

    >>> x, indices = nn.MaxPool1d(2, return_indices=True)(tensor([[[1.0, 3.0, 2.0, 0.0]]]))
    >>> nn.MaxUnpool1d(2)(x, indices)
    tensor([[[0., 3., 2., 0.]]])
    """


class MaxUnpool2d(_MaxUnpool, function=F.max_unpool2d):
    """Put maxima back to their indices: (N, C, H, W) -> (N, C, H', W'); see MaxUnpool1d.

    >>> x, indices = nn.MaxPool2d(2, return_indices=True)(ones((1, 1, 5, 6)))
    >>> nn.MaxUnpool2d(2)(x, indices, (5, 6)).shape
    (1, 1, 5, 6)
    """


class MaxUnpool3d(_MaxUnpool, function=F.max_unpool3d):
    """Put maxima back to their indices: (N, C, D, H, W) -> (N, C, D', H', W'); see MaxUnpool1d.

    >>> x, indices = nn.MaxPool3d(2, return_indices=True)(ones((1, 1, 4, 4, 4)))
    >>> nn.MaxUnpool3d(2)(x, indices).shape
    (1, 1, 4, 4, 4)
    """
