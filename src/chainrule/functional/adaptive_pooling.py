"""Pooling with a given number of windows, whatever the length of the input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import flatten, matmul, moveaxis, reshape, take
from ..ops.rules import promoted_floating
from .pooling_windows import (
    Window,
    check_axes,
    maximum_of_windows,
    positions,
    winners,
    with_indices,
)
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


def adaptive_max_pool1d(x: TensorLike, output_size: Sizes, *, return_indices: bool = False) -> Any:
    """Maximum over ``output_size`` windows of about equal size.

    Window i of an axis of length n goes from floor(i * n / out) to ceil((i + 1) * n / out). x
    (N, C, L) or (C, L) gives (..., out); a size of None keeps the length. With ``return_indices``
    the result is a pair, as in max_pool1d.

    >>> F.adaptive_max_pool1d(tensor([[1.0, 5.0, 2.0, 0.0, 3.0]]), 2)
    tensor([[5., 3.]])
    """
    return _adaptive("adaptive_max_pool1d", 1, x, output_size, _adaptive_max, return_indices)


def adaptive_max_pool2d(x: TensorLike, output_size: Sizes, *, return_indices: bool = False) -> Any:
    """Maximum over a grid of windows: x (N, C, H, W) or (C, H, W); see adaptive_max_pool1d.

    >>> F.adaptive_max_pool2d(tensor([[[1.0, 2.0], [3.0, 4.0]]]), (None, 1))
    tensor([[[2.],
             [4.]]])
    """
    return _adaptive("adaptive_max_pool2d", 2, x, output_size, _adaptive_max, return_indices)


def adaptive_max_pool3d(x: TensorLike, output_size: Sizes, *, return_indices: bool = False) -> Any:
    """Maximum over a grid of windows: x (N, C, D, H, W) or (C, D, H, W); see adaptive_max_pool1d.

    >>> F.adaptive_max_pool3d(ones((1, 4, 4, 4)), 2).shape
    (1, 2, 2, 2)
    """
    return _adaptive("adaptive_max_pool3d", 3, x, output_size, _adaptive_max, return_indices)


def adaptive_avg_pool1d(x: TensorLike, output_size: Sizes) -> Tensor:
    """Mean over ``output_size`` windows of about equal size; windows as in adaptive_max_pool1d.

    >>> F.adaptive_avg_pool1d(tensor([[1.0, 5.0, 2.0, 0.0, 4.0]]), 2)
    tensor([[2.6666667, 2.       ]])
    """
    y: Tensor = _adaptive("adaptive_avg_pool1d", 1, x, output_size, _adaptive_avg)
    return y


def adaptive_avg_pool2d(x: TensorLike, output_size: Sizes) -> Tensor:
    """Mean over a grid of windows: x (N, C, H, W) or (C, H, W); see adaptive_max_pool1d.

    >>> F.adaptive_avg_pool2d(tensor([[[1.0, 2.0], [3.0, 4.0]]]), 1)
    tensor([[[2.5]]])
    """
    y: Tensor = _adaptive("adaptive_avg_pool2d", 2, x, output_size, _adaptive_avg)
    return y


def adaptive_avg_pool3d(x: TensorLike, output_size: Sizes) -> Tensor:
    """Mean over a grid of windows: x (N, C, D, H, W) or (C, D, H, W); see adaptive_max_pool1d.

    >>> F.adaptive_avg_pool3d(ones((1, 4, 4, 4)), 2).shape
    (1, 2, 2, 2)
    """
    y: Tensor = _adaptive("adaptive_avg_pool3d", 3, x, output_size, _adaptive_avg)
    return y


def global_max_pool(x: TensorLike) -> Tensor:
    """Maximum over all spatial axes: x (N, C, *S) gives (N, C).

    >>> F.global_max_pool(tensor([[[1.0, 5.0, 2.0]]]))
    tensor([[5.]])
    """
    (node,) = promoted_floating([x])
    return winners(flatten(node, 2))[0]


def global_avg_pool(x: TensorLike) -> Tensor:
    """Mean over all spatial axes: x (N, C, *S) gives (N, C).

    >>> F.global_avg_pool(tensor([[[1.0, 5.0, 3.0]]]))
    tensor([[3.]])
    """
    (node,) = promoted_floating([x])
    return node.mean(tuple(range(2, node.ndim)))


def _adaptive(
    what: str, rank: int, x: TensorLike, output_size: Sizes, reduce: Callable[..., list[Tensor]],
    return_indices: bool = False,
) -> Any:  # fmt: skip
    (node,) = promoted_floating([x])
    check_axes(what, rank, node)
    if 0 in node.shape[-rank:]:
        raise ShapeError(what, required="axes S of length >= 1", received=f"{node.shape}")
    given = (output_size,) * rank if isinstance(output_size, int) else tuple(output_size)
    per_axis([1 if n is None else n for n in given], rank, f"output_size of {what}", least=1)
    sizes = [n if m is None else m for n, m in zip(node.shape[-rank:], given, strict=True)]
    found = [node, positions(node, rank)] if return_indices else [node]
    for axis in range(-1, -1 - rank, -1):
        if sizes[axis] != node.shape[axis]:
            found = reduce(sizes[axis], axis, *found)
    return with_indices(found)


def _bins(n: int, out: int) -> list[range]:
    return [range(i * n // out, -(-(i + 1) * n // out)) for i in range(out)]


def _adaptive_max(out: int, axis: int, *tensors: Tensor) -> list[Tensor]:
    n = tensors[0].shape[axis]
    if n % out == 0:
        window = Window(n, n // out, n // out, 0, 1, False)
        return maximum_of_windows(tensors[0], axis, window, *tensors[1:])
    bins = _bins(n, out)
    longest = max(map(len, bins))
    # A shorter window looks at its last element again, which changes no maximum.
    places = [[min(b.start + k, b.stop - 1) for k in range(longest)] for b in bins]
    lines = [moveaxis(t, axis, -1) for t in tensors]
    found = winners(*[take(t, np.array(places), axis=-1) for t in lines])
    return [moveaxis(t, -1, axis) for t in found]


def _adaptive_avg(out: int, axis: int, x: Tensor) -> list[Tensor]:
    n, at = x.shape[axis], x.ndim + axis
    if n % out == 0:
        split = (*x.shape[:at], out, n // out, *x.shape[at + 1 :])
        return [reshape(x, split).mean(at + 1)]
    weights = np.zeros((n, out), x.dtype.compute)
    for i, b in enumerate(_bins(n, out)):
        weights[b.start : b.stop, i] = 1 / len(b)
    return [moveaxis(matmul(moveaxis(x, axis, -1), as_tensor(weights, x.dtype)), -1, axis)]
