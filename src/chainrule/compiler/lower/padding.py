"""Arrays with zeros around them: what convolutions read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..ir.expr import Buffer, Place, Shape
from ..ir.kernels import Array, Fill
from .lowering import Lowering
from .value import Value, strides_of

Pads = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Padded:
    """A copy of an array, with zeros around it."""

    strides: tuple[int, ...]  # of the array that was copied; they tell its axes
    copy: Array
    pads: Pads


def padded(low: Lowering, x: Value, padding: Pads) -> Array:
    """Return an array that holds x (N, C, ...) and can be read ``padding`` beyond its ends.

    The returned array begins at the first padded element; negative padding crops.
    """
    zeros = [(max(0, before), max(0, behind)) for before, behind in padding]
    if any(before or behind for before, behind in zeros):
        source = _with_zeros(low, x, zeros)
    else:
        found = low.stored(x, _channels_last(len(x.shape))).array
        assert found is not None
        source = found
    return _shifted(source, [max(0, -before) for before, _ in padding])


def _channels_last(rank: int) -> list[int]:
    return [0, *range(2, rank), 1]


def _shifted(array: Array, start: Sequence[int]) -> Array:
    offset = array.offset + sum(s * a for s, a in zip(array.strides, start, strict=True))
    return Array(array.buffer, array.shape, array.strides, offset)


def _with_zeros(low: Lowering, x: Value, pads: Pads) -> Array:
    """Return a copy with zeros around it: one made before if it has enough of them."""
    known = x.array
    made = low.padded.setdefault(_key(known), []) if known is not None else []
    for one in made:
        found = _view(one, known, pads)
        if found is not None:
            return found
    shape = tuple([n + before + behind for n, (before, behind) in zip(x.shape, pads, strict=True)])
    strides = strides_of(shape, _channels_last(len(shape)))
    copy = Array(low.buffer("p", x.dtype, math.prod(shape)), shape, strides)
    low.program.kernels.append(Fill(_ring(copy, x.shape, pads), 0.0))
    inner = _shifted(Array(copy.buffer, x.shape, strides), [before for before, _ in pads])
    low.store(inner, x)
    if known is not None:
        made.append(Padded(known.strides, copy, pads))
    return copy


def _key(array: Array) -> tuple[Any, ...]:
    """Return what two arrays share that are one but for the order of their axes."""
    axes = sorted(zip(array.strides, array.shape, strict=True))
    return (id(array.buffer), array.offset, tuple(axes))


def _view(one: Padded, array: Array | None, pads: Pads) -> Array | None:
    """Return a padded copy with this array's axes, if it has zeros enough."""
    if array is None or len(set(array.strides)) != len(array.strides):
        return None
    axes = [one.strides.index(s) for s in array.strides]
    spare = [
        (one.pads[a][0] - before, one.pads[a][1] - behind)
        for a, (before, behind) in zip(axes, pads, strict=True)
    ]
    if any(before < 0 or behind < 0 for before, behind in spare):
        return None
    strides = tuple([one.copy.strides[a] for a in axes])
    whole = Array(one.copy.buffer, array.shape, strides, one.copy.offset)
    return _shifted(whole, [before for before, _ in spare])


def _ring(target: Array, inner: Shape, pads: Pads) -> list[tuple[Shape, Buffer, Place]]:
    """Return boxes that cover all but the inside: before and behind, axis by axis."""
    boxes = []
    lengths, starts = list(target.shape), [0] * len(inner)
    for axis, (n, (before, behind)) in enumerate(zip(inner, pads, strict=True)):
        for first, count in ((0, before), (before + n, behind)):
            if count:
                begin = [*starts[:axis], first, *starts[axis + 1 :]]
                extents = (*lengths[:axis], count, *lengths[axis + 1 :])
                offset = sum(s * b for s, b in zip(target.strides, begin, strict=True))
                boxes.append((extents, target.buffer, Place(offset, target.strides)))
        lengths[axis], starts[axis] = n, before
    return boxes
