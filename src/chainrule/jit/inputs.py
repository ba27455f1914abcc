"""Inputs: how each argument of a call reaches a program.

Arrays that lie as the program reads them are bound by address, nothing is copied; all others are
converted. Numbers are written into a block of memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..dtypes import Array
from ..graph import Tensor, as_tensor
from .memory import DATA, IS_FAST, WORD, WORDS, address, words
from .signature import ArrayKind, Static

Bind = Callable[[Any], Any]  # returns what has to be held during the run; None: does not fit


class BindArray:
    """Puts the address of an array into a program's table."""

    def __init__(self, kind: ArrayKind, slot: int, table: Array) -> None:
        self.kind, self._slot, self._table = kind, slot, words(table)
        self.fit: Bind = _fitting(kind, slot, self._table)

    def convert(self, value: Any) -> Array:
        """Bind whatever has the right kind by its signature."""
        given = as_tensor(value, None if isinstance(value, Tensor) else self.kind.dtype)
        array = np.array(given.data, self.kind.dtype.storage, order="C")
        if self._slot >= 0:
            self._table[self._slot] = address(array)
        return array


def _fitting(kind: ArrayKind, slot: int, table: Any) -> Bind:
    """Return what binds an array or a tensor of the right kind: a closure, the fastest there is."""
    dtype, shape, storage, wants = kind.dtype, kind.shape, kind.dtype.storage, kind.requires_grad
    takes_arrays = not wants and dtypes.of_array(_probe(kind)) is dtype
    unaligned, memory = storage.itemsize - 1, WORDS if IS_FAST else None

    def fit(value: Any) -> Any:
        if isinstance(value, Tensor):
            array: Any = value._data
            if value.dtype is not dtype or value._shape != shape or array is None:
                return None
            if value.requires_grad is not wants:
                return None
        elif type(value) is np.ndarray and takes_arrays:
            array = value
            if array.dtype is not storage or array.shape != shape:
                return None
        else:
            return None
        place = address(array) if memory is None else memory[id(array) // WORD + DATA]
        if place & unaligned or (shape and not array.flags.c_contiguous):
            array = np.array(array, order="C")
            place = address(array)
        if slot >= 0:
            table[slot] = place
        return array

    return fit


def _probe(kind: ArrayKind) -> Array:
    return np.empty(0, kind.dtype.storage)


class BindNumber:
    """Writes a Python number into a program's block of numbers."""

    def __init__(self, kind: ArrayKind, cell: Any) -> None:
        self._type, self._cell = kind.number, cell

    def fit(self, value: Any) -> bool | None:
        """Write a number of the right type."""
        if type(value) is not self._type:
            return None
        self._cell[0] = value
        return True

    def convert(self, value: Any) -> bool:
        """Write a number."""
        self._cell[0] = value
        return True


class BindStatic:
    """Lets an argument pass that has the value that the program was made for."""

    def __init__(self, kind: Static) -> None:
        self._kind, self._value = kind.kind, kind.value

    def fit(self, value: Any) -> bool | None:
        """Compare the argument."""
        same = value is self._value or (type(value) is self._kind and value == self._value)
        return True if same else None

    def convert(self, value: Any) -> bool:
        """Let it pass: its signature is the same."""
        del value
        return True
