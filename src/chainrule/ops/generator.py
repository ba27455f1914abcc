"""Generator: a stream of random bits, which a key and a position in the key's stream describe."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..graph import Tensor, as_tensor
from .creation import as_shape
from .philox import philox4x32, random_bits

Dims = int | Sequence[int]
_WORD = 1 << 32


def _integer(value: Any, what: str, below: int = 1 << 64) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 0 <= value < below:
        raise ArgumentError(
            what, required=f"an integer from 0 to 2**{below.bit_length() - 1} - 1",
            received=repr(value),
        )  # fmt: skip
    return int(value)


class Generator:
    """A stream of random bits: the key is the seed, the counter the position in the stream.

    Both are tensors, ``key`` uint32 (2,) and ``counter`` uint64 (), so that a graph can hold them
    as state. One seed always gives the same numbers; use one generator in one thread.

    >>> g = Generator(seed=7)
    >>> cr.random.uniform(2, generator=g)
    tensor([0.9545971, 0.7501522])
    """

    def __init__(self, seed: int = 0) -> None:
        self.key = as_tensor(np.zeros(2, np.uint32))
        self.counter = as_tensor(np.zeros((), np.uint64))
        self.reseed(seed)

    def reseed(self, seed: int) -> Generator:
        """Start over at the beginning of the stream of another seed."""
        number = _integer(seed, "seed")
        self._jump(number, 0)
        return self

    def _jump(self, key: int, counter: int) -> None:
        self.key.assign(np.array([key % _WORD, key // _WORD], np.uint32))
        self.counter.assign(np.array(counter, np.uint64))

    def bits(self, shape: Dims) -> Tensor:
        """Return random 32-bit words, uint32, and move on by as many.

        >>> Generator(0).bits(2)
        tensor([1713891541, 3781805453], dtype=uint32)
        """
        dims = as_shape(shape, "random bits")
        words = random_bits(self.key, self.counter, shape=dims)
        self.counter.assign(self.counter + math.prod(dims))
        return words

    def fold_in(self, number: int) -> Generator:
        """Return the generator of a stream of its own for each number, here unmoved.

        The new key is what Philox makes of the number, in a part of the counter that ``bits`` never
        reaches: it depends on the seed, not on the position.

        >>> a, b = Generator(0).fold_in(3), Generator(0).fold_in(3)
        >>> bool((a.bits(5) == b.bits(5)).all())
        True
        """
        n = _integer(number, "fold_in")
        block = np.array([[n % _WORD, n // _WORD, 0, 1]], np.uint64)
        low, high = (int(k) for k in self.key.value)
        words = philox4x32(block, (low, high))[0]
        return Generator(int(words[0]) + int(words[1]) * _WORD)

    def spawn(self, count: int) -> list[Generator]:
        """Return new generators with random keys; each call gives others.

        >>> len(Generator(0).spawn(3))
        3
        """
        keys = self.bits((count, 2)).value.tolist()
        return [Generator(low + high * _WORD) for low, high in keys]

    def state_dict(self) -> dict[str, int]:
        """Return key and counter as plain integers.

        >>> Generator(7).state_dict()
        {'key': 7, 'counter': 0}
        """
        low, high = (int(k) for k in self.key.value)
        return {"key": low + high * _WORD, "counter": int(self.counter.item())}

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Continue where another generator was when its ``state_dict`` was taken."""
        if not isinstance(state, Mapping) or set(state) != {"key", "counter"}:
            raise ArgumentError(
                "Generator.load_state_dict", required="the entries 'key' and 'counter'",
                received=repr(state)[:80],
            )  # fmt: skip
        key, counter = (_integer(state[k], f"generator's {k}") for k in ("key", "counter"))
        self._jump(key, counter)

    def __repr__(self) -> str:
        state = self.state_dict()
        return f"Generator(seed={state['key']}, counter={state['counter']})"


_DEFAULT = Generator(0)


def default_generator() -> Generator:
    """Return the generator that is used where none is given; it starts from seed 0.

    >>> default_generator() is default_generator()
    True
    """
    return _DEFAULT


def manual_seed(seed: int) -> Generator:
    """Start the default generator over from a seed, and return it.

    >>> manual_seed(0)
    Generator(seed=0, counter=0)
    """
    return _DEFAULT.reseed(seed)
