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
from .memory import address
from .signature import ArrayKind, Static

Bind = Callable[[Any], Any]  # returns what has to be held during the run; None: does not fit


class BindArray:
    """Puts the address of an array into a program's table."""

    def __init__(self, kind: ArrayKind, slot: int, table: Array) -> None:
        self.kind, self._slot, self._table = kind, slot, table
        self._dtype, self._shape = kind.dtype, kind.shape
        self._storage = kind.dtype.storage
        self._plain = not kind.requires_grad and dtypes.of_array(_probe(kind)) is kind.dtype

    def __call__(self, value: Any) -> Array | None:
        """Bind an array or a tensor of the right kind."""
        if type(value) is np.ndarray:
            if not self._plain:
                return None
            array = value
        elif isinstance(value, Tensor):
            if value.dtype is not self._dtype or value.requires_grad != self.kind.requires_grad:
                return None
            array = value.data
        else:
            return None
        if array.dtype is not self._storage or array.shape != self._shape:
            return None
        flags = array.flags
        if not (flags.c_contiguous and flags.aligned):
            array = np.array(array, order="C")
        if self._slot >= 0:
            self._table[self._slot] = address(array)
        return array

    def convert(self, value: Any) -> Array:
        """Bind whatever has the right kind by its signature."""
        given = as_tensor(value, None if isinstance(value, Tensor) else self._dtype)
        array = np.array(given.data, self._storage, order="C")
        if self._slot >= 0:
            self._table[self._slot] = address(array)
        return array


def _probe(kind: ArrayKind) -> Array:
    return np.empty(0, kind.dtype.storage)


class BindNumber:
    """Writes a Python number into a program's block of numbers."""

    def __init__(self, kind: ArrayKind, cell: Any) -> None:
        self._type, self._cell = kind.number, cell

    def __call__(self, value: Any) -> bool | None:
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

    def __call__(self, value: Any) -> bool | None:
        """Compare the argument."""
        same = value is self._value or (type(value) is self._kind and value == self._value)
        return True if same else None

    def convert(self, value: Any) -> bool:
        """Let it pass: its signature is the same."""
        del value
        return True
