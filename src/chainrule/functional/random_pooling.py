"""Pooling with random windows, and pooling that draws one element of each window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import (
    astype,
    broadcast_to,
    concat,
    cumulative_sum,
    expand_dims,
    floor,
    minimum,
    pad,
    reshape,
    squeeze,
    take_along_axis,
    where,
    windows,
)
from ..ops.random import Generator, uniform
from ..ops.rules import promoted_floating
from .pooling_windows import (
    around,
    check_axes,
    first_largest,
    plan_windows,
    positions,
    with_indices,
)
from .spatial import PerAxis, per_axis

__all__ = ["fractional_max_pool2d", "fractional_max_pool3d", "stochastic_pool2d"]


def fractional_max_pool2d(
    x: TensorLike, kernel_size: PerAxis, *, output_size: PerAxis | None = None,
    output_ratio: float | Sequence[float] | None = None, return_indices: bool = False,
    random_samples: TensorLike | None = None, generator: Generator | None = None,
) -> Any:  # fmt: skip
    """Maximum over windows at random distances, so that lengths shrink by any ratio (Graham 2014).

    With a random u in [0, 1) for each image, channel and axis, window i of an axis of length n
    starts at floor((i + u) * a) - floor(u * a), a = (n - K) / (out - 1), and the last at n - K.
    x (N, C, H, W) or (C, H, W) gives (..., *output_size), or floor(n * output_ratio) elements of
    each axis. ``random_samples`` (N, C, 2), broadcast, gives the u of the columns, then of the
    rows. Raises ArgumentError unless one of size and ratio is given, ShapeError if out + K - 1 > n.

    >>> F.fractional_max_pool2d(ones((1, 7, 7)), 2, output_ratio=0.7).shape
    (1, 4, 4)
    """
    return _fractional(
        "fractional_max_pool2d", 2, x, kernel_size, output_size, output_ratio, return_indices,
        random_samples, generator, order=(1, 0),
    )  # fmt: skip


def fractional_max_pool3d(
    x: TensorLike, kernel_size: PerAxis, *, output_size: PerAxis | None = None,
    output_ratio: float | Sequence[float] | None = None, return_indices: bool = False,
    random_samples: TensorLike | None = None, generator: Generator | None = None,
) -> Any:  # fmt: skip
    """Maximum over windows at random distances: x (N, C, D, H, W) or (C, D, H, W).

    ``random_samples`` (N, C, 3), for D, H and W; see fractional_max_pool2d.

    >>> F.fractional_max_pool3d(ones((1, 5, 5, 5)), 2, output_size=(3, 2, 4)).shape
    (1, 3, 2, 4)
    """
    return _fractional(
        "fractional_max_pool3d", 3, x, kernel_size, output_size, output_ratio, return_indices,
        random_samples, generator, order=(0, 1, 2),
    )  # fmt: skip


def _fractional(
    what: str, rank: int, x: TensorLike, kernel_size: PerAxis, output_size: PerAxis | None,
    output_ratio: float | Sequence[float] | None, return_indices: bool,
    random_samples: TensorLike | None, generator: Generator | None, order: tuple[int, ...],
) -> Tensor | tuple[Tensor, Tensor]:  # fmt: skip
    (node,) = promoted_floating([x])
    check_axes(what, rank, node)
    kernel = per_axis(kernel_size, rank, f"kernel_size of {what}", least=1)
    lengths = node.shape[-rank:]
    out = _fractional_sizes(what, lengths, kernel, output_size, output_ratio)
    front = node.shape[:-rank]
    if random_samples is None:
        samples = uniform((*front, rank), generator=generator, dtype=node.dtype)
    else:
        samples = broadcast_to(astype(random_samples, node.dtype), (*front, rank))
    found = [node, positions(node, rank)] if return_indices else [node]
    for axis in range(-1, -1 - rank, -1):
        sample = samples[..., order[axis] : order[axis] + 1]
        along = [1] * rank
        along[axis] = out[axis]
        starts = reshape(_starts(sample, lengths[axis], out[axis], kernel[axis]), (*front, *along))
        found = first_largest([
            [take_along_axis(t, starts + k, axis=axis) for t in found] for k in range(kernel[axis])
        ])  # fmt: skip
    return with_indices(found)


def _fractional_sizes(
    what: str, lengths: Sequence[int], kernel: Sequence[int], size: PerAxis | None,
    ratio: float | Sequence[float] | None,
) -> tuple[int, ...]:  # fmt: skip
    if (size is None) == (ratio is None):
        raise ArgumentError(
            what, required="either output_size or output_ratio",
            received="both" if size is not None else "neither",
        )  # fmt: skip
    rank = len(lengths)
    if ratio is not None:
        ratios = (ratio,) * rank if isinstance(ratio, int | float) else tuple(ratio)
        if len(ratios) != rank or not all(0 < r < 1 for r in ratios):
            raise ArgumentError(
                f"output_ratio of {what}", required=f"one number or {rank}, between 0 and 1",
                received=repr(ratio),
            )  # fmt: skip
        size = [int(n * r) for n, r in zip(lengths, ratios, strict=True)]
    assert size is not None
    out = per_axis(size, rank, f"output_size of {what}", least=1)
    if any(o + k - 1 > n for n, o, k in zip(lengths, out, kernel, strict=True)):
        raise ShapeError(
            what, required="output_size + kernel_size - 1 <= length, for each axis",
            received=f"output size {out}, kernel size {tuple(kernel)}, lengths {tuple(lengths)}",
        )  # fmt: skip
    return out


def _starts(u: Tensor, n: int, out: int, size: int) -> Tensor:
    """Return where the windows (..., out) of an axis of length n start."""
    last = broadcast_to(as_tensor(np.full(1, n - size)), (*u.shape[:-1], 1))
    if out == 1:
        return last
    a = (n - size) / (out - 1)
    steps = as_tensor(np.arange(out - 1), u.dtype)
    first = astype(floor((steps + u) * a), "int64") - astype(floor(u * a), "int64")
    return concat([first, last], axis=-1)


def stochastic_pool2d(
    x: TensorLike, kernel_size: PerAxis, *, stride: PerAxis | None = None, ceil_mode: bool = False,
    training: bool = True, generator: Generator | None = None,
) -> Tensor:  # fmt: skip
    """Draw one element of each window with the probability p = x / sum x (Zeiler and Fergus 2013).

    Without ``training`` the expected value: sum x * p. x (N, C, H, W) or (C, H, W), not negative
    (the output of ReLU); shapes as in max_pool2d. A window of zeros gives 0.

    >>> F.stochastic_pool2d(tensor([[[1.0, 3.0]]]), (1, 2), training=False)
    tensor([[[2.5]]])
    """
    (node,) = promoted_floating([x])
    plan = plan_windows("stochastic_pool2d", 2, node, kernel_size, stride, 0, 1, ceil_mode)
    for axis in (-1, -2):
        node = pad(node, around(node, axis, plan[axis].pads))
    cut = windows(node, tuple(w.size for w in plan), stride=tuple(w.stride for w in plan))
    views = reshape(cut, (*cut.shape[:-2], plan[0].size * plan[1].size))
    if not training:
        total = views.sum(-1)
        return (views * views).sum(-1) / where(total == 0, 1.0, total)
    ends = cumulative_sum(views.detach(), axis=-1)
    drawn = uniform(views.shape[:-1], generator=generator, dtype=node.dtype)
    passed = ends <= expand_dims(drawn, axis=-1) * ends[..., -1:]
    place = minimum(passed.astype("int64").sum(-1, keepdims=True), views.shape[-1] - 1)
    return squeeze(take_along_axis(views, place, axis=-1), -1)
