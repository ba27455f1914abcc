"""Spatial pyramid pooling: grids of 1, 2 x 2, 4 x 4... windows give a vector of fixed length."""

from __future__ import annotations

from ..errors import ArgumentError, ShapeError
from ..graph import Tensor, TensorLike
from ..ops import concat, flatten
from ..ops.rules import promoted_floating
from .pooling import avg_pooled
from .pooling_windows import Window, max_pooled

__all__ = ["spatial_pyramid_pool"]


def spatial_pyramid_pool(x: TensorLike, levels: int, *, mode: str = "max") -> Tensor:
    """Pool images of any size to one length (He et al. 2014): Caffe's SPP layer.

    Level l has 2**l x 2**l windows of ceil(n / 2**l) elements side by side, in the middle of the
    axis; what overhangs counts as padding. x (N, C, H, W) gives (N, C * (1 + 4 + ... +
    4**(levels - 1))), the levels after one another. Mode "max" or "avg". Raises ShapeError for an
    image too small for the windows of the last level.

    >>> F.spatial_pyramid_pool(tensor([[[[1.0, 2.0], [3.0, 4.0]]]]), 2)
    tensor([[4., 1., 2., 3., 4.]])
    """
    (node,) = promoted_floating([x])
    if levels < 1 or mode not in ("max", "avg"):
        raise ArgumentError(
            "spatial_pyramid_pool", required="levels >= 1, mode 'max' or 'avg'",
            received=f"levels {levels}, mode {mode!r}",
        )  # fmt: skip
    if node.ndim != 4:
        raise ShapeError(
            "spatial_pyramid_pool", required="x (N, C, H, W)", received=f"shape {node.shape}"
        )
    parts = []
    for level in range(levels):
        plan = [_bins(n, 2**level) for n in node.shape[-2:]]
        pooled = max_pooled(node, plan, False) if mode == "max" else avg_pooled(node, plan, True)
        assert isinstance(pooled, Tensor)
        parts.append(flatten(pooled, 1))
    return concat(parts, axis=1)


def _bins(n: int, count: int) -> Window:
    size = -(-n // count)
    padding = (size * count - n + 1) // 2
    if padding >= size:
        raise ShapeError(
            "spatial_pyramid_pool", required=f"axes long enough for {count} windows that all meet "
            "the image", received=f"length {n}",
        )  # fmt: skip
    return Window(n, size, stride=size, padding=padding, dilation=1, ceil_mode=False)
