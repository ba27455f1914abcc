"""The batch innermost: vectors run over examples, which are all treated alike.

No lane is wasted, whatever the number of channels is; borders and strides are the same for all
lanes; sums over taps, channels or classes need nothing across lanes. What comes in with the batch
outside is copied once; whatever is computed from it lies as it lies.
"""

from __future__ import annotations

from typing import Any

from ..ir.kernels import Array
from .lowering import Lowering
from .order import axis_order
from .value import Value, of_array

LANES = 16  # that a batch has to be a multiple of: of the widest vector
LEAST = 32


def fits(length: int) -> bool:
    """Whether an axis is worth being innermost."""
    return length >= LEAST and length % LANES == 0


def with_last(low: Lowering, x: Value, axis: int) -> Array:
    """Return a value as an array in which an axis is innermost, copied if it lies otherwise."""
    found = x.array
    if found is None:
        order = axis_order(x)
        found = low.stored(x, [*[k for k in order if k != axis], axis]).array
        assert found is not None
    if found.strides[axis] == 1:
        return found
    copy = copied(low, found)
    if copy is None or copy.strides[axis] != 1:
        rest = [k for k in _channels_last(len(x.shape)) if k != axis]
        copy = low.array(found.shape, x.dtype, [*rest, axis])
        low.store(copy, of_array(found))
        low.copies.setdefault(_key(found), []).append((found.strides, copy))
    return copy


def copied(low: Lowering, array: Array) -> Array | None:
    """Return the copy that was made of an array, seen with its axes; None if there is none."""
    for strides, copy in low.copies.get(_key(array), []):
        if len(set(strides)) == len(strides):
            axes = [strides.index(s) for s in array.strides]
            return Array(copy.buffer, array.shape, tuple([copy.strides[a] for a in axes]))
    return None


def innermost(array: Array, axis: int) -> bool:
    """Whether an array has an axis innermost that fits."""
    return array.strides[axis] == 1 and fits(array.shape[axis])


def _channels_last(rank: int) -> list[int]:
    return [0, *range(2, rank), 1] if rank > 1 else [0]


def _key(array: Array) -> tuple[Any, ...]:
    """Return what two arrays share that are one but for the order of their axes."""
    return (
        id(array.buffer),
        array.offset,
        tuple(sorted(zip(array.strides, array.shape, strict=True))),
    )
