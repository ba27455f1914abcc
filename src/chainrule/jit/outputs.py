"""Outputs: new arrays for what a program returns, and the tensors around them."""

from __future__ import annotations

from collections.abc import Sequence
from sys import getrefcount
from typing import Any

import numpy as np

from ..compiler.ir import Array as Place
from ..dtypes import Array
from ..graph.tensor import fresh
from .compilation import Output
from .memory import NumberBlock, address, words
from .recording import Result
from .rows import Rows

_LARGE = 1 << 16  # bytes of arrays whose memory comes from the system
_NOBODY = 3  # references to an array that was kept: this record's, a variable's, getrefcount's


class Outputs:
    """The results of a program: arrays are made anew at each call, numbers copied from cells.

    ``sources`` says where each result is from, ``build`` makes what the function returned of them.
    """

    def __init__(
        self, result: Result, outputs: Sequence[Output], places: Sequence[Place],
        slots: dict[int, int], cells: dict[int, int], block: NumberBlock, table: Array,
    ) -> None:  # fmt: skip
        self.build, self._table = result.filled, words(table)
        self._keys = [id(place.buffer) for place in places]
        self._places = {  # by buffer: slot, shape, storage
            key: (slots[key], output.shape, output.dtype.storage)
            for key, output in zip(self._keys, outputs, strict=True)
        }
        arrays = [key for key in self._places if key not in cells]
        self._kept: dict[int, Array] = {}  # large ones of the last call
        self._new = [(key, *self._places[key]) for key in arrays]
        self.has_arrays = bool(arrays)
        self._kinds = [(output.dtype, output.shape, output.cut_by) for output in outputs]
        # For each result, what gives its array: a copy of a cell, or its place among the new ones.
        self.sources = [
            (block.view(cells[key]).copy if key in cells else None, key, *kind)
            for key, kind in zip(self._keys, self._kinds, strict=True)
        ]

    def allocate(self) -> dict[int, Array]:
        """Make arrays for the results that are no numbers, by buffer, and bind them.

        A large one that nobody holds any more is used again: memory that is new to the process is
        zeroed by the system first, which takes longer than many a program.
        """
        arrays: dict[int, Array] = {}
        for key, slot, shape, storage in self._new:
            array = self._kept.get(key)
            if array is None or getrefcount(array) > _NOBODY:
                array = np.empty(shape, storage)
                if array.nbytes >= _LARGE:
                    self._kept[key] = array
            arrays[key] = array
            self._table[slot] = address(array)
        return arrays

    def allocate_many(self, rows: Rows) -> list[Array]:
        """Make arrays with a row for each step and bind them."""
        made = {key: rows.new(*place) for key, place in self._places.items()}
        return [made[key] for key in self._keys]

    def stacked(self, arrays: Sequence[Array]) -> Any:
        """Return what the function returned, with the values of many steps."""
        tensors = []
        for array, (dtype, _, cut_by) in zip(arrays, self._kinds, strict=True):
            tensor = fresh(array, dtype, array.shape)
            if cut_by is not None:
                tensor.cut_by = cut_by
            tensors.append(tensor)
        return self.build(tensors)
