"""Rectifiers that keep both signs, draw their slope, or choose the largest of several."""

from __future__ import annotations

from ..errors import ArgumentError, ShapeError
from ..graph import Tensor, TensorLike
from ..ops import concat, relu, where
from ..ops.random import Generator, uniform
from ..ops.rules import normalize_axis, promoted_floating
from .shape import unflatten

__all__ = ["crelu", "maxout", "rrelu"]


def crelu(x: TensorLike, *, axis: int = 1) -> Tensor:
    """Concatenated rectifier: max(x, 0) and max(-x, 0) side by side along an axis.

    The axis becomes twice as long (Shang et al. 2016).

    >>> F.crelu(tensor([-1.0, 2.0]), axis=0)
    tensor([0., 2., 1., 0.])
    """
    (node,) = promoted_floating([x])
    return concat([relu(node), relu(-node)], axis=axis)


def rrelu(
    x: TensorLike, *, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False,
    generator: Generator | None = None,
) -> Tensor:  # fmt: skip
    """Randomized leaky rectifier: x if x > 0 else a * x, with a ~ U(lower, upper) for each element.

    Without ``training`` a = (lower + upper) / 2. ArgumentError if lower > upper (Xu et al. 2015).

    >>> F.rrelu(tensor([-8.0, 2.0]), lower=0.25, upper=0.5)
    tensor([-3.,  2.])
    """
    (node,) = promoted_floating([x])
    if lower > upper:
        raise ArgumentError("rrelu", required="lower <= upper", received=f"{lower} > {upper}")
    if not training:
        return where(node > 0, node, node * ((lower + upper) / 2))
    slope = uniform(node.shape, lower, upper, generator=generator, dtype=node.dtype)
    return where(node > 0, node, slope * node)


def maxout(x: TensorLike, pieces: int, *, axis: int = -1) -> Tensor:
    """Largest of ``pieces`` features: y[i] = max over k of x[k * n + i], for i < n.

    The axis becomes shorter by the factor ``pieces``; ShapeError unless it divides its length. Of
    equal features each gets its share of the gradient (Goodfellow et al. 2013).

    >>> F.maxout(tensor([1.0, 2.0, 3.0, -4.0]), 2)
    tensor([3., 2.])
    """
    (node,) = promoted_floating([x])
    at = normalize_axis(axis, node.ndim, "maxout")
    if pieces < 1 or node.shape[at] % pieces:
        raise ShapeError(
            "maxout", required=f"an axis whose length is a multiple of pieces = {pieces} >= 1",
            received=f"length {node.shape[at]}",
        )  # fmt: skip
    return unflatten(node, at, (pieces, node.shape[at] // pieces)).max(at)
