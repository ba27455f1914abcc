"""Normalisation by a weighted neighbourhood in all channels, and by whole images.

With a kernel k of odd height and width, m = sum over channels and window of k * x / (C * sum k) is
the local mean, and c, the same of ones, tells how much of the window lies inside of the image.
"""

from __future__ import annotations

from ..errors import ShapeError
from ..graph import Tensor, TensorLike
from ..ops import astype, broadcast_to, expand_dims, ones, sqrt, where
from ..ops.rules import promoted_floating
from .convolution import conv2d

__all__ = [
    "contrastive_norm2d",
    "divisive_norm2d",
    "mean_variance_norm",
    "subtractive_norm2d",
]


def subtractive_norm2d(x: TensorLike, kernel: TensorLike | None = None) -> Tensor:
    """Subtract the local mean over all channels: y = x - m / c.

    x (N, C, H, W) or (C, H, W) keeps its shape. The kernel (K1, K2), of ones (9, 9) by default, or
    (K) for rows and columns alike, is divided by its sum; c corrects the mean at the border. In
    Torch7: SpatialSubtractiveNormalization. Raises ShapeError unless its lengths are odd.

    >>> F.subtractive_norm2d(tensor([[[1.0, 2.0, 6.0]]]), ones((1, 3)))
    tensor([[[-0.5, -1. ,  2. ]]])
    """
    (node,) = promoted_floating([x])
    mean, inside = _local("subtractive_norm2d", node, node, kernel)
    return node - mean / inside


def divisive_norm2d(
    x: TensorLike, kernel: TensorLike | None = None, *, threshold: float = 1e-4,
    thresval: float | None = None,
) -> Tensor:  # fmt: skip
    """Divide by the local energy over all channels: y = x / s, s = sqrt(m(x**2)) / c.

    Where s <= threshold it is ``thresval`` instead, by default the threshold. Shapes and kernel as
    in subtractive_norm2d. In Torch7: SpatialDivisiveNormalization.

    >>> F.divisive_norm2d(tensor([[[3.0, 3.0, 3.0]]]), ones((1, 1)))
    tensor([[[1., 1., 1.]]])
    """
    (node,) = promoted_floating([x])
    energy, inside = _local("divisive_norm2d", node, node * node, kernel)
    deviation = _root(energy) / inside
    least = threshold if thresval is None else thresval
    return node / where(deviation > threshold, deviation, least)


def contrastive_norm2d(
    x: TensorLike, kernel: TensorLike | None = None, *, threshold: float = 1e-4,
    thresval: float | None = None,
) -> Tensor:  # fmt: skip
    """Local contrast: subtractive_norm2d, then divisive_norm2d (Jarrett et al. 2009).

    >>> F.contrastive_norm2d(tensor([[[1.0, 2.0, 6.0]]]), ones((1, 3))).shape
    (1, 1, 3)
    """
    centred = subtractive_norm2d(x, kernel)
    return divisive_norm2d(centred, kernel, threshold=threshold, thresval=thresval)


def mean_variance_norm(
    x: TensorLike, *, normalize_variance: bool = True, across_channels: bool = False,
    eps: float = 1e-9,
) -> Tensor:  # fmt: skip
    """Normalise each channel of each image: y = (x - mean) / (sqrt(var) + eps), Caffe's MVN.

    The variance is divided by n, and eps is added to its root. x (N, C, *S); ``across_channels``
    takes mean and variance over the channels too; without ``normalize_variance`` y = x - mean.
    Where the variance is 0, so is its root's derivative.

    >>> F.mean_variance_norm(tensor([[[1.0, 3.0], [2.0, 2.0]]])).tolist()
    [[[-1.0, 1.0], [0.0, 0.0]]]
    """
    (node,) = promoted_floating([x])
    if node.ndim < 3:
        raise ShapeError(
            "mean_variance_norm", required="x (N, C, *S)", received=f"shape {node.shape}"
        )
    axes = tuple(range(1 if across_channels else 2, node.ndim))
    centred = node - node.mean(axes, keepdims=True)
    if not normalize_variance:
        return centred
    return centred / (_root((centred * centred).mean(axes, keepdims=True)) + eps)


def _local(
    what: str, x: Tensor, values: Tensor, kernel: TensorLike | None
) -> tuple[Tensor, Tensor]:
    """Return the local mean of values over all channels, and that of ones."""
    if x.ndim not in (3, 4):
        raise ShapeError(what, required="x (N, C, H, W) or (C, H, W)", received=f"shape {x.shape}")
    taps = _kernel(what, kernel, x)
    channels, *space = x.shape[-3:]
    half = (taps.shape[0] // 2, taps.shape[1] // 2)
    weight = broadcast_to(taps * (1 / channels), (1, channels, *taps.shape))
    inside = conv2d(ones((1, *space), dtype=x.dtype), taps[None, None], padding=half)
    return conv2d(values, weight, padding=half), inside


def _kernel(what: str, kernel: TensorLike | None, x: Tensor) -> Tensor:
    """Return the kernel with two axes and the sum 1."""
    taps = ones((9, 9), dtype=x.dtype) if kernel is None else astype(kernel, x.dtype)
    if taps.ndim == 1:
        taps = expand_dims(taps, axis=1) * taps
    if taps.ndim != 2 or any(n % 2 == 0 for n in taps.shape):
        raise ShapeError(
            what, required="a kernel (K1, K2) or (K) of odd lengths", received=f"shape {taps.shape}"
        )
    return taps / taps.sum()


def _root(x: Tensor) -> Tensor:
    """Return the square root, with the derivative 0 instead of infinity at 0."""
    return where(x > 0, sqrt(where(x > 0, x, 1.0)), 0.0)
