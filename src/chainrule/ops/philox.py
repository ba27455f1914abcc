"""Random bits as a function of a key and a position: the generator Philox4x32-10.

Ten rounds of multiplication and exclusive or turn a counter of four 32-bit words into four random
ones. There is no state: any part of the stream can be computed on its own, on any thread, in any
order (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
"""

from __future__ import annotations

import math

import numpy as np

from .. import dtypes
from ..dtypes import Array, DType
from ..errors import DTypeError, ShapeError
from ..graph import NotDifferentiable, Opaque, Shape, primitive

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
KEY_STEPS = (0x9E3779B9, 0xBB67AE85)  # the golden ratio and sqrt(3) - 1
ROUNDS = 10
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_BLOCK = 4096  # counters that are turned at once, so that they stay in the cache


def philox4x32(counters: Array, key: tuple[int, int]) -> Array:
    """Turn counters (n, 4) of 32-bit words into random words (n, 4), uint32."""
    c0, c1, c2, c3 = (counters[:, k].astype(np.uint64) for k in range(4))
    k0, k1 = key
    for _ in range(ROUNDS):
        left, right = c0 * np.uint64(MULTIPLIERS[0]), c2 * np.uint64(MULTIPLIERS[1])
        c0 = (right >> _HALF) ^ c1 ^ np.uint64(k0)
        c2 = (left >> _HALF) ^ c3 ^ np.uint64(k1)
        c1, c3 = right & _LOW, left & _LOW
        k0, k1 = (k0 + KEY_STEPS[0]) & 0xFFFFFFFF, (k1 + KEY_STEPS[1]) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=1).astype(np.uint32)


def _words(key: tuple[int, int], start: int, count: int) -> Array:
    """Return words ``start`` to ``start + count`` of a key's stream; a counter makes four."""
    first, last = start // 4, -(-(start + count) // 4)
    result = np.empty((last - first, 4), np.uint32)
    for at in range(first, last, _BLOCK):
        places = np.arange(at, min(at + _BLOCK, last), dtype=np.uint64)
        counters = np.zeros((places.size, 4), np.uint64)
        counters[:, 0], counters[:, 1] = places & _LOW, places >> _HALF
        result[at - first : at - first + places.size] = philox4x32(counters, key)
    return result.reshape(-1)[start - 4 * first :][:count]


def _bits_shape(key: Shape, counter: Shape, *, shape: Shape) -> Shape:
    if key != (2,) or counter != ():
        raise ShapeError(
            "random_bits", required="a key of shape (2,) and a counter of shape ()",
            received=f"{key} and {counter}",
        )  # fmt: skip
    return shape


def _bits_dtype(key: DType, counter: DType, *, shape: Shape) -> DType:
    if key is not dtypes.uint32 or counter is not dtypes.uint64:
        raise DTypeError(
            "random_bits", required="a key of uint32 and a counter of uint64",
            received=f"{key} and {counter}",
        )  # fmt: skip
    return dtypes.uint32


@primitive(
    shape=_bits_shape,
    dtype=_bits_dtype,
    vjp=NotDifferentiable("random bits have no derivative"),
    notation=Opaque("Philox4x32-10: word counter + i of the key's stream, for each element i"),
)
def random_bits(key: Array, counter: Array, *, shape: Shape) -> Array:
    """Return random 32-bit words: element i is word ``counter + i`` of the key's stream.

    >>> key, counter = tensor([0, 0], dtype="uint32"), tensor(0, dtype="uint64")
    >>> [hex(word) for word in random_bits(key, counter, shape=(2,)).tolist()]
    ['0x6627e8d5', '0xe169c58d']
    """
    words = _words((int(key[0]), int(key[1])), int(counter), math.prod(shape))
    return words.reshape(shape)
