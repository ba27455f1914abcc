"""Outputs: new arrays for what a program returns, and the tensors around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..compiler.ir import Array as Place
from ..dtypes import Array
from ..graph import Tensor
from .compilation import Output
from .memory import NumberBlock, address
from .recording import Result
from .rows import Rows


class Outputs:
    """The results of a program: arrays are made anew at each call, numbers copied from cells."""

    def __init__(
        self, result: Result, outputs: Sequence[Output], places: Sequence[Place],
        slots: dict[int, int], cells: dict[int, int], block: NumberBlock, table: Array,
    ) -> None:  # fmt: skip
        self._result, self._outputs, self._table = result, outputs, table
        self._cells: dict[int, Array] = {}  # by position: a view of the cell
        self._places: dict[int, tuple[int, Any, Any]] = {}  # by buffer, cells too
        self._keys = [id(place.buffer) for place in places]
        self._arrays: dict[int, tuple[int, Any, Any]] = {}  # by buffer: slot, shape, storage
        self._sources: list[int | None] = []  # of each output: which of the arrays
        for position, (output, place) in enumerate(zip(outputs, places, strict=True)):
            key = id(place.buffer)
            self._places[key] = (slots[key], output.shape, output.dtype.storage)
            if key in cells:
                self._cells[position] = block.view(cells[key])
            else:
                self._arrays.setdefault(key, self._places[key])
            self._sources.append(None if key in cells else list(self._arrays).index(key))
        self._new = list(self._arrays.values())

    def allocate(self) -> list[Array]:
        """Make arrays for the results and bind them."""
        arrays = []
        for slot, shape, storage in self._new:
            array = np.empty(shape, storage)
            self._table[slot] = address(array)
            arrays.append(array)
        return arrays

    def results(self, arrays: Sequence[Array]) -> Any:
        """Return what the function returned, with the values of this call."""
        values = [
            self._cells[position].copy() if source is None else arrays[source]
            for position, source in enumerate(self._sources)
        ]
        return self.filled(values)

    def allocate_many(self, rows: Rows) -> list[Array]:
        """Make arrays with a row for each step and bind them."""
        made = {key: rows.new(*place) for key, place in self._places.items()}
        return [made[key] for key in self._keys]

    def filled(self, arrays: Sequence[Array]) -> Any:
        """Return what the function returned, with these values."""
        tensors = []
        for output, array in zip(self._outputs, arrays, strict=True):
            tensor = Tensor(array, output.dtype, array.shape)
            tensor.cut_by = output.cut_by
            tensors.append(tensor)
        return self._result.filled(tensors)
