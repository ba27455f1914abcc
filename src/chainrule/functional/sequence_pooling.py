"""The k largest of a sequence, whatever its length."""

from __future__ import annotations

import math

from ..errors import ShapeError
from ..graph import Tensor, TensorLike
from ..ops import sort, take_along_axis, top_k
from ..ops.rules import promoted_floating

__all__ = ["k_max_pool1d"]


def k_max_pool1d(x: TensorLike, k: int, *, factor: float = 0.0) -> Tensor:
    """Keep the k largest elements of each channel, in the order of time (Kalchbrenner et al. 2014).

    x (..., L) gives (..., max(k, ceil(factor * L))): with a factor more are kept of long sequences.
    Of equal elements the first are kept. In Torch7: TemporalDynamicKMaxPooling. Raises ShapeError
    if the sequence is too short.

    >>> F.k_max_pool1d(tensor([[5.0, 1.0, 7.0, 6.0]]), 2)
    tensor([[7., 6.]])
    """
    (node,) = promoted_floating([x])
    length = node.shape[-1] if node.ndim else 0
    wanted = max(int(k), math.ceil(factor * length))
    if not 1 <= wanted <= length:
        raise ShapeError(
            "k_max_pool1d", required=f"x (..., L) with L >= {wanted} >= 1, the number to keep",
            received=f"shape {node.shape}",
        )  # fmt: skip
    _, places = top_k(node, wanted)
    return take_along_axis(node, sort(places), axis=-1)
