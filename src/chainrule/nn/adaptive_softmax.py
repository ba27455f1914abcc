"""Adaptive softmax: rare classes in clusters of their own, with fewer features."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from .. import functional as F
from ..dtypes import DTypeLike, float32
from ..errors import ArgumentError, DataError, ShapeError
from ..graph import Tensor, as_tensor
from ..ops import argmax, clip, concat, expand_dims, squeeze, take_along_axis, where
from ..ops.random import Generator
from .containers import ModuleList, Sequential
from .linear import Linear
from .module import Module

__all__ = ["AdaptiveLogSoftmaxWithLoss"]


class LogProbability(NamedTuple):
    """The logarithm of the probability of each target, and the loss: minus its mean."""

    output: Tensor
    loss: Tensor


class AdaptiveLogSoftmaxWithLoss(Module):
    """Softmax of many classes of which few are frequent: those are in the head, others in clusters.

    Classes are numbered by falling frequency: below cutoffs[0] in the head, from cutoffs[i] to
    cutoffs[i + 1] in cluster i, which sees in_features / div_value**(i + 1) features; log P(class)
    = log P(cluster) + log P(class in its cluster). x (N, in_features) and labels (N,) give
    ``output`` (N,), the logarithms of the labels' probabilities, and ``loss``, minus their mean.
    ``log_prob(x)`` gives all of them, (N, n_classes), ``predict(x)`` the likeliest classes (N,).
    All clusters are computed for all samples, so that shapes do not depend on the labels. Raises
    ArgumentError for cutoffs that do not rise from 1 to n_classes - 1 (Grave et al. 2017).

    >>> layer = nn.AdaptiveLogSoftmaxWithLoss(8, 20, [4, 10])
    >>> layer(ones((3, 8)), tensor([0, 5, 19])).output.shape, layer.log_prob(ones((3, 8))).shape
    ((3,), (3, 20))
    """

    def __init__(
        self, in_features: int, n_classes: int, cutoffs: Sequence[int], div_value: float = 4.0,
        head_bias: bool = False, *, generator: Generator | None = None,
        dtype: DTypeLike = float32,
    ) -> None:  # fmt: skip
        edges = [0, *cutoffs, n_classes]
        if not cutoffs or any(b <= a for a, b in pairwise(edges)):
            raise ArgumentError(
                "AdaptiveLogSoftmaxWithLoss", received=f"{list(cutoffs)} of {n_classes}",
                required="one or more cutoffs that rise, from 1 to n_classes - 1",
            )  # fmt: skip
        self.in_features, self.n_classes = in_features, n_classes
        self.cutoffs, self.div_value, self.head_bias = edges[1:], div_value, head_bias
        clusters = len(cutoffs)
        self.head = Linear(
            in_features, cutoffs[0] + clusters, head_bias, generator=generator, dtype=dtype
        )
        self.tail = ModuleList()
        for k in range(clusters):
            narrow = max(1, int(in_features // div_value ** (k + 1)))
            sizes = (in_features, narrow, edges[k + 2] - edges[k + 1])
            self.tail.append(Sequential(*(
                Linear(a, b, bias=False, generator=generator, dtype=dtype)
                for a, b in pairwise(sizes)
            )))  # fmt: skip

    def forward(self, x: Tensor, target: Tensor) -> LogProbability:
        """Return the logarithms of the targets' probabilities, and the loss."""
        x = as_tensor(x)
        single = x.ndim == 1
        labels = as_tensor(target)
        if single:
            x, labels = expand_dims(x, axis=0), expand_dims(labels, axis=0)
        parts = self._parts(x)
        _check(labels, x, self.n_classes)
        output = _picked(parts[0], clip(labels, 0, self.cutoffs[0] - 1))
        for k, part in enumerate(parts[1:]):
            low, high = self.cutoffs[k], self.cutoffs[k + 1]
            inside = _picked(part, clip(labels - low, 0, high - low - 1))
            chosen = parts[0][:, self.cutoffs[0] + k] + inside
            output = where(labels >= low, chosen, output)
        return LogProbability(squeeze(output, 0) if single else output, -output.mean())

    def log_prob(self, x: Tensor) -> Tensor:
        """Return the logarithms of the probabilities of all classes, (N, n_classes)."""
        head, *tail = self._parts(as_tensor(x))
        few = self.cutoffs[0]
        rest = [part + head[..., few + k : few + k + 1] for k, part in enumerate(tail)]
        return concat([head[..., :few], *rest], axis=-1)

    def predict(self, x: Tensor) -> Tensor:
        """Return the likeliest classes, (N,)."""
        return argmax(self.log_prob(x), axis=-1)

    def _parts(self, x: Tensor) -> list[Tensor]:
        """Return log softmax of the head and within each cluster."""
        return [F.log_softmax(part(x)) for part in (self.head, *self.tail)]

    def extra_repr(self) -> str:
        """Show sizes."""
        return f"{self.in_features}, {self.n_classes}, cutoffs={self.cutoffs[:-1]}"


def _check(labels: Tensor, x: Tensor, classes: int) -> None:
    what = "AdaptiveLogSoftmaxWithLoss"
    if not labels.dtype.is_integer or x.ndim != 2 or labels.shape != x.shape[:1]:
        raise ShapeError(
            what, required="x (N, in_features) and integer labels (N,)",
            received=f"shapes {x.shape} and {labels.shape}, {labels.dtype}",
        )  # fmt: skip
    if labels.symbolic or not labels.size:
        return
    low, high = int(labels.value.min()), int(labels.value.max())
    if low < 0 or high >= classes:
        raise DataError(
            what, required=f"labels from 0 to {classes - 1}",
            received=f"label {low if low < 0 else high}",
        )  # fmt: skip


def _picked(logs: Tensor, indices: Tensor) -> Tensor:
    return squeeze(take_along_axis(logs, expand_dims(indices, axis=1), axis=1), 1)
