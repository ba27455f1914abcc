"""Windows of images as columns of a matrix, and columns added up to images."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..errors import ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import expand_dims, fold_windows, pad, permute_dims, reshape, squeeze, windows
from .spatial import PerAxis, per_axis

__all__ = ["fold", "unfold"]

Ints = tuple[int, ...]


def unfold(
    x: TensorLike, kernel_size: PerAxis, *, dilation: PerAxis = 1, padding: PerAxis = 0,
    stride: PerAxis = 1,
) -> Tensor:  # fmt: skip
    """Make each window a column: y[n, (c, k1, k2), (i, j)] = x[n, c, i*s + k1*d, j*s + k2*d].

    x (N, C, H, W) or (C, H, W), padded with zeros, gives (N, C * K1 * K2, L), L the number of
    windows. As many spatial axes as the kernel size has numbers, two for one number. Also called
    im2col. Raises ShapeError if no window fits.

    >>> F.unfold(tensor([[[1.0, 2.0, 3.0]]]), (1, 2))
    tensor([[1., 2.],
            [2., 3.]])
    """
    node, rank = as_tensor(x), _rank(kernel_size)
    size, spacing, pads, steps = _geometry("unfold", rank, kernel_size, dilation, padding, stride)
    batched = node.ndim == rank + 2
    if node.ndim not in (rank + 1, rank + 2):
        raise ShapeError(
            "unfold", required=f"x (N, C, *S) or (C, *S) with {rank} axes S",
            received=f"{node.shape}",
        )  # fmt: skip
    if not batched:
        node = expand_dims(node, axis=0)
    padded = pad(node, [(0, 0), (0, 0), *[(p, p) for p in pads]])
    views = windows(padded, size, stride=steps, dilation=spacing)
    space, taps = range(2, 2 + rank), range(2 + rank, 2 + 2 * rank)
    columns = (math.prod(views.shape[2 : 2 + rank]),)
    rows = (views.shape[1] * math.prod(size),)
    matrix = reshape(permute_dims(views, (0, 1, *taps, *space)), (node.shape[0], *rows, *columns))
    return matrix if batched else squeeze(matrix, 0)


def fold(
    x: TensorLike, output_size: PerAxis, kernel_size: PerAxis, *, dilation: PerAxis = 1,
    padding: PerAxis = 0, stride: PerAxis = 1,
) -> Tensor:  # fmt: skip
    """Add columns up where their windows are: the adjoint of unfold, also called col2im.

    x (N, C * K1 * K2, L) or (C * K1 * K2, L) gives (N, C, *output_size). Where windows overlap the
    result is a sum. Raises ShapeError unless there are L windows.

    >>> F.fold(tensor([[1.0, 2.0], [2.0, 3.0]]), (1, 3), (1, 2))
    tensor([[[1., 4., 3.]]])
    """
    node = as_tensor(x)
    rank = _rank(output_size) if isinstance(kernel_size, int) else _rank(kernel_size)
    size, spacing, pads, steps = _geometry("fold", rank, kernel_size, dilation, padding, stride)
    wanted = per_axis(output_size, rank, "output_size of fold", least=1)
    lengths = tuple(n + 2 * p for n, p in zip(wanted, pads, strict=True))
    counts = tuple(
        (n - d * (k - 1) - 1) // s + 1
        for n, k, s, d in zip(lengths, size, steps, spacing, strict=True)
    )
    batched, taps = node.ndim == 3, math.prod(size)
    if (
        node.ndim not in (2, 3) or min(counts) < 1
        or node.shape[-2] % taps or node.shape[-1] != math.prod(counts)
    ):  # fmt: skip
        raise ShapeError(
            "fold", required=f"x (N, C * {taps}, L) or (C * {taps}, L) with L = {counts} windows",
            received=f"shape {node.shape}",
        )  # fmt: skip
    batch = node.shape[0] if batched else 1
    views = reshape(node, (batch, node.shape[-2] // taps, *size, *counts))
    order = (0, 1, *range(2 + rank, 2 + 2 * rank), *range(2, 2 + rank))
    image = fold_windows(permute_dims(views, order), lengths, stride=steps, dilation=spacing)
    image = pad(image, [(0, 0), (0, 0), *[(-p, -p) for p in pads]])
    return image if batched else squeeze(image, 0)


def _rank(value: PerAxis) -> int:
    return len(value) if isinstance(value, Sequence) else 2


def _geometry(
    what: str, rank: int, size: PerAxis, dilation: PerAxis, padding: PerAxis, stride: PerAxis
) -> tuple[Ints, Ints, Ints, Ints]:
    return (
        per_axis(size, rank, f"kernel_size of {what}", least=1),
        per_axis(dilation, rank, f"dilation of {what}", least=1),
        per_axis(padding, rank, f"padding of {what}", least=0),
        per_axis(stride, rank, f"stride of {what}", least=1),
    )
