"""Attention layers, with PyTorch's parameters and conventions of masks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial, reduce

from .. import functional as F
from ..dtypes import DTypeLike, float32
from ..errors import ArgumentError, ShapeError
from ..functional.attention import attention_weights, causal_mask
from ..functional.dropouts import check_probability
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import (
    add,
    broadcast_to,
    concat,
    expand_dims,
    logical_not,
    logical_or,
    matmul,
    reshape,
    split,
    squeeze,
    swapaxes,
    where,
    zeros,
    zeros_like,
)
from ..ops.random import Generator
from . import init
from .linear import Linear
from .module import Module
from .parameter import Parameter

__all__ = ["MultiheadAttention", "PositionalEncoding"]


class MultiheadAttention(Module):
    """Attention of several heads: W_o [head_1 ... head_h] + b_o, as Vaswani et al. (2017).

    Head i is softmax(Q_i K_i^T / sqrt(d)) V_i; Q, K, V are linear maps of query (L, N, embed_dim),
    key (S, N, kdim) and value (S, N, vdim), cut into heads of d = embed_dim / num_heads. Returns
    the output (L, N, embed_dim) and the weights (N, L, S), their mean over the heads, unless
    ``average_attn_weights`` is False: (N, heads, L, S); None without ``need_weights``. With
    ``batch_first`` N is the first axis; it may be missing in all.

    ``key_padding_mask`` (N, S) and ``attn_mask`` (L, S), (N, L, S) or (N * heads, L, S): TRUE MEANS
    LEFT OUT, as in PyTorch; floats are added. ``is_causal`` lets position i see those up to i.
    A query that sees nothing gets zeros, and so b_o. ``add_bias_kv`` adds a learned key and value,
    ``add_zero_attn`` one of zeros. Raises ShapeError, ArgumentError.

    >>> x = ones((5, 2, 8))
    >>> y, weights = nn.MultiheadAttention(8, 4)(x, x, x)
    >>> y.shape, weights.shape
    ((5, 2, 8), (2, 5, 5))
    """

    def __init__(
        self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True,
        add_bias_kv: bool = False, add_zero_attn: bool = False, kdim: int | None = None,
        vdim: int | None = None, batch_first: bool = False, *,
        generator: Generator | None = None, dtype: DTypeLike = float32,
    ) -> None:  # fmt: skip
        if num_heads < 1 or embed_dim < 1 or embed_dim % num_heads:
            raise ArgumentError(
                "MultiheadAttention", required="embed_dim divisible by num_heads >= 1",
                received=f"{embed_dim} and {num_heads}",
            )  # fmt: skip
        check_probability("MultiheadAttention", dropout)
        self.embed_dim, self.num_heads, self.dropout = embed_dim, num_heads, dropout
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.batch_first, self.add_zero_attn, self.generator = batch_first, add_zero_attn, generator
        draw = partial(init.xavier_uniform, generator=generator, dtype=dtype)
        if self.kdim == self.vdim == embed_dim:
            self.in_proj_weight = Parameter(draw((3 * embed_dim, embed_dim)))
        else:
            self.q_proj_weight = Parameter(draw((embed_dim, embed_dim)))
            self.k_proj_weight = Parameter(draw((embed_dim, self.kdim)))
            self.v_proj_weight = Parameter(draw((embed_dim, self.vdim)))
        zero = init.zeros((3 * embed_dim,), dtype=dtype)
        self.in_proj_bias = Parameter(zero) if bias else None
        normal = partial(init.xavier_normal, generator=generator, dtype=dtype)
        self.bias_k = Parameter(normal((1, 1, embed_dim))) if add_bias_kv else None
        self.bias_v = Parameter(normal((1, 1, embed_dim))) if add_bias_kv else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, generator=generator, dtype=dtype)
        if self.out_proj.bias is not None:
            self.out_proj.bias.assign(zeros_like(self.out_proj.bias))

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: TensorLike | None = None,
        need_weights: bool = True,
        attn_mask: TensorLike | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Return the output, and the weights."""
        same = query is key and key is value
        inputs = [as_tensor(part) for part in (query, key, value)]
        self._check(inputs)
        single = inputs[0].ndim == 2
        if single:
            inputs = [expand_dims(part, axis=0) for part in inputs]
        elif not self.batch_first:
            inputs = [swapaxes(part, 0, 1) for part in inputs]
        q, k, v = self._projected(inputs, same)
        k, v = self._extended(k, self.bias_k), self._extended(v, self.bias_v)
        q, k, v = (self._heads(part) for part in (q, k, v))
        mask = self._mask(key_padding_mask, attn_mask, is_causal, q, k, single)
        causal = is_causal and mask is None
        weights = attention_weights(q, k, mask, is_causal=causal)
        weights = F.dropout(weights, self.dropout, training=self.training, generator=self.generator)
        joined = swapaxes(matmul(weights, v), 1, 2)
        y = self.out_proj(reshape(joined, (*joined.shape[:2], self.embed_dim)))
        shown: Tensor | None = None
        if need_weights:
            shown = weights.mean(1) if average_attn_weights else weights
        if single:
            return squeeze(y, 0), None if shown is None else squeeze(shown, 0)
        return y if self.batch_first else swapaxes(y, 0, 1), shown

    def _check(self, inputs: list[Tensor]) -> None:
        sizes = (self.embed_dim, self.kdim, self.vdim)
        ranks = {part.ndim for part in inputs}
        if ranks not in ({2}, {3}) or any(
            part.shape[-1] != size for part, size in zip(inputs, sizes, strict=True)
        ):
            order = "(N, T, E)" if self.batch_first else "(T, N, E)"
            raise ShapeError(
                "MultiheadAttention", received=", ".join(str(part.shape) for part in inputs),
                required=f"query, key and value {order} or (T, E) with E of {sizes}",
            )  # fmt: skip

    def _projected(self, inputs: list[Tensor], same: bool) -> Sequence[Tensor]:
        """Return Q, K and V; of one and the same input by one product."""
        bias = self.in_proj_bias
        if self.kdim == self.vdim == self.embed_dim:
            if same:
                return split(
                    F.linear(inputs[0], self.in_proj_weight, bias), self.embed_dim, axis=-1
                )
            weights = split(self.in_proj_weight, self.embed_dim)
        else:
            weights = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        offsets = [None] * 3 if bias is None else split(bias, self.embed_dim)
        return [F.linear(*parts) for parts in zip(inputs, weights, offsets, strict=True)]

    def _extended(self, x: Tensor, learned: Tensor | None) -> Tensor:
        """Add keys (or values) to (N, S, E): the learned one and that of zeros, if asked for."""
        shape, parts = (x.shape[0], 1, self.embed_dim), [x]
        if learned is not None:
            parts.append(broadcast_to(learned, shape))
        if self.add_zero_attn:
            parts.append(zeros(shape, dtype=x.dtype))
        return concat(parts, axis=1) if len(parts) > 1 else x

    def _heads(self, x: Tensor) -> Tensor:
        """(N, T, E) -> (N, heads, T, d)."""
        width = self.embed_dim // self.num_heads
        return swapaxes(reshape(x, (*x.shape[:2], self.num_heads, width)), 1, 2)

    def _mask(
        self, padding: TensorLike | None, attn: TensorLike | None, is_causal: bool, q: Tensor,
        k: Tensor, single: bool,
    ) -> Tensor | None:  # fmt: skip
        """Join all masks to one that broadcasts to (N, heads, L, S); true takes part."""
        added = (self.bias_k is not None) + self.add_zero_attn
        batch, heads, queries = q.shape[:3]
        keys = k.shape[2] - added
        masks = []
        if padding is not None:
            given = as_tensor(padding)
            given = expand_dims(given, axis=0) if single and given.ndim == 1 else given
            self._check_mask("key_padding_mask", given, [(batch, keys)])
            masks.append(reshape(given, (batch, 1, 1, keys)))
        if attn is not None:
            given, several = as_tensor(attn), (batch * heads, queries, keys)
            allowed = [(queries, keys), several, (batch, queries, keys)]
            self._check_mask("attn_mask", given, allowed)
            if given.ndim == 3:
                split_up = (batch, heads) if given.shape == several else (batch, 1)
                given = reshape(given, (*split_up, queries, keys))
            masks.append(given)
        if is_causal and (masks or added):
            masks.append(as_tensor(~causal_mask(queries, keys)))
        return _joined([_widened(mask, added) for mask in masks], q)

    def _check_mask(self, name: str, mask: Tensor, allowed: list[tuple[int, ...]]) -> None:
        if mask.shape not in allowed or mask.dtype.is_integer:
            raise ShapeError(
                "MultiheadAttention", received=f"{name} of shape {mask.shape}, {mask.dtype}",
                required=f"{name} of shape {' or '.join(map(str, allowed))}, bool or floating",
            )  # fmt: skip

    def extra_repr(self) -> str:
        """Show sizes."""
        return f"{self.embed_dim}, {self.num_heads}, batch_first={self.batch_first}"


def _widened(mask: Tensor, added: int) -> Tensor:
    """Let every query see the keys that the layer itself adds: neither true nor a number."""
    if not added:
        return mask
    more = zeros((*mask.shape[:-1], added), dtype=mask.dtype)
    return concat([mask, more], axis=-1)


def _joined(masks: list[Tensor], q: Tensor) -> Tensor | None:
    if not masks:
        return None
    if not any(mask.dtype.is_floating for mask in masks):
        return logical_not(reduce(logical_or, masks))
    zero = zeros((), dtype=q.dtype)
    return reduce(add, [m if m.dtype.is_floating else where(m, -math.inf, zero) for m in masks])


class PositionalEncoding(Module):
    """Add waves of the position to a sequence, then dropout; see functional.positional_encoding.

    x (T, N, d_model), (N, T, d_model) with ``batch_first``, or (T, d_model) gives the same shape,
    for any T (Vaswani et al. 2017).

    >>> nn.PositionalEncoding(2, dropout=0.0)(zeros((2, 1, 2)))
    tensor([[[0.        , 1.        ]],
    <BLANKLINE>
            [[0.84147096, 0.5403023 ]]])
    """

    def __init__(
        self, d_model: int, dropout: float = 0.1, batch_first: bool = False, *,
        generator: Generator | None = None,
    ) -> None:  # fmt: skip
        check_probability("PositionalEncoding", dropout)
        self.d_model, self.dropout, self.batch_first = d_model, dropout, batch_first
        self.generator = generator

    def forward(self, x: Tensor) -> Tensor:
        """Add the positions."""
        x = as_tensor(x)
        if x.ndim not in (2, 3) or x.shape[-1] != self.d_model:
            raise ShapeError(
                "PositionalEncoding", required=f"x (T, N, {self.d_model}), (N, T, {self.d_model}) "
                f"or (T, {self.d_model})", received=f"shape {x.shape}",
            )  # fmt: skip
        time_last = self.batch_first or x.ndim == 2
        y = F.positional_encoding(x, axis=-2 if time_last else 0)
        return F.dropout(y, self.dropout, training=self.training, generator=self.generator)

    def extra_repr(self) -> str:
        """Show the options."""
        return f"{self.d_model}, dropout={self.dropout}, batch_first={self.batch_first}"
