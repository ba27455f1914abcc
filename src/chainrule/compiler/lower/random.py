"""Random bits as a formula of the counter, so that nothing has to be stored to have them again."""

from __future__ import annotations

from ... import dtypes
from ...graph import Tensor
from ...ops.philox import KEY_STEPS, MULTIPLIERS, ROUNDS
from ..ir.expr import Place, Shape, cast, const, index
from .elements import Element, function
from .lowering import Lowering, lowers
from .value import Value, row_major, whole

Words = tuple[Element, Element, Element, Element]


@lowers("random_bits")
def random_bits(low: Lowering, node: Tensor, key: Value, counter: Value, *, shape: Shape) -> Value:
    """Element i is word ``counter + i`` of the key's stream: Philox4x32-10, four words a block."""
    flat = cast(index(Place(0, row_major(shape))), dtypes.uint64)
    start = low.broadcast(low.stored(counter), shape)
    number = Element(start.expr) + Element(flat)
    keys = [_word(low, key, k, shape) for k in range(2)]
    words = _philox(number >> 2, keys)
    lane = number & 3
    result = words[3]
    for k in (2, 1, 0):
        result = function("where", lane == k, words[k], result)
    return whole(shape, cast(result.expr, dtypes.uint32))


def _word(low: Lowering, key: Value, k: int, shape: Shape) -> Element:
    """Return word k of the key, as uint64, for every element."""
    value = low.stored(key).change(
        shape, lambda p: Place(p.offset + k * p.coefs[0], (0,) * len(shape))
    )
    return Element(cast(value.expr, dtypes.uint64))


def _philox(block: Element, keys: list[Element]) -> Words:
    """Return the four words of a block; all values are 32-bit words in uint64."""
    low_word = 0xFFFFFFFF
    c0, c1 = block & low_word, block >> 32
    zero = Element(const(0, dtypes.uint64))
    c2, c3 = zero, zero
    k0, k1 = keys
    for _ in range(ROUNDS):
        left, right = c0 * MULTIPLIERS[0], c2 * MULTIPLIERS[1]
        c0, c1 = (right >> 32) ^ c1 ^ k0, right & low_word
        c2, c3 = (left >> 32) ^ c3 ^ k1, left & low_word
        k0, k1 = (k0 + KEY_STEPS[0]) & low_word, (k1 + KEY_STEPS[1]) & low_word
    return c0, c1, c2, c3
