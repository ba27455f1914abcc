"""Memory between Python and a program: addresses of arrays, and a block for single numbers."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from ..dtypes import Array, DType

WORD = ctypes.sizeof(ctypes.c_size_t)
DATA = 2  # the word of NumPy's array object that is its pointer
WORDS = (ctypes.c_size_t * (1 << 8 * WORD - 8)).from_address(0)  # the memory of this process
_CODES = {
    "bool": "?", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i",
    "uint32": "I", "int64": "q", "uint64": "Q", "float16": "e", "float32": "f", "float64": "d",
}  # fmt: skip
_CELL = 8  # bytes for each number, so that all are aligned


def _read_address(array: Array) -> int:
    """Return where an array's elements lie: the field of the array object that C code reads."""
    return WORDS[id(array) // WORD + DATA]


def _ask_address(array: Array) -> int:
    """Return where an array's elements lie, as NumPy tells."""
    return int(array.ctypes.data)


def _fast_is_right() -> bool:
    probes = [np.zeros(n, np.uint8)[k:] for n, k in ((8, 0), (64, 3))]
    try:
        return all(_read_address(probe) == _ask_address(probe) for probe in probes)
    except IndexError:
        return False


IS_FAST = _fast_is_right()
address = _read_address if IS_FAST else _ask_address


def words(table: Array) -> Any:
    """Return a table of addresses as what is written fastest, a number at a time."""
    return memoryview(table).cast("B").cast("Q")  # type: ignore[arg-type]  # NumPy exports it


class NumberBlock:
    """Memory for single numbers: inputs, learning rates, losses; each in a cell of eight bytes."""

    def __init__(self, kinds: list[DType]) -> None:
        self.kinds = kinds
        self.memory = np.zeros(max(1, len(kinds)) * _CELL, np.uint8)
        self.addresses = [self.memory.ctypes.data + _CELL * k for k in range(len(kinds))]
        self.formats = [_CODES[kind.storage.name] for kind in kinds]

    def view(self, cell: int) -> Array:
        """Return a cell as an array without axes."""
        kind = self.kinds[cell].storage
        start = _CELL * cell
        return self.memory[start : start + kind.itemsize].view(kind).reshape(())

    def writer(self, cell: int) -> Any:
        """Return a memoryview of one element: ``writer[0] = number`` converts and stores it."""
        kind = self.kinds[cell].storage
        start = _CELL * cell
        part = memoryview(self.memory.data)[start : start + kind.itemsize]
        formats: Any = self.formats[cell]
        return part.cast("B").cast(formats)
