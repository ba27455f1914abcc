"""Attention: a mean of values, weighed by how well their keys fit a query."""

from __future__ import annotations

import math

import numpy as np

from ..errors import DTypeError, ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import exp, isfinite, matmul, matrix_transpose, repeat, where
from ..ops.random import Generator
from ..ops.rules import normalize_axis, promoted_floating
from .dropouts import dropout
from .probability import softmax

__all__ = ["positional_encoding", "scaled_dot_product_attention"]


def scaled_dot_product_attention(
    query: TensorLike,
    key: TensorLike,
    value: TensorLike,
    attn_mask: TensorLike | None = None,
    *,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    generator: Generator | None = None,
) -> Tensor:
    """Attention: softmax(scale * Q K^T + mask) V, along the keys (Vaswani et al. 2017).

    query (..., L, E), key (..., S, E) and value (..., S, V) give (..., L, V); ``scale`` is
    1 / sqrt(E) by default. The mask broadcasts to (..., L, S): booleans say which keys take part,
    floats are added. ``is_causal`` lets query i see the keys up to i. A query that sees no key
    gets zeros. With ``enable_gqa`` key and value have fewer heads (..., H, S, E), each for a group
    of the query's heads. ``dropout_p`` drops weights. Raises ShapeError, DTypeError.

    >>> q, k, v = tensor([[0.0]]), tensor([[1.0], [2.0]]), tensor([[4.0], [8.0]])
    >>> F.scaled_dot_product_attention(q, k, v)
    tensor([[6.]])
    """
    q, k, v = promoted_floating([query, key, value])
    if enable_gqa:
        k, v = _shared_heads(k, q), _shared_heads(v, q)
    if min(q.ndim, k.ndim, v.ndim) < 2 or q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ShapeError(
            "scaled_dot_product_attention",
            required="query (..., L, E), key (..., S, E) and value (..., S, V)",
            received=f"{q.shape}, {k.shape} and {v.shape}",
        )  # fmt: skip
    weights = attention_weights(q, k, attn_mask, is_causal=is_causal, scale=scale)
    if dropout_p:
        weights = dropout(weights, dropout_p, generator=generator)
    return matmul(weights, v)


def attention_weights(
    q: Tensor, k: Tensor, mask: TensorLike | None, *, is_causal: bool, scale: float | None = None
) -> Tensor:
    """Return the weights of the keys (..., L, S) for each query."""
    factor = 1 / math.sqrt(max(1, q.shape[-1])) if scale is None else scale
    scores = matmul(q * factor, matrix_transpose(k))
    if is_causal:
        scores = where(causal_mask(*scores.shape[-2:]), scores, -math.inf)
    if mask is None:
        return softmax(scores)
    given = as_tensor(mask)
    if given.dtype.is_integer:
        raise DTypeError(
            "scaled_dot_product_attention", required="a mask of booleans or floats",
            received=str(given.dtype),
        )  # fmt: skip
    if given.dtype.is_floating:
        return _masked_softmax(scores + given.astype(scores.dtype))
    return _masked_softmax(where(given, scores, -math.inf))


def causal_mask(queries: int, keys: int) -> np.ndarray:
    """Return which keys a query may see: those up to its own position."""
    return np.tril(np.ones((queries, keys), bool))


def _masked_softmax(scores: Tensor) -> Tensor:
    """Softmax of scores that may all be -inf, where it gives zeros instead of NaN."""
    top = scores.max(-1, keepdims=True).detach()
    weights = exp(scores - where(isfinite(top), top, 0.0))
    total = weights.sum(-1, keepdims=True)
    return weights / where(total == 0, 1.0, total)


def _shared_heads(x: Tensor, query: Tensor) -> Tensor:
    """Repeat each head of (..., H, S, E) for the heads of the query that share it."""
    if x.ndim < 3 or query.ndim < 3 or query.shape[-3] % x.shape[-3]:
        raise ShapeError(
            "scaled_dot_product_attention",
            required="query heads that are a multiple of those of key and value",
            received=f"{query.shape} and {x.shape}",
        )  # fmt: skip
    return repeat(x, query.shape[-3] // x.shape[-3], axis=-3)


def positional_encoding(x: TensorLike, *, axis: int = -2, base: float = 10000.0) -> Tensor:
    """Add waves of the position t: sin(t / base**(2i / d)) to feature 2i, and cos to 2i + 1.

    x (..., d) gives the same shape; ``axis`` is that of time, the last one that of the d features.
    Wave lengths go from 2 pi to 2 pi * base (Vaswani et al. 2017). Raises ShapeError.

    >>> F.positional_encoding(zeros((2, 4)))
    tensor([[0.        , 1.        , 0.        , 1.        ],
            [0.84147096, 0.5403023 , 0.00999983, 0.99995   ]])
    """
    (node,) = promoted_floating([x])
    if node.ndim < 2 or normalize_axis(axis, node.ndim, "positional_encoding") == node.ndim - 1:
        raise ShapeError(
            "positional_encoding", required="x with an axis of time, and the features last",
            received=f"shape {node.shape}, axis={axis}",
        )  # fmt: skip
    length, features = node.shape[axis], node.shape[-1]
    rates = base ** (-np.arange(0, features, 2) / max(1, features))
    angles = np.arange(length)[:, None] * rates
    waves = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, -1)[:, :features]
    shape = [1] * (node.ndim - 1) + [features]
    shape[axis] = length
    return node + as_tensor(waves.reshape(shape), node.dtype)
