"""Layers whose units compare the input with a vector each, instead of multiplying by weights."""

from __future__ import annotations

from functools import partial

import numpy as np

from .. import functional as F
from ..dtypes import DTypeLike, float32
from ..errors import ArgumentError, ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import argmin, expand_dims, matmul, random
from ..ops.random import Generator
from . import init
from .module import Module
from .parameter import Parameter

__all__ = ["Cosine", "Euclidean", "Kmeans", "WeightedEuclidean"]


class _Prototypes(Module):
    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        generator: Generator | None = None,
        dtype: DTypeLike = float32,
    ) -> None:
        draw = partial(init.fan_in_uniform, fan_in=in_features, generator=generator, dtype=dtype)
        self.weight = Parameter(draw((out_features, in_features)))

    def extra_repr(self) -> str:
        """Show sizes."""
        out_features, in_features = self.weight.shape
        return f"in_features={in_features}, out_features={out_features}"


def _differences(x: TensorLike, rows: Tensor, what: str) -> Tensor:
    """Return x - row for each row: (..., in) and (out, in) give (..., out, in)."""
    node = as_tensor(x)
    if not node.ndim or node.shape[-1] != rows.shape[1]:
        raise ShapeError(
            what, required=f"x.shape[-1] == {rows.shape[1]}", received=f"x of shape {node.shape}"
        )
    return expand_dims(node, axis=-2) - rows


class Euclidean(_Prototypes):
    """Distances to learned points: y[j] = |x - weight[j]|: (..., in) -> (..., out).

    Points start as U(-1/sqrt(in), 1/sqrt(in)); the derivative at distance 0 is 0. In Torch7:
    Euclidean.

    >>> nn.Euclidean(3, 2)(ones((4, 3))).shape
    (4, 2)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the distances."""
        return F.vector_norm(_differences(x, self.weight, "Euclidean"), axis=-1)


class WeightedEuclidean(_Prototypes):
    """Distances to learned points in learned units: y[j] = |scale[j] * (x - weight[j])|.

    (..., in) -> (..., out); scales start as ones. In Torch7: WeightedEuclidean.

    >>> nn.WeightedEuclidean(3, 2)(ones((4, 3))).shape
    (4, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        generator: Generator | None = None,
        dtype: DTypeLike = float32,
    ) -> None:
        super().__init__(in_features, out_features, generator=generator, dtype=dtype)
        self.scale = Parameter(init.ones((out_features, in_features), dtype=dtype))

    def forward(self, x: Tensor) -> Tensor:
        """Return the distances."""
        apart = _differences(x, self.weight, "WeightedEuclidean")
        return F.vector_norm(self.scale * apart, axis=-1)


class Cosine(_Prototypes):
    """Cosines of the angles to learned vectors: y[j] = x . weight[j] / (|x| |weight[j]|).

    (..., in) -> (..., out). In Torch7: Cosine.

    >>> nn.Cosine(3, 2)(ones((4, 3))).shape
    (4, 2)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the cosines."""
        return matmul(F.normalize(x, axis=-1), F.normalize(self.weight, axis=1).T)


class Kmeans(Module):
    """Centroids that move to the middle of the points next to them (Lloyd 1957, MacQueen 1967).

    Returns the squared distance of each point to the nearest centroid: (N, features) -> (N,). Its
    gradient moves the centroids, so that an optimizer trains them like other parameters;
    ``nearest`` tells which centroid it is. They start as U(-1, 1); ``start_from`` takes points.

    >>> layer = nn.Kmeans(2, 1).start_from([[0.0], [0.0], [8.0]], generator=Generator(0))
    >>> sorted(layer.weight.tolist()), layer([[1.0], [6.0]]).tolist()
    ([[0.0], [8.0]], [1.0, 4.0])
    """

    def __init__(
        self,
        clusters: int,
        features: int,
        *,
        generator: Generator | None = None,
        dtype: DTypeLike = float32,
    ) -> None:
        draw = init.uniform((clusters, features), -1.0, 1.0, generator=generator, dtype=dtype)
        self.weight = Parameter(draw)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the squared distances to the nearest centroids."""
        return self._squares(x).min(-1)

    def nearest(self, x: TensorLike) -> Tensor:
        """Return the number of the nearest centroid for each point (the first at a tie)."""
        return argmin(self._squares(x), axis=-1)

    def _squares(self, x: TensorLike) -> Tensor:
        return (_differences(x, self.weight, "Kmeans") ** 2).sum(-1)

    def start_from(self, x: TensorLike, *, generator: Generator | None = None) -> Kmeans:
        """Choose points as centroids, far from each other; return the module.

        Each next one is drawn with a probability proportional to its squared distance to the
        nearest so far (Arthur and Vassilvitskii 2007). ArgumentError for fewer points than
        centroids.
        """
        points, clusters = as_tensor(x).numpy().astype(np.float64), self.weight.shape[0]
        if points.ndim != 2 or len(points) < clusters or points.shape[1] != self.weight.shape[1]:
            raise ArgumentError(
                "Kmeans", required=f"at least {clusters} points (N, {self.weight.shape[1]})",
                received=f"shape {points.shape}",
            )  # fmt: skip
        draws = random.uniform((clusters,), generator=generator, dtype="float64").numpy()
        chosen = [int(draws[0] * len(points))]
        for draw in draws[1:]:
            apart = points[:, None] - points[chosen]
            steps = np.cumsum((apart**2).sum(-1).min(1))
            at = np.searchsorted(steps, draw * steps[-1], side="right")
            chosen.append(min(int(at), len(points) - 1))
        self.weight.assign(points[chosen])
        return self

    def extra_repr(self) -> str:
        """Show sizes."""
        clusters, features = self.weight.shape
        return f"clusters={clusters}, features={features}"
