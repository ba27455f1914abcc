"""Elements that move between channels and space, and channels that change places."""

from __future__ import annotations

from ..errors import ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import permute_dims, reshape

__all__ = ["channel_shuffle", "pixel_shuffle", "pixel_unshuffle"]


def pixel_shuffle(x: TensorLike, upscale_factor: int) -> Tensor:
    """Make r*r channels into r x r pixels: y[c, h*r + i, w*r + j] = x[c*r*r + i*r + j, h, w].

    x (..., C * r * r, H, W) gives (..., C, H * r, W * r), r the ``upscale_factor``; ShapeError
    unless the channels are divisible by r * r (Shi et al. 2016).

    >>> F.pixel_shuffle(tensor([[[1.0]], [[2.0]], [[3.0]], [[4.0]]]), 2)
    tensor([[[1., 2.],
             [3., 4.]]])
    """
    node, r = as_tensor(x), int(upscale_factor)
    if node.ndim < 3 or r < 1 or node.shape[-3] % (r * r):
        raise ShapeError(
            "pixel_shuffle", required=f"x (..., C, H, W) with C divisible by {r} * {r} >= 1",
            received=f"shape {node.shape}",
        )  # fmt: skip
    *front, channels, height, width = node.shape
    split = reshape(node, (*front, channels // (r * r), r, r, height, width))
    k = len(front)
    moved = permute_dims(split, (*range(k + 1), k + 3, k + 1, k + 4, k + 2))
    return reshape(moved, (*front, channels // (r * r), height * r, width * r))


def pixel_unshuffle(x: TensorLike, downscale_factor: int) -> Tensor:
    """Make r x r pixels into r*r channels: the inverse of pixel_shuffle.

    x (..., C, H * r, W * r) gives (..., C * r * r, H, W); ShapeError unless height and width are
    divisible by r.

    >>> F.pixel_unshuffle(tensor([[[1.0, 2.0], [3.0, 4.0]]]), 2).tolist()
    [[[1.0]], [[2.0]], [[3.0]], [[4.0]]]
    """
    node, r = as_tensor(x), int(downscale_factor)
    if node.ndim < 3 or r < 1 or node.shape[-2] % r or node.shape[-1] % r:
        raise ShapeError(
            "pixel_unshuffle", required=f"x (..., C, H, W) with H and W divisible by {r} >= 1",
            received=f"shape {node.shape}",
        )  # fmt: skip
    *front, channels, height, width = node.shape
    split = reshape(node, (*front, channels, height // r, r, width // r, r))
    k = len(front)
    moved = permute_dims(split, (*range(k + 1), k + 2, k + 4, k + 1, k + 3))
    return reshape(moved, (*front, channels * r * r, height // r, width // r))


def channel_shuffle(x: TensorLike, groups: int) -> Tensor:
    """Deal the channels of each group out to all groups: y[n, i*g + j] = x[n, j*C/g + i].

    x (N, C, ...) keeps its shape; ShapeError unless C is divisible by the groups (Zhang et al.
    2018).

    >>> F.channel_shuffle(tensor([[1.0, 2.0, 3.0, 4.0]]), 2)
    tensor([[1., 3., 2., 4.]])
    """
    node = as_tensor(x)
    if node.ndim < 2 or groups < 1 or node.shape[1] % groups:
        raise ShapeError(
            "channel_shuffle", required=f"x (N, C, ...) with C divisible by {groups} groups",
            received=f"shape {node.shape}",
        )  # fmt: skip
    batch, channels, *space = node.shape
    split = reshape(node, (batch, groups, channels // groups, *space))
    return reshape(permute_dims(split, (0, 2, 1, *range(3, split.ndim))), node.shape)
