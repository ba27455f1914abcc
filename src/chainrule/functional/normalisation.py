"""Normalisation: subtract a mean, divide by a standard deviation; over which axes is the question.

All compute y = (x - mean) / sqrt(var + eps) * weight + bias, with the biased variance (divided by
n), except the local response normalisations, which divide by a power of the neighbours' energy.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..dtypes import finfo
from ..errors import ArgumentError, GraphError, ShapeError
from ..graph import MODES, Tensor, TensorLike, as_tensor
from ..ops import moveaxis, pad, reshape, rsqrt, windows
from ..ops.rules import promoted_floating
from .pooling import avg_pool2d

__all__ = [
    "batch_norm",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "local_response_norm",
    "local_response_norm_within",
    "rms_norm",
]

Axes = tuple[int, ...]


def _moments(x: Tensor, axes: Axes) -> tuple[Tensor, Tensor, Tensor]:
    """Return the mean and the biased variance along axes (kept as length 1), and x - mean."""
    mean = x.mean(axes, keepdims=True)
    centred = x - mean
    return mean, (centred * centred).mean(axes, keepdims=True), centred


def _affine(x: Tensor, weight: TensorLike | None, bias: TensorLike | None, shape: Axes) -> Tensor:
    """Scale and shift by parameters that are reshaped to broadcast."""
    if weight is not None:
        x = x * reshape(weight, shape)
    return x if bias is None else x + reshape(bias, shape)


def _per_channel(x: Tensor, what: str, *parameters: TensorLike | None) -> Axes:
    """Return the shape that lets C parameters broadcast over x; ShapeError unless they are C."""
    if x.ndim < 2 or any(p is not None and as_tensor(p).shape != x.shape[1:2] for p in parameters):
        shapes = [str(as_tensor(p).shape) for p in parameters if p is not None]
        raise ShapeError(
            what, required="x (N, C, *S), everything else (C,)",
            received=f"x of shape {x.shape}" + (f", and {', '.join(shapes)}" if shapes else ""),
        )  # fmt: skip
    return (-1, *[1] * (x.ndim - 2))


def batch_norm(
    x: TensorLike,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: TensorLike | None = None,
    bias: TensorLike | None = None,
    *,
    training: bool = False,
    momentum: float | Tensor = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise each channel over the batch and the spatial axes (Ioffe and Szegedy 2015).

    x (N, C, *S); all others have C elements. In training, or without running statistics, the mean
    and the biased variance of the batch normalise, and running statistics (leaf tensors) are
    updated: running = (1 - momentum) * running + momentum * batch, with the unbiased variance.
    Otherwise the running statistics normalise. Raises ShapeError where a batch of one value per
    channel has no variance, GraphError where the graph is symbolic and so cannot update them.

    >>> F.batch_norm(tensor([[1.0], [3.0]]), training=True, eps=0.0)
    tensor([[-1.],
            [ 1.]])
    """
    (node,) = promoted_floating([x])
    shape = _per_channel(node, "batch_norm", running_mean, running_var, weight, bias)
    if not training and running_mean is not None and running_var is not None:
        scale = rsqrt(reshape(running_var, shape) + eps)
        return _affine((node - reshape(running_mean, shape)) * scale, weight, bias, shape)
    axes = (0, *range(2, node.ndim))
    mean, var, centred = _moments(node, axes)
    if training and running_mean is not None and running_var is not None:
        _update(running_mean, running_var, node, mean, var, momentum)
    return _affine(centred * rsqrt(var + eps), weight, bias, shape)


def _update(
    running_mean: Tensor,
    running_var: Tensor,
    x: Tensor,
    mean: Tensor,
    var: Tensor,
    momentum: float | Tensor,
) -> None:
    if x.symbolic and MODES.trace is None:
        raise GraphError(
            "batch_norm in training", required="concrete inputs, to update running statistics",
            received="a symbolic graph", hint="call model.eval(), or leave the statistics out",
        )  # fmt: skip
    n = x.size // x.shape[1] if x.shape[1] else 0
    if n < 2:
        raise ShapeError(
            "batch_norm in training", required="at least 2 values for each channel",
            received=f"x of shape {x.shape}", hint="use larger batches, or model.eval()",
        )  # fmt: skip
    for running, batch in ((running_mean, mean), (running_var, var * (n / (n - 1)))):
        latest = reshape(batch.detach(), running.shape)
        running.assign(running * (1 - momentum) + latest * momentum)


def instance_norm(
    x: TensorLike,
    weight: TensorLike | None = None,
    bias: TensorLike | None = None,
    *,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise each channel of each sample over its spatial axes (Ulyanov et al. 2016).

    x (N, C, *S), weight and bias (C).

    >>> F.instance_norm(tensor([[[1.0, 3.0], [0.0, 8.0]]]), eps=0.0).tolist()
    [[[-1.0, 1.0], [-1.0, 1.0]]]
    """
    (node,) = promoted_floating([x])
    shape = _per_channel(node, "instance_norm", weight, bias)
    if node.ndim < 3:
        raise ShapeError("instance_norm", required="x (N, C, *S)", received=f"shape {node.shape}")
    _, var, centred = _moments(node, tuple(range(2, node.ndim)))
    return _affine(centred * rsqrt(var + eps), weight, bias, shape)


def group_norm(
    x: TensorLike,
    num_groups: int,
    weight: TensorLike | None = None,
    bias: TensorLike | None = None,
    *,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise groups of channels of each sample, spatial axes included (Wu and He 2018).

    x (N, C, *S), weight and bias (C). Raises ShapeError unless C is divisible by the groups.

    >>> F.group_norm(tensor([[1.0, 3.0, 0.0, 8.0]]), 2, eps=0.0)
    tensor([[-1.,  1., -1.,  1.]])
    """
    (node,) = promoted_floating([x])
    _per_channel(node, "group_norm", weight, bias)
    if num_groups < 1 or node.shape[1] % num_groups:
        raise ShapeError(
            "group_norm", required=f"x (N, C, *S) with C divisible by {num_groups} groups",
            received=f"shape {node.shape}",
        )  # fmt: skip
    members = node.shape[1] // num_groups
    grouped = reshape(node, (node.shape[0], num_groups, members, *node.shape[2:]))
    _, var, centred = _moments(grouped, tuple(range(2, grouped.ndim)))
    each = (num_groups, members, *[1] * (node.ndim - 2))  # still grouped: one pass over memory
    return reshape(_affine(centred * rsqrt(var + eps), weight, bias, each), node.shape)


def layer_norm(
    x: TensorLike,
    normalized_shape: int | Sequence[int],
    weight: TensorLike | None = None,
    bias: TensorLike | None = None,
    *,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise each sample over its last axes (Ba, Kiros and Hinton 2016).

    ``normalized_shape`` is the shape of these axes, and of weight and bias. Raises ShapeError if x
    does not end in it.

    >>> F.layer_norm(tensor([[1.0, 3.0]]), 2, eps=0.0)
    tensor([[-1.,  1.]])
    """
    (node,) = promoted_floating([x])
    shape = _trailing(node, normalized_shape, "layer_norm")
    _, var, centred = _moments(node, tuple(range(-len(shape), 0)))
    return _affine(centred * rsqrt(var + eps), weight, bias, shape)


def rms_norm(
    x: TensorLike,
    normalized_shape: int | Sequence[int],
    weight: TensorLike | None = None,
    *,
    eps: float | None = None,
) -> Tensor:
    """Divide each sample by its root mean square: x / sqrt(mean(x**2) + eps) * weight.

    Over the last axes, as layer_norm; eps is the type's machine epsilon by default (Zhang and
    Sennrich 2019).

    >>> F.rms_norm(tensor([[3.0, 3.0]]), 2, eps=0.0)
    tensor([[1., 1.]])
    """
    (node,) = promoted_floating([x])
    shape = _trailing(node, normalized_shape, "rms_norm")
    small = float(finfo(node.dtype.compute).eps) if eps is None else eps
    energy = (node * node).mean(tuple(range(-len(shape), 0)), keepdims=True)
    return _affine(node * rsqrt(energy + small), weight, None, shape)


def _trailing(x: Tensor, normalized_shape: int | Sequence[int], what: str) -> Axes:
    given = normalized_shape
    shape = (given,) if isinstance(given, int) else tuple(given)
    if not shape or x.shape[-len(shape) :] != shape:
        raise ShapeError(
            what, required=f"x that ends in the axes {shape}", received=f"shape {x.shape}"
        )
    return shape


def local_response_norm(
    x: TensorLike, size: int, *, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """Divide by the energy of neighbouring channels (Krizhevsky et al. 2012).

    y[c] = x[c] / (k + alpha / size * sum of x[j]**2 over the ``size`` channels j around c)**beta;
    missing channels count as 0. x (N, C, *S). In Caffe: LRN across channels.

    >>> F.local_response_norm(tensor([[[2.0], [1.0]]]), 2, alpha=1.0, beta=1.0).tolist()
    [[[0.6666666865348816], [0.2857142984867096]]]
    """
    (node,) = promoted_floating([x])
    if node.ndim < 3 or size < 1:
        raise ShapeError(
            "local_response_norm", required="x (N, C, *S) and size >= 1",
            received=f"shape {node.shape}, size {size}",
        )  # fmt: skip
    line = moveaxis(node * node, 1, -1)
    line = pad(line, [(0, 0)] * (node.ndim - 1) + [(size // 2, (size - 1) // 2)])
    energy = moveaxis(windows(line, (size,)).sum(-1), -1, 1)
    return node * (energy * (alpha / size) + k) ** -beta


def local_response_norm_within(
    x: TensorLike, size: int, *, alpha: float = 1e-4, beta: float = 0.75
) -> Tensor:
    """Divide by the energy of neighbouring pixels of the same channel, as Caffe's LRN does.

    y = x / (1 + alpha / size**2 * sum of x**2 over the size x size pixels around)**beta; missing
    pixels count as 0. x (N, C, H, W). Raises ArgumentError unless the size is odd.

    >>> F.local_response_norm_within(tensor([[[[2.0]]]]), 3, alpha=9.0, beta=1.0)
    tensor([[[[0.4]]]])
    """
    if size < 1 or size % 2 == 0:
        raise ArgumentError(
            "local_response_norm_within", required="an odd size", received=str(size)
        )
    (node,) = promoted_floating([x])
    energy = avg_pool2d(node * node, size, stride=1, padding=size // 2)
    return node * (energy * alpha + 1) ** -beta
