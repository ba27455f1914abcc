"""Pooling with a given number of windows, whatever the length of the input."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..errors import ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import flatten, matmul, moveaxis, reshape, take
from ..ops.rules import promoted_floating
from .pooling import first_maximum
from .spatial import per_axis

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "global_avg_pool",
    "global_max_pool",
]

Sizes = int | tuple[int | None, ...]


def adaptive_max_pool1d(x: TensorLike, output_size: Sizes) -> Tensor:
    """Maximum over ``output_size`` windows of about equal size.

    Window i of an axis of length n goes from floor(i * n / out) to ceil((i + 1) * n / out). x
    (N, C, L) or (C, L) gives (..., out); a size of None keeps the length.

    >>> F.adaptive_max_pool1d(tensor([[1.0, 5.0, 2.0, 0.0, 3.0]]), 2)
    tensor([[5., 3.]])
    """
    return _adaptive("adaptive_max_pool1d", 1, x, output_size, _adaptive_max)


def adaptive_max_pool2d(x: TensorLike, output_size: Sizes) -> Tensor:
    """Maximum over a grid of windows: x (N, C, H, W) or (C, H, W); see adaptive_max_pool1d.

    >>> F.adaptive_max_pool2d(tensor([[[1.0, 2.0], [3.0, 4.0]]]), (None, 1))
    tensor([[[2.],
             [4.]]])
    """
    return _adaptive("adaptive_max_pool2d", 2, x, output_size, _adaptive_max)


def adaptive_max_pool3d(x: TensorLike, output_size: Sizes) -> Tensor:
    """Maximum over a grid of windows: x (N, C, D, H, W) or (C, D, H, W); see adaptive_max_pool1d.

    >>> F.adaptive_max_pool3d(ones((1, 4, 4, 4)), 2).shape
    (1, 2, 2, 2)
    """
    return _adaptive("adaptive_max_pool3d", 3, x, output_size, _adaptive_max)


def adaptive_avg_pool1d(x: TensorLike, output_size: Sizes) -> Tensor:
    """Mean over ``output_size`` windows of about equal size; windows as in adaptive_max_pool1d.

    >>> F.adaptive_avg_pool1d(tensor([[1.0, 5.0, 2.0, 0.0, 4.0]]), 2)
    tensor([[2.6666667, 2.       ]])
    """
    return _adaptive("adaptive_avg_pool1d", 1, x, output_size, _adaptive_avg)


def adaptive_avg_pool2d(x: TensorLike, output_size: Sizes) -> Tensor:
    """Mean over a grid of windows: x (N, C, H, W) or (C, H, W); see adaptive_max_pool1d.

    >>> F.adaptive_avg_pool2d(tensor([[[1.0, 2.0], [3.0, 4.0]]]), 1)
    tensor([[[2.5]]])
    """
    return _adaptive("adaptive_avg_pool2d", 2, x, output_size, _adaptive_avg)


def adaptive_avg_pool3d(x: TensorLike, output_size: Sizes) -> Tensor:
    """Mean over a grid of windows: x (N, C, D, H, W) or (C, D, H, W); see adaptive_max_pool1d.

    >>> F.adaptive_avg_pool3d(ones((1, 4, 4, 4)), 2).shape
    (1, 2, 2, 2)
    """
    return _adaptive("adaptive_avg_pool3d", 3, x, output_size, _adaptive_avg)


def global_max_pool(x: TensorLike) -> Tensor:
    """Maximum over all spatial axes: x (N, C, *S) gives (N, C).

    >>> F.global_max_pool(tensor([[[1.0, 5.0, 2.0]]]))
    tensor([[5.]])
    """
    (node,) = promoted_floating([x])
    return first_maximum(flatten(node, 2))


def global_avg_pool(x: TensorLike) -> Tensor:
    """Mean over all spatial axes: x (N, C, *S) gives (N, C).

    >>> F.global_avg_pool(tensor([[[1.0, 5.0, 3.0]]]))
    tensor([[3.]])
    """
    (node,) = promoted_floating([x])
    return node.mean(tuple(range(2, node.ndim)))


def _adaptive(
    what: str, rank: int, x: TensorLike, output_size: Sizes, reduce: Callable[[Tensor, int], Tensor]
) -> Tensor:
    (node,) = promoted_floating([x])
    if node.ndim not in (rank + 1, rank + 2) or 0 in node.shape[-rank:]:
        raise ShapeError(
            what, required=f"x (N, C, *S) or (C, *S) with {rank} axes S of length >= 1",
            received=f"{node.shape}",
        )  # fmt: skip
    given = (output_size,) * rank if isinstance(output_size, int) else tuple(output_size)
    per_axis([1 if n is None else n for n in given], rank, f"output_size of {what}", least=1)
    sizes = [n if m is None else m for n, m in zip(node.shape[-rank:], given, strict=True)]
    for axis in range(-1, -1 - rank, -1):
        if sizes[axis] != node.shape[axis]:
            node = moveaxis(reduce(moveaxis(node, axis, -1), sizes[axis]), -1, axis)
    return node


def _bins(n: int, out: int) -> list[range]:
    return [range(i * n // out, -(-(i + 1) * n // out)) for i in range(out)]


def _adaptive_max(x: Tensor, out: int) -> Tensor:
    n = x.shape[-1]
    if n % out == 0:
        return first_maximum(reshape(x, (*x.shape[:-1], out, n // out)))
    bins = _bins(n, out)
    longest = max(map(len, bins))
    # A shorter window looks at its last element again, which changes no maximum.
    places = [[min(b.start + k, b.stop - 1) for k in range(longest)] for b in bins]
    return first_maximum(take(x, np.array(places), axis=-1))


def _adaptive_avg(x: Tensor, out: int) -> Tensor:
    n = x.shape[-1]
    if n % out == 0:
        return reshape(x, (*x.shape[:-1], out, n // out)).mean(-1)
    weights = np.zeros((n, out), x.dtype.compute)
    for i, b in enumerate(_bins(n, out)):
        weights[b.start : b.stop, i] = 1 / len(b)
    return matmul(x, as_tensor(weights, x.dtype))
