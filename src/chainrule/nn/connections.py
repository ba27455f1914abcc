"""Connection tables: which output channel of a mapped convolution sees which input channels.

A table is an integer array (connections, 2) of pairs (input channel, output channel).
"""

from __future__ import annotations

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError
from ..ops.random import Generator, permutation


def full(in_channels: int, out_channels: int) -> Array:
    """Connect all inputs with all outputs: an ordinary convolution.

    >>> nn.connections.full(2, 1).tolist()
    [[0, 0], [1, 0]]
    """
    pairs = [(i, o) for o in range(out_channels) for i in range(in_channels)]
    return np.array(pairs, np.int64).reshape(-1, 2)


def one_to_one(channels: int) -> Array:
    """Connect each input with the output of the same number: a depthwise convolution.

    >>> nn.connections.one_to_one(2).tolist()
    [[0, 0], [1, 1]]
    """
    return np.repeat(np.arange(channels)[:, None], 2, axis=1)


def random(
    in_channels: int, out_channels: int, fan_in: int, *, generator: Generator | None = None
) -> Array:
    """Connect each output with ``fan_in`` different inputs, all inputs about equally often.

    Inputs are dealt out like cards, deck after deck. Raises ArgumentError unless 1 <= fan_in <=
    in_channels.

    >>> nn.connections.random(4, 2, 2, generator=Generator(0)).shape
    (4, 2)
    """
    if not 1 <= fan_in <= in_channels:
        raise ArgumentError(
            "connections.random", required=f"1 <= fan_in <= {in_channels} input channels",
            received=str(fan_in),
        )  # fmt: skip
    pairs: list[tuple[int, int]] = []
    deck: list[int] = []
    for output in range(out_channels):
        hand: list[int] = []
        while len(hand) < fan_in:
            fresh = [card for card in deck if card not in hand]
            if not fresh:  # what is left of the deck is in the hand already: begin another
                deck += permutation(in_channels, generator=generator).tolist()
                continue
            hand.append(fresh[0])
            deck.remove(fresh[0])
        pairs += [(card, output) for card in sorted(hand)]
    return np.array(pairs, np.int64)
