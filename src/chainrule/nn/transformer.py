"""Transformers: encoder and decoder layers, stacks of them, and both together.

Masks are PyTorch's: true means left out, floats are added to the scores.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import functional as F
from ..dtypes import DTypeLike, float32
from ..errors import ArgumentError
from ..graph import Tensor, tensor
from ..ops.random import Generator
from . import init
from .attention import MultiheadAttention
from .containers import ModuleList
from .dropout import Dropout
from .linear import Linear
from .module import Module
from .normalisation import LayerNorm

__all__ = [
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
]

Activation = str | Callable[[Tensor], Tensor]
_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"relu": F.relu, "gelu": F.gelu}


class _Layer(Module):
    """What encoder and decoder layers share: self-attention, two linear maps, residuals."""

    norms: int

    def __init__(
        self, d_model: int, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1,
        activation: Activation = "relu", layer_norm_eps: float = 1e-5, batch_first: bool = False,
        norm_first: bool = False, bias: bool = True, *, generator: Generator | None = None,
        dtype: DTypeLike = float32,
    ) -> None:  # fmt: skip
        if isinstance(activation, str) and activation not in _ACTIVATIONS:
            raise ArgumentError(
                type(self).__name__, required="an activation 'relu', 'gelu' or a function",
                received=repr(activation),
            )  # fmt: skip
        self.activation = _ACTIVATIONS[activation] if isinstance(activation, str) else activation
        self.norm_first = norm_first
        for name in ("self_attn", "multihead_attn")[: self.norms - 1]:
            attention = MultiheadAttention(
                d_model, nhead, dropout, bias, batch_first=batch_first, generator=generator,
                dtype=dtype,
            )  # fmt: skip
            setattr(self, name, attention)
        self.linear1 = Linear(d_model, dim_feedforward, bias, generator=generator, dtype=dtype)
        self.dropout = Dropout(dropout, generator)
        self.linear2 = Linear(dim_feedforward, d_model, bias, generator=generator, dtype=dtype)
        for k in range(1, self.norms + 1):
            setattr(self, f"norm{k}", LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype))
        for k in range(1, self.norms + 1):
            setattr(self, f"dropout{k}", Dropout(dropout, generator))

    def _add(self, x: Tensor, k: int, part: Callable[[Tensor], Tensor]) -> Tensor:
        """Add what a part makes of x, with normalisation before it or after the sum."""
        norm, dropout = getattr(self, f"norm{k}"), getattr(self, f"dropout{k}")
        if self.norm_first:
            result: Tensor = x + dropout(part(norm(x)))
        else:
            result = norm(x + dropout(part(x)))
        return result

    def _feedforward(self, x: Tensor) -> Tensor:
        result: Tensor = self.linear2(self.dropout(self.activation(self.linear1(x))))
        return result


class TransformerEncoderLayer(_Layer):
    """Layer of an encoder: self-attention, then two linear maps, each x = norm(x + part(x)).

    With ``norm_first`` x = x + part(norm(x)). src (T, N, d_model), (N, T, d_model) with
    ``batch_first``, or (T, d_model), gives the same; masks are those of MultiheadAttention
    (Vaswani et al. 2017).

    >>> nn.TransformerEncoderLayer(8, 2, 16)(ones((5, 3, 8))).shape
    (5, 3, 8)
    """

    norms = 2
    self_attn: MultiheadAttention

    def forward(
        self, src: Tensor, src_mask: Any = None, src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Tensor:  # fmt: skip
        """Return the encoded sequence."""

        def attend(x: Tensor) -> Tensor:
            y: Tensor = self.self_attn(
                x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal
            )[0]
            return y

        return self._add(self._add(src, 1, attend), 2, self._feedforward)


class TransformerDecoderLayer(_Layer):
    """Layer of a decoder: self-attention, attention to the memory, then two linear maps.

    tgt (T, N, d_model) and memory (S, N, d_model) give (T, N, d_model); see
    TransformerEncoderLayer.

    >>> nn.TransformerDecoderLayer(8, 2, 16)(ones((5, 3, 8)), ones((4, 3, 8))).shape
    (5, 3, 8)
    """

    norms = 3
    self_attn: MultiheadAttention
    multihead_attn: MultiheadAttention

    def forward(
        self, tgt: Tensor, memory: Tensor, tgt_mask: Any = None, memory_mask: Any = None,
        tgt_key_padding_mask: Any = None, memory_key_padding_mask: Any = None,
        tgt_is_causal: bool = False, memory_is_causal: bool = False,
    ) -> Tensor:  # fmt: skip
        """Return the decoded sequence."""

        def attend(x: Tensor) -> Tensor:
            y: Tensor = self.self_attn(
                x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal
            )[0]
            return y

        def look(x: Tensor) -> Tensor:
            y: Tensor = self.multihead_attn(
                x, memory, memory, memory_key_padding_mask, False, memory_mask,
                is_causal=memory_is_causal,
            )[0]  # fmt: skip
            return y

        x = self._add(self._add(tgt, 1, attend), 2, look)
        return self._add(x, 3, self._feedforward)


def _copies(layer: Module, count: int) -> ModuleList:
    """Return copies with parameters of their own; generators stay the same ones.

    Copies of a generator would drop the same elements in every layer.
    """
    shared = [vars(m)["generator"] for m in layer.modules() if "generator" in vars(m)]
    return ModuleList(
        copy.deepcopy(layer, {id(generator): generator for generator in shared})
        for _ in range(count)
    )


class TransformerEncoder(Module):
    """Copies of an encoder layer, one after the other, and a last normalisation if given.

    As in PyTorch the copies start with the same parameters; draw them anew if that matters.

    >>> nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2)(ones((5, 3, 8))).shape
    (5, 3, 8)
    """

    def __init__(self, encoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        self.layers, self.norm = _copies(encoder_layer, num_layers), norm

    def forward(
        self, src: Tensor, mask: Any = None, src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Tensor:  # fmt: skip
        """Send the sequence through all layers."""
        for layer in self.layers:
            src = layer(src, mask, src_key_padding_mask, is_causal)
        return src if self.norm is None else self.norm(src)


class TransformerDecoder(Module):
    """Copies of a decoder layer, one after the other, and a last normalisation if given.

    >>> decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16), 2)
    >>> decoder(ones((5, 3, 8)), ones((4, 3, 8))).shape
    (5, 3, 8)
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        self.layers, self.norm = _copies(decoder_layer, num_layers), norm

    def forward(self, tgt: Tensor, memory: Tensor, *masks: Any, **options: Any) -> Tensor:
        """Send the sequence through all layers, which get the same memory and masks."""
        for layer in self.layers:
            tgt = layer(tgt, memory, *masks, **options)
        return tgt if self.norm is None else self.norm(tgt)


class Transformer(Module):
    """Encoder and decoder, of several layers and a last normalisation each.

    src (S, N, d_model) and tgt (T, N, d_model), or with ``batch_first`` N first, give the shape of
    tgt. All matrices start as Xavier's uniform. ``generate_square_subsequent_mask(T)`` is the mask
    with which position i sees those up to i; ``tgt_is_causal=True`` says the same without one
    (Vaswani et al. 2017).

    >>> model = nn.Transformer(8, 2, 1, 1, 16)
    >>> model(ones((5, 3, 8)), ones((4, 3, 8)), tgt_is_causal=True).shape
    (4, 3, 8)
    """

    def __init__(
        self, d_model: int = 512, nhead: int = 8, num_encoder_layers: int = 6,
        num_decoder_layers: int = 6, dim_feedforward: int = 2048, dropout: float = 0.1,
        activation: Activation = "relu", layer_norm_eps: float = 1e-5, batch_first: bool = False,
        norm_first: bool = False, bias: bool = True, *, generator: Generator | None = None,
        dtype: DTypeLike = float32,
    ) -> None:  # fmt: skip
        def stack(kind: type[_Layer], stacked: Any, count: int) -> Any:
            layer = kind(
                d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first,
                norm_first, bias, generator=generator, dtype=dtype,
            )  # fmt: skip
            return stacked(layer, count, LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype))

        self.encoder = stack(TransformerEncoderLayer, TransformerEncoder, num_encoder_layers)
        self.decoder = stack(TransformerDecoderLayer, TransformerDecoder, num_decoder_layers)
        for parameter in self.parameters():
            if parameter.ndim > 1:
                shape, kind = parameter.shape, parameter.dtype
                parameter.assign(init.xavier_uniform(shape, generator=generator, dtype=kind))

    def forward(
        self, src: Tensor, tgt: Tensor, src_mask: Any = None, tgt_mask: Any = None,
        memory_mask: Any = None, src_key_padding_mask: Any = None,
        tgt_key_padding_mask: Any = None, memory_key_padding_mask: Any = None,
        src_is_causal: bool = False, tgt_is_causal: bool = False, memory_is_causal: bool = False,
    ) -> Tensor:  # fmt: skip
        """Encode src, decode tgt with it."""
        memory = self.encoder(src, src_mask, src_key_padding_mask, src_is_causal)
        decoded: Tensor = self.decoder(
            tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask,
            tgt_is_causal, memory_is_causal,
        )  # fmt: skip
        return decoded

    @staticmethod
    def generate_square_subsequent_mask(size: int, *, dtype: DTypeLike = float32) -> Tensor:
        """Return (size, size): 0 where position i may see j <= i, -inf elsewhere.

        >>> nn.Transformer.generate_square_subsequent_mask(2)
        tensor([[  0., -inf],
                [  0.,   0.]])
        """
        return tensor(np.triu(np.full((size, size), -np.inf), 1), dtype)
