"""Convolution whose weights differ from place to place."""

from __future__ import annotations

from ..errors import ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import einsum, expand_dims, pad, squeeze, windows
from .spatial import PerAxis, per_axis

__all__ = ["locally_connected2d"]


def locally_connected2d(
    x: TensorLike, weight: TensorLike, bias: TensorLike | None = None, *, stride: PerAxis = 1,
    padding: PerAxis = 0,
) -> Tensor:  # fmt: skip
    """Convolve with weights of their own at each place (i, j) of the output.

    y[n, o, i, j] = bias[o, i, j] + sum over c, k, l of x[n, c, i*s + k - p, j*s + l - p] *
    weight[i, j, o, c, k, l]. x (N, C, H, W) or (C, H, W), weight (H', W', O, C, K1, K2), bias (O,
    H', W') give (N, O, H', W'), as conv2d would. Raises ShapeError unless they fit.

    >>> F.locally_connected2d(tensor([[[1.0, 2.0]]]), tensor([[[[[[3.0]]]], [[[[4.0]]]]]]))
    tensor([[[3., 8.]]])
    """
    kernel, node = as_tensor(weight), as_tensor(x)
    if kernel.ndim != 6 or node.ndim not in (3, 4) or node.shape[-3] != kernel.shape[3]:
        raise ShapeError(
            "locally_connected2d", required="weight (H', W', O, C, K1, K2), x (N, C, H, W) or "
            "(C, H, W)", received=f"{kernel.shape} and {node.shape}",
        )  # fmt: skip
    batched = node.ndim == 4
    if not batched:
        node = expand_dims(node, axis=0)
    pads = per_axis(padding, 2, "padding of locally_connected2d", least=0)
    steps = per_axis(stride, 2, "stride of locally_connected2d", least=1)
    padded = pad(node, [(0, 0), (0, 0), *[(p, p) for p in pads]])
    views = windows(padded, kernel.shape[4:], stride=steps)
    if views.shape[2:4] != kernel.shape[:2]:
        raise ShapeError(
            "locally_connected2d", required=f"weights for {kernel.shape[:2]} places",
            received=f"x of shape {node.shape}, with {views.shape[2:4]} places",
        )  # fmt: skip
    y = einsum("nchwkl,hwockl->nohw", views, kernel)
    if bias is not None:
        y = y + bias
    return y if batched else squeeze(y, 0)
