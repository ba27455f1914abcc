"""Attention and transformers."""

from __future__ import annotations

from typing import Any

import numpy as np
from tests.functional.samples import spaced

from .record import Sample, layer

x, more = spaced(3, 2, 4), spaced(5, 2, 4, seed=1)  # (T, N, E), (S, N, E)
first, other = spaced(2, 3, 4), spaced(2, 5, 4, seed=1)  # (N, T, E), (N, S, E)
padding = np.array([[0, 0, 1], [0, 0, 0]], bool)  # true is left out
later = np.triu(np.ones((3, 3), bool), 1)
some = spaced(4, 3, 5) > 0.5


def attention(*arguments: Any, inputs: Any, weights: Any = (), **options: Any) -> Sample:
    n = inputs[0].shape
    shape = (n, weights) if weights else n
    return layer(
        "MultiheadAttention", *arguments, inputs=inputs, shape=shape, batched=False, **options
    )


def transformer(name: str, *arguments: Any, inputs: Any, **options: Any) -> Sample:
    given = inputs if isinstance(inputs, tuple) else (inputs,)
    shape = given[1 if name == "Transformer" else 0].shape
    return layer(name, *arguments, inputs=given, shape=shape, dropout=0.0, **options)


def stacked(name: str, *inputs: Any, norm: bool = False) -> Sample:
    def build(room: Any, **options: Any) -> Any:
        one = getattr(room, name + "Layer")(
            4, 2, 6, 0.0, batch_first=True, activation="gelu", **options
        )
        kind = {"dtype": options["dtype"]} if "dtype" in options else {}
        last = room.LayerNorm(4, **kind) if norm else None
        if kind or name == "TransformerDecoder":
            return getattr(room, name)(one, 2, last)
        return room.TransformerEncoder(one, 2, last, enable_nested_tensor=False)

    def ours(generator: Any, dtype: Any) -> Any:
        from chainrule import nn

        return build(nn, generator=generator, dtype=dtype)

    return layer(
        name, inputs=inputs, shape=inputs[0].shape, build=ours,
        peer=lambda torch: build(torch.nn), batched=len(inputs) < 3,
    )  # fmt: skip


SAMPLES = [
    attention(4, 2, inputs=(x, more, more + 1), weights=(2, 3, 5)),
    attention(4, 2, bias=False, batch_first=True, weights=(2, 3, 3),
              inputs=(first, first, first, padding, True, later)),
    attention(4, 2, batch_first=True, inputs=(first, other, other, None, False, some)),
    attention(4, 2, kdim=3, vdim=5, add_bias_kv=True, add_zero_attn=True, weights=(2, 2, 3, 7),
              inputs=(x, spaced(5, 2, 3), spaced(5, 2, 5), None, True, spaced(3, 5), False)),
    attention(4, 1, inputs=(spaced(3, 4), spaced(5, 4), spaced(5, 4)), weights=(3, 5)),
    layer("MultiheadAttention", 4, 2, dropout=0.3, batch_first=True, inputs=(first, other, other),
          shape=((2, 3, 4), (2, 3, 5)), peer=False),
    layer("PositionalEncoding", 4, 0.0, inputs=x, shape=(3, 2, 4), batched=False),
    layer("PositionalEncoding", 4, 0.5, True, inputs=first, shape=(2, 3, 4)),
    transformer("TransformerEncoderLayer", 4, 2, 6, batch_first=True, inputs=first),
    transformer("TransformerEncoderLayer", 4, 2, 6, activation="gelu", norm_first=True,
                batched=False, inputs=(x, later, padding)),
    layer("TransformerEncoderLayer", 4, 2, 6, 0.3, batch_first=True, inputs=first, shape=(2, 3, 4),
          peer=False),
    transformer("TransformerDecoderLayer", 4, 2, 6, batch_first=True, inputs=(first, other)),
    transformer("TransformerDecoderLayer", 4, 2, 6, norm_first=True, bias=False, batched=False,
                inputs=(x, more, later, None, padding)),
    stacked("TransformerEncoder", first, later, padding, norm=True),
    stacked("TransformerDecoder", first, other, norm=True),
    transformer("Transformer", 4, 2, 1, 1, 6, batch_first=True, bias=False, batched=False,
                inputs=(other, first, None, later)),
]  # fmt: skip
