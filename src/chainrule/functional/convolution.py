"""Convolution and its transpose along one, two or three spatial axes."""

from __future__ import annotations

from ..errors import ArgumentError, ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import convolve, expand_dims, flip, permute_dims, reshape, squeeze
from .spatial import PerAxis, per_axis

__all__ = [
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
]

Padding = PerAxis | str


def conv1d(
    x: TensorLike, weight: TensorLike, bias: TensorLike | None = None, *, stride: PerAxis = 1,
    padding: Padding = 0, dilation: PerAxis = 1, groups: int = 1,
) -> Tensor:  # fmt: skip
    """Convolve along one axis, with stride s, dilation d, padding p (cross-correlation).

    y[n, o, i] = bias[o] + sum over c, k of x[n, c, i * s + k * d - p] * weight[o, c, k].
    x (N, C, L) or (C, L), weight (O, C // groups, K), bias (O) give (N, O, out) with
    out = floor((L + 2 * padding - dilation * (K - 1) - 1) / stride) + 1. The padding is a number
    of zeros on both sides, "valid" (none) or "same" (out = L, for stride 1). Group i of the
    outputs sees group i of the channels. Raises ShapeError if the kernel does not fit.

    >>> F.conv1d(tensor([[[1.0, 2.0, 3.0]]]), tensor([[[1.0, 1.0]]]), tensor([0.5]))
    tensor([[[3.5, 5.5]]])
    """
    return _convolution("conv1d", 1, x, weight, bias, stride, padding, dilation, groups)


def conv2d(
    x: TensorLike, weight: TensorLike, bias: TensorLike | None = None, *, stride: PerAxis = 1,
    padding: Padding = 0, dilation: PerAxis = 1, groups: int = 1,
) -> Tensor:  # fmt: skip
    """Convolve along two axes: x (N, C, H, W), weight (O, C // groups, K1, K2); see conv1d.

    >>> F.conv2d(ones((1, 1, 3, 3)), ones((1, 1, 2, 2))).tolist()
    [[[[4.0, 4.0], [4.0, 4.0]]]]
    """
    return _convolution("conv2d", 2, x, weight, bias, stride, padding, dilation, groups)


def conv3d(
    x: TensorLike, weight: TensorLike, bias: TensorLike | None = None, *, stride: PerAxis = 1,
    padding: Padding = 0, dilation: PerAxis = 1, groups: int = 1,
) -> Tensor:  # fmt: skip
    """Convolve along three axes: x (N, C, D, H, W), weight (O, C // groups, *K); see conv1d.

    >>> F.conv3d(ones((1, 1, 2, 2, 2)), ones((1, 1, 2, 2, 2)))
    tensor([[[[[8.]]]]])
    """
    return _convolution("conv3d", 3, x, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    x: TensorLike, weight: TensorLike, bias: TensorLike | None = None, *, stride: PerAxis = 1,
    padding: PerAxis = 0, output_padding: PerAxis = 0, groups: int = 1, dilation: PerAxis = 1,
) -> Tensor:  # fmt: skip
    """Transposed convolution along one axis: y[n, o, i*s + k*d - p] += x[n, c, i] * w[c, o, k].

    The adjoint of conv1d, also called deconvolution. x (N, C, L) or (C, L), weight
    (C, O // groups, K), bias (O) give (N, O, out) with
    out = (L - 1) * stride - 2 * padding + dilation * (K - 1) + output_padding + 1. The output
    padding, less than stride or dilation, makes the output longer at its end.

    >>> F.conv_transpose1d(tensor([[[1.0, 2.0]]]), tensor([[[1.0, 10.0]]]), stride=2)
    tensor([[[ 1., 10.,  2., 20.]]])
    """
    return _transposed(
        "conv_transpose1d", 1, x, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose2d(
    x: TensorLike, weight: TensorLike, bias: TensorLike | None = None, *, stride: PerAxis = 1,
    padding: PerAxis = 0, output_padding: PerAxis = 0, groups: int = 1, dilation: PerAxis = 1,
) -> Tensor:  # fmt: skip
    """Transposed convolution along two axes: x (N, C, H, W), weight (C, O // groups, K1, K2).

    See conv_transpose1d.

    >>> F.conv_transpose2d(ones((1, 1, 1, 2)), ones((1, 1, 1, 2)))
    tensor([[[[1., 2., 1.]]]])
    """
    return _transposed(
        "conv_transpose2d", 2, x, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose3d(
    x: TensorLike, weight: TensorLike, bias: TensorLike | None = None, *, stride: PerAxis = 1,
    padding: PerAxis = 0, output_padding: PerAxis = 0, groups: int = 1, dilation: PerAxis = 1,
) -> Tensor:  # fmt: skip
    """Transposed convolution along three axes: x (N, C, D, H, W), weight (C, O // groups, *K).

    See conv_transpose1d.

    >>> F.conv_transpose3d(ones((1, 1, 1, 1, 1)), ones((1, 2, 2, 2, 2))).shape
    (1, 2, 2, 2, 2)
    """
    return _transposed(
        "conv_transpose3d", 3, x, weight, bias, stride, padding, output_padding, groups, dilation
    )


def _convolution(
    what: str, rank: int, x: TensorLike, weight: TensorLike, bias: TensorLike | None,
    stride: PerAxis, padding: Padding, dilation: PerAxis, groups: int,
) -> Tensor:  # fmt: skip
    kernel = _checked_weight(as_tensor(weight), rank, what)
    steps = per_axis(stride, rank, f"stride of {what}", least=1)
    spacing = per_axis(dilation, rank, f"dilation of {what}", least=1)
    node, batched = _batched(as_tensor(x), rank, what)
    result = convolve(
        node, kernel, stride=steps, dilation=spacing, groups=groups,
        padding=padding_pairs(padding, kernel.shape[2:], steps, spacing),
    )  # fmt: skip
    return _finished(result, bias, rank, batched)


def _transposed(
    what: str, rank: int, x: TensorLike, weight: TensorLike, bias: TensorLike | None,
    stride: PerAxis, padding: PerAxis, output_padding: PerAxis, groups: int, dilation: PerAxis,
) -> Tensor:  # fmt: skip
    kernel = _checked_weight(as_tensor(weight), rank, what)
    steps = per_axis(stride, rank, f"stride of {what}", least=1)
    spacing = per_axis(dilation, rank, f"dilation of {what}", least=1)
    cropped = per_axis(padding, rank, f"padding of {what}", least=0)
    extra = per_axis(output_padding, rank, f"output_padding of {what}", least=0)
    if any(e >= max(s, d) for e, s, d in zip(extra, steps, spacing, strict=True)):
        raise ArgumentError(
            f"output_padding of {what}", required="less than the stride or the dilation",
            received=f"{output_padding} with stride {stride} and dilation {dilation}",
        )  # fmt: skip
    node, batched = _batched(as_tensor(x), rank, what)
    spans = [d * (k - 1) for d, k in zip(spacing, kernel.shape[2:], strict=True)]
    pads = [(span - p, span - p + e) for span, p, e in zip(spans, cropped, extra, strict=True)]
    result = convolve(
        node, _turned(kernel, groups), dilation=spacing, input_dilation=steps, groups=groups,
        padding=pads,
    )  # fmt: skip
    return _finished(result, bias, rank, batched)


def _turned(weight: Tensor, groups: int) -> Tensor:
    """Turn (C, O // groups, *K) into the kernel (O, C // groups, *K) of the adjoint, reversed."""
    channels, outputs, *taps = weight.shape
    space = range(2, 2 + len(taps))
    if groups == 1:
        return flip(permute_dims(weight, (1, 0, *space)), axis=tuple(space))
    if channels % groups:
        raise ShapeError(
            "transposed convolution", required="input channels divisible by groups",
            received=f"{channels} channels, {groups} groups",
        )  # fmt: skip
    split = reshape(weight, (groups, channels // groups, outputs, *taps))
    turned = permute_dims(split, (0, 2, 1, *[k + 1 for k in space]))
    kernel = reshape(turned, (groups * outputs, channels // groups, *taps))
    return flip(kernel, axis=tuple(space))


def _checked_weight(weight: Tensor, rank: int, what: str) -> Tensor:
    if weight.ndim != rank + 2:
        raise ShapeError(
            what, required=f"a weight of {rank + 2} axes", received=f"shape {weight.shape}"
        )
    return weight


def _batched(x: Tensor, rank: int, what: str) -> tuple[Tensor, bool]:
    """Give a single sample a batch axis."""
    if x.ndim not in (rank + 1, rank + 2):
        axes = ("L", "H, W", "D, H, W")[rank - 1]
        raise ShapeError(
            what, required=f"x (N, C, {axes}) or (C, {axes})", received=f"shape {x.shape}"
        )
    return (x, True) if x.ndim == rank + 2 else (expand_dims(x, axis=0), False)


def _finished(y: Tensor, bias: TensorLike | None, rank: int, batched: bool) -> Tensor:
    if bias is not None:
        y = y + reshape(bias, (-1, *[1] * rank))
    return y if batched else squeeze(y, 0)


def padding_pairs(
    padding: Padding, taps: tuple[int, ...], stride: PerAxis, dilation: PerAxis
) -> list[tuple[int, int]]:
    """Return the padding as (before, after) for each axis.

    >>> padding_pairs("same", (3, 4), stride=1, dilation=1)
    [(1, 1), (1, 2)]
    """
    rank = len(taps)
    if padding == "valid":
        padding = 0
    if padding == "same":
        if set(per_axis(stride, rank, "stride", least=1)) != {1}:
            raise ArgumentError(
                "padding 'same'", required="stride 1", received=f"stride {stride}"
            )  # fmt: skip
        spacing = per_axis(dilation, rank, "dilation", least=1)
        totals = [d * (k - 1) for d, k in zip(spacing, taps, strict=True)]
        return [(total // 2, total - total // 2) for total in totals]
    if isinstance(padding, str):
        raise ArgumentError(
            "padding", required="numbers, 'same' or 'valid'", received=repr(padding)
        )  # fmt: skip
    return [(p, p) for p in per_axis(padding, rank, "padding", least=0)]
