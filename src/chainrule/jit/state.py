"""State: the leaves whose memory a program reads and writes in place.

A program holds no array of a leaf that it changes, only its address, so that the number of
references tells whether anybody else looks at memory that is about to change: a ``.value`` that was
kept, a detached tensor, an argument of this very call. Then the leaf moves to new memory first
(copy on write), and what was looked at stays as it was, as it does eagerly.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np

from ..dtypes import Array
from ..graph import Tensor, constant
from .memory import address

_ALIGNMENT = 64
_ALIGN_BYTES = 4096  # smaller arrays lie where NumPy puts them
_version: Callable[[Tensor], int] = attrgetter("_version")
_data: Callable[[Tensor], Array] = attrgetter("_data")
_base: Callable[[Tensor], Array | None] = attrgetter("_data.base")


@dataclass(frozen=True)
class Place:
    """A leaf, its slot in a program's table (-1: none), and the order of its axes in memory."""

    leaf: Tensor
    slot: int
    order: tuple[int, ...]

    def lies_right(self) -> bool:
        """Whether the leaf's memory is dense with its axes in order."""
        array = _data(self.leaf).transpose(self.order)
        return array.flags.c_contiguous and array.flags.aligned

    def copy(self) -> Array:
        """Return a copy of the value that lies right, aligned to a cache line if it is large."""
        array = _data(self.leaf).transpose(self.order)
        copy = _empty(array.shape, array.dtype)
        copy[...] = array
        return copy.transpose(np.argsort(self.order)) if self.order else copy


class State:
    """Leaves at slots of a program's table: those that it only reads, and those that it changes."""

    def __init__(
        self, reads: Sequence[Place], changes: Sequence[Place], table: Array,
        renew: Callable[[], None],
    ) -> None:  # fmt: skip
        """``renew`` is called whenever leaves may have got other values than the program's."""
        self._renew = renew
        self._table, self._reads, self._changes = table, reads, changes
        self._changed = [place.leaf for place in changes]
        self._read = [place.leaf for place in reads]
        self._leaves = [*self._changed, *self._read]
        self._alone = _ALONE_HELD * len(changes)
        self._versions = -1  # the sum of all: none ever gets smaller
        self._viewed: list[Tensor] = []  # changed leaves whose array is a view of aligned memory
        self._converted: list[Array] = []  # of leaves that are only read, but lie otherwise

    @property
    def is_empty(self) -> bool:
        """Whether there are no leaves."""
        return not self._leaves

    def follow(self) -> list[Array]:
        """Bind the leaves' present memory; return it, to be held while the program runs.

        The arguments of the call must be held already.
        """
        held = list(map(_data, self._changed))
        if (
            sum(map(_version, self._leaves)) != self._versions
            or _counted(held) != self._alone  # somebody else looks at one
            or (
                self._viewed and _references(_base, self._viewed) != _ALONE_BASE * len(self._viewed)
            )
        ):
            del held
            self._bind()
            held = list(map(_data, self._changed))
        return [*held, *map(_data, self._read)] if self._read else held

    def _bind(self) -> None:
        for place in self._changes:
            if not (_is_own(place.leaf) and place.lies_right()):
                place.leaf._data = place.copy()
                place.leaf._version += 1  # programs that read it look for it again
            self._set(place.slot, _data(place.leaf))
        self._viewed = [leaf for leaf in self._changed if _base(leaf) is not None]
        self._converted = []
        for place in self._reads:
            if place.lies_right():
                self._set(place.slot, _data(place.leaf))
            else:
                self._converted.append(place.copy())
                self._set(place.slot, self._converted[-1])
        self._versions = sum(map(_version, self._leaves))
        self._renew()

    def _set(self, slot: int, array: Array) -> None:
        if slot >= 0:
            self._table[slot] = address(array)

    def changed(self) -> None:
        """Note that the program has given the changed leaves new values."""
        for leaf in self._changed:
            leaf._version += 1
        self._versions += len(self._changed)

    def copy(self) -> list[Array]:
        """Return copies of the values that the program changes."""
        return [leaf.data.copy() for leaf in self._changed]

    def restore(self, values: Sequence[Array]) -> None:
        """Put values back in place."""
        for leaf, value in zip(self._changed, values, strict=True):
            leaf.data[...] = value


def _references(get: Callable[[Tensor], Any], leaves: Sequence[Tensor]) -> int:
    return sum(map(sys.getrefcount, map(get, leaves)))


def _counted(held: list[Array]) -> int:
    return sum(map(sys.getrefcount, held))


def _is_own(leaf: Tensor) -> bool:
    """Whether a leaf's memory may be written: nobody else looks at it."""
    if _references(_data, [leaf]) != _ALONE or not leaf.data.flags.writeable:
        return False
    return _base(leaf) is None or _references(_base, [leaf]) == _ALONE_BASE


def _empty(shape: tuple[int, ...], dtype: Any) -> Array:
    nbytes = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    if nbytes < _ALIGN_BYTES:
        return np.empty(shape, dtype)
    raw = np.empty(nbytes + _ALIGNMENT, np.uint8)
    start = -address(raw) % _ALIGNMENT
    array: Array = raw[start : start + nbytes].view(dtype).reshape(shape)
    return array


_ALONE = _references(_data, [constant(_empty((1,), np.dtype(np.float32)))])
_ALONE_BASE = _references(_base, [constant(_empty((_ALIGN_BYTES,), np.dtype(np.float32)))])
_LEAF = constant(np.zeros(1))
_ALONE_HELD = _counted(list(map(_data, [_LEAF])))
