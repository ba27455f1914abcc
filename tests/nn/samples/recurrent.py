"""Recurrent cells."""

from __future__ import annotations

from typing import Any

from tests.functional.samples import spaced

import chainrule as cr
from chainrule import nn
from chainrule.dtypes import DTypeLike
from chainrule.ops.random import Generator

from .record import layer

x = spaced(3, 4)


def lstm_cell(generator: Generator, dtype: DTypeLike) -> nn.Module:
    class Joined(nn.LSTMCell):
        """Both parts of the state are inputs of their own, and joined as output."""

        def forward(self, x: cr.Tensor, *state: Any) -> Any:
            return cr.concat(super().forward(x, state), axis=-1)  # type: ignore[arg-type]

    return Joined(4, 2, generator=generator, dtype=dtype)


def torch_lstm_cell(torch: Any) -> Any:
    class Joined(torch.nn.LSTMCell):  # type: ignore[misc, name-defined]
        def forward(self, x: Any, *state: Any) -> Any:
            return torch.cat(super().forward(x, state), dim=-1)

    return Joined(4, 2)


h = spaced(3, 2)
SAMPLES = [
    layer("RNNCell", 4, 2, inputs=x, shape=(3, 2)),
    layer("RNNCell", 4, 2, bias=False, inputs=(x, h), shape=(3, 2)),
    layer("LSTMCell", inputs=(x, h, h + 1), shape=(3, 4), build=lstm_cell, peer=torch_lstm_cell),
    layer("GRUCell", 4, 2, inputs=(x, h), shape=(3, 2)),
]
