"""Normalisation by a neighbourhood, or by images; see ``functional.local_contrast``."""

from __future__ import annotations

from .. import functional as F
from ..errors import ArgumentError
from ..graph import TensorLike, as_tensor
from .function_layer import FunctionLayer

__all__ = ["MVN", "ContrastiveNorm2d", "CrossMapLRN2d", "DivisiveNorm2d", "SubtractiveNorm2d"]


class SubtractiveNorm2d(FunctionLayer, function=F.subtractive_norm2d):
    """Subtract the local mean over all channels: (N, C, H, W) -> the same.

    The kernel weighs the neighbourhood, 9 x 9 ones by default. In Torch7:
    SpatialSubtractiveNormalization.

    >>> nn.SubtractiveNorm2d(ones((1, 3)))(tensor([[[[1.0, 2.0, 6.0]]]]))
    tensor([[[[-0.5, -1. ,  2. ]]]])
    """

    kernel: TensorLike | None = None

    def extra_repr(self) -> str:
        """Show the size of the kernel, and other options."""
        size = (9, 9) if self.kernel is None else as_tensor(self.kernel).shape
        rest = [f"{k}={v!r}" for k, v in self.options().items() if k != "kernel"]
        return ", ".join([f"kernel of shape {size}", *rest])


class DivisiveNorm2d(SubtractiveNorm2d, function=F.divisive_norm2d):
    """Divide by the local energy over all channels: (N, C, H, W) -> the same.

    In Torch7: SpatialDivisiveNormalization.

    >>> nn.DivisiveNorm2d(ones((1, 1)))(tensor([[[[3.0, 3.0, 3.0]]]]))
    tensor([[[[1., 1., 1.]]]])
    """

    threshold: float = 1e-4
    thresval: float | None = None


class ContrastiveNorm2d(DivisiveNorm2d, function=F.contrastive_norm2d):
    """Subtract the local mean, then divide by the local energy: (N, C, H, W) -> the same.

    In Torch7: SpatialContrastiveNormalization (Jarrett et al. 2009).

    >>> nn.ContrastiveNorm2d(ones(5))(ones((1, 3, 8, 8))).shape
    (1, 3, 8, 8)
    """


class MVN(FunctionLayer, function=F.mean_variance_norm):
    """Normalise each image, channel by channel: (N, C, *S) -> the same. Caffe's MVN layer.

    >>> nn.MVN()(tensor([[[1.0, 3.0]]])).tolist()
    [[[-1.0, 1.0]]]
    """

    normalize_variance: bool = True
    across_channels: bool = False
    eps: float = 1e-9


class CrossMapLRN2d(FunctionLayer, function=F.local_response_norm):
    """Divide by the energy of neighbouring channels, an odd number: (N, C, H, W) -> the same.

    LocalResponseNorm under Torch7's older name; of even sizes, where the two differ by the channel
    that is left out, it is an ArgumentError.

    >>> nn.CrossMapLRN2d(3, alpha=3.0, beta=1.0)(tensor([[[[1.0]], [[1.0]]]])).shape
    (1, 2, 1, 1)
    """

    size: int
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1.0

    def __post_init__(self) -> None:
        if self.size % 2 == 0:
            raise ArgumentError(
                "CrossMapLRN2d", required="an odd size", received=str(self.size),
                hint="LocalResponseNorm takes even sizes",
            )  # fmt: skip
