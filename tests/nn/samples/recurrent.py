"""Recurrent cells and layers."""

from __future__ import annotations

from typing import Any

import numpy as np
from tests.functional.samples import spaced

from .record import Sample, layer

x = spaced(3, 4)
h = spaced(3, 2)
time, batch = spaced(3, 2, 4), spaced(2, 3, 4)  # (T, N, in), (N, T, in)
state, wide = spaced(1, 2, 3), spaced(4, 2, 3)
lengths, cont = np.array([2, 3]), np.array([[1, 1, 0], [0, 1, 1]])


def packed(name: str, *arguments: Any, **options: Any) -> Any:
    """Make PyTorch's layer, called with lengths as its packed sequences do."""

    def make(torch: Any) -> Any:
        rnn = torch.nn.utils.rnn

        class Packed(getattr(torch.nn, name)):  # type: ignore[misc]
            def forward(self, x: Any, state: Any, lengths: Any) -> Any:
                steps = x.shape[self.batch_first]
                sent = rnn.pack_padded_sequence(x, lengths, self.batch_first, False)
                y, last = super().forward(sent, state)
                return rnn.pad_packed_sequence(y, self.batch_first, 0.0, steps)[0], last

        return Packed(*arguments, **options)

    return make


def recurrent(name: str, *arguments: Any, inputs: Any, shape: Any, **options: Any) -> Sample:
    """Make a sample of a layer; the batch is not the first axis of all that goes in or out."""
    given, peer = inputs if isinstance(inputs, tuple) else (inputs,), True
    if len(given) > 2:  # PyTorch has no cont
        peer = packed(name, *arguments, **options) if len(given) == 3 else False
    return layer(name, *arguments, inputs=inputs, shape=shape, peer=peer, batched=False, **options)


SAMPLES = [
    layer("RNNCell", 4, 2, inputs=x, shape=(3, 2)),
    layer("RNNCell", 4, 2, bias=False, inputs=(x, h), shape=(3, 2)),
    layer("LSTMCell", 4, 2, inputs=(x, (h, h + 1)), shape=((3, 2), (3, 2))),
    layer("GRUCell", 4, 2, inputs=(x, h), shape=(3, 2)),
    recurrent("RNN", 4, 3, inputs=time, shape=((3, 2, 3), (1, 2, 3))),
    recurrent("RNN", 4, 3, 2, "relu", bidirectional=True, inputs=(time, wide),
              shape=((3, 2, 6), (4, 2, 3))),
    recurrent("RNN", 4, 3, bias=False, inputs=spaced(3, 4), shape=((3, 3), (1, 3))),
    recurrent("RNN", 4, 3, bidirectional=True, inputs=(batch, None, lengths, cont),
              batch_first=True, shape=((2, 3, 6), (2, 2, 3))),
    recurrent("LSTM", 4, 3, batch_first=True, inputs=(batch, (state, state + 1)),
              shape=((2, 3, 3), (1, 2, 3), (1, 2, 3))),
    recurrent("LSTM", 4, 3, 2, bidirectional=True, inputs=(time, (wide, wide - 1), lengths),
              shape=((3, 2, 6), (4, 2, 3), (4, 2, 3))),
    recurrent("LSTM", 4, 3, 2, proj_size=2, bias=False, inputs=time,
              shape=((3, 2, 2), (2, 2, 2), (2, 2, 3))),
    recurrent("GRU", 4, 3, 2, inputs=time, shape=((3, 2, 3), (2, 2, 3))),
    recurrent("GRU", 4, 3, batch_first=True, bidirectional=True,
              inputs=(batch, None, lengths), shape=((2, 3, 6), (2, 2, 3))),
    layer("GRU", 4, 3, 2, dropout=0.4, inputs=time, shape=((3, 2, 3), (2, 2, 3)), peer=False,
          batched=False),
]  # fmt: skip
