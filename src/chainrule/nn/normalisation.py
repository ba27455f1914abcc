"""Normalisation layers; the formulas are in ``functional.normalisation``."""

from __future__ import annotations

from typing import ClassVar

from .. import functional as F
from ..dtypes import DTypeLike, float32, int64
from ..errors import ArgumentError, ShapeError
from ..graph import Shape, Tensor, as_tensor, tensor
from ..ops import reciprocal
from . import init
from .function_layer import FunctionLayer
from .module import Module
from .parameter import Parameter

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LayerNorm",
    "LocalResponseNorm",
    "LocalResponseNormWithin",
    "RMSNorm",
]


class _Affine(Module):
    """What learns a scale (from 1) and a shift (from 0)."""

    weight: Parameter | None
    bias: Parameter | None

    def _make_affine(
        self, shape: Shape, dtype: DTypeLike, *, scale: bool = True, shift: bool = True
    ) -> None:
        self.weight = Parameter(init.ones(shape, dtype=dtype)) if scale else None
        self.bias = Parameter(init.zeros(shape, dtype=dtype)) if shift else None


def _check_rank(module: Module, x: Tensor, ranks: tuple[int, ...]) -> None:
    if x.ndim not in ranks:
        axes = " or ".join(str(rank) for rank in ranks)
        raise ShapeError(
            type(module).__name__, required=f"x (N, C, *S) of {axes} axes", received=str(x.shape)
        )


class _BatchNorm(_Affine):
    ranks: ClassVar[tuple[int, ...]]
    running_mean: Tensor | None = None
    running_var: Tensor | None = None
    num_batches_tracked: Tensor | None = None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        dtype: DTypeLike = float32,
    ) -> None:
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self._make_affine((num_features,), dtype, scale=affine, shift=affine)
        if track_running_stats:
            self.register_buffer("running_mean", init.zeros((num_features,), dtype=dtype))
            self.register_buffer("running_var", init.ones((num_features,), dtype=dtype))
            self.register_buffer("num_batches_tracked", tensor(0, int64))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise by the batch in training, by the running statistics in evaluation."""
        x = as_tensor(x)
        _check_rank(self, x, self.ranks)
        count = self.num_batches_tracked
        momentum: float | Tensor = 0.0 if self.momentum is None else self.momentum
        if self.momentum is None and count is not None:  # the plain mean of all batches
            momentum = reciprocal((count + 1).astype(x.dtype))
        result = F.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias,
            training=self.training, momentum=momentum, eps=self.eps,
        )  # fmt: skip
        if self.training and count is not None:
            count.assign(count + 1)
        return result

    def extra_repr(self) -> str:
        """Show the options."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(_BatchNorm):
    """Normalise each channel over the batch: (N, C) or (N, C, L) -> the same.

    In training by mean and variance of the batch, which also move the running statistics:
    running = (1 - momentum) * running + momentum * batch (momentum None: their plain mean). In
    evaluation by the running statistics. Raises ShapeError for a training batch with one value
    per channel (Ioffe and Szegedy 2015).

    >>> nn.BatchNorm1d(1, eps=0.0)(tensor([[1.0], [3.0]])).tolist()
    [[-1.0], [1.0]]
    """

    ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Normalise each channel over batch and pixels: (N, C, H, W) -> the same; see BatchNorm1d.

    >>> nn.BatchNorm2d(3)(ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    ranks = (4,)


class BatchNorm3d(_BatchNorm):
    """Normalise each channel over batch and voxels: (N, C, D, H, W) -> the same; see BatchNorm1d.

    >>> nn.BatchNorm3d(3)(ones((2, 3, 2, 2, 2))).shape
    (2, 3, 2, 2, 2)
    """

    ranks = (5,)


class _InstanceNorm(_Affine):
    rank: ClassVar[int]

    def __init__(
        self, num_features: int, eps: float = 1e-5, affine: bool = False, *,
        dtype: DTypeLike = float32,
    ) -> None:  # fmt: skip
        self.num_features, self.eps, self.affine = num_features, eps, affine
        self._make_affine((num_features,), dtype, scale=affine, shift=affine)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise each channel of each sample."""
        x = as_tensor(x)
        _check_rank(self, x, (self.rank,))
        return F.instance_norm(x, self.weight, self.bias, eps=self.eps)

    def extra_repr(self) -> str:
        """Show the options."""
        return f"{self.num_features}, eps={self.eps}, affine={self.affine}"


class InstanceNorm1d(_InstanceNorm):
    """Normalise each channel of each sample over its positions: (N, C, L) -> the same.

    >>> nn.InstanceNorm1d(1, eps=0.0)(tensor([[[1.0, 3.0]]])).tolist()
    [[[-1.0, 1.0]]]
    """

    rank = 3


class InstanceNorm2d(_InstanceNorm):
    """Normalise each channel of each sample over its pixels: (N, C, H, W) -> the same.

    >>> nn.InstanceNorm2d(3)(ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    rank = 4


class InstanceNorm3d(_InstanceNorm):
    """Normalise each channel of each sample over its voxels: (N, C, D, H, W) -> the same.

    >>> nn.InstanceNorm3d(3)(ones((2, 3, 2, 2, 2))).shape
    (2, 3, 2, 2, 2)
    """

    rank = 5


class GroupNorm(_Affine):
    """Normalise groups of channels of each sample: (N, C, *S) -> the same (Wu and He 2018).

    Raises ArgumentError unless the channels are divisible by the groups.

    >>> nn.GroupNorm(2, 4, eps=0.0)(tensor([[1.0, 3.0, 0.0, 8.0]])).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True, *,
        dtype: DTypeLike = float32,
    ) -> None:  # fmt: skip
        if num_groups < 1 or num_channels % num_groups:
            raise ArgumentError(
                "GroupNorm", required="channels divisible by groups >= 1",
                received=f"{num_channels} channels, {num_groups} groups",
            )  # fmt: skip
        self.num_groups, self.num_channels = num_groups, num_channels
        self.eps, self.affine = eps, affine
        self._make_affine((num_channels,), dtype, scale=affine, shift=affine)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise each group."""
        return F.group_norm(x, self.num_groups, self.weight, self.bias, eps=self.eps)

    def extra_repr(self) -> str:
        """Show the options."""
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"


class LayerNorm(_Affine):
    """Normalise each sample over its last axes, of the given shape: (..., *shape) -> the same.

    (Ba, Kiros and Hinton 2016.)

    >>> nn.LayerNorm(2, eps=0.0)(tensor([[1.0, 3.0]])).tolist()
    [[-1.0, 1.0]]
    """

    def __init__(
        self, normalized_shape: int | Shape, eps: float = 1e-5, elementwise_affine: bool = True,
        bias: bool = True, *, dtype: DTypeLike = float32,
    ) -> None:  # fmt: skip
        shape = normalized_shape
        self.normalized_shape = (shape,) if isinstance(shape, int) else tuple(shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self._make_affine(
            self.normalized_shape,
            dtype,
            scale=elementwise_affine,
            shift=elementwise_affine and bias,
        )

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last axes."""
        return F.layer_norm(x, self.normalized_shape, self.weight, self.bias, eps=self.eps)

    def extra_repr(self) -> str:
        """Show the options."""
        affine = self.elementwise_affine
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={affine}"


class RMSNorm(_Affine):
    """Divide each sample by its root mean square over its last axes (Zhang and Sennrich 2019).

    (..., *shape) -> the same; eps is the type's machine epsilon by default.

    >>> nn.RMSNorm(2, eps=0.0)(tensor([[3.0, 3.0]])).tolist()
    [[1.0, 1.0]]
    """

    def __init__(
        self, normalized_shape: int | Shape, eps: float | None = None,
        elementwise_affine: bool = True, *, dtype: DTypeLike = float32,
    ) -> None:  # fmt: skip
        shape = normalized_shape
        self.normalized_shape = (shape,) if isinstance(shape, int) else tuple(shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self._make_affine(self.normalized_shape, dtype, scale=elementwise_affine, shift=False)

    def forward(self, x: Tensor) -> Tensor:
        """Divide by the root mean square."""
        return F.rms_norm(x, self.normalized_shape, self.weight, eps=self.eps)

    def extra_repr(self) -> str:
        """Show the options."""
        affine = self.elementwise_affine
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={affine}"


class LocalResponseNorm(FunctionLayer, function=F.local_response_norm):
    """Divide by the energy of neighbouring channels: (N, C, *S) -> the same.

    x[c] / (k + alpha / size * sum of x[j]**2 over the ``size`` channels j around c)**beta
    (Krizhevsky et al. 2012).

    >>> nn.LocalResponseNorm(5)(ones((1, 3, 2))).shape
    (1, 3, 2)
    """

    size: int
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1.0


class LocalResponseNormWithin(FunctionLayer, function=F.local_response_norm_within):
    """Divide by the energy of the size x size pixels around: (N, C, H, W) -> the same, as in Caffe.

    >>> nn.LocalResponseNormWithin(3)(ones((1, 3, 2, 2))).shape
    (1, 3, 2, 2)
    """

    size: int
    alpha: float = 1e-4
    beta: float = 0.75
