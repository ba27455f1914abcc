"""Rows: arrays with a row for each step of a run, to which a program's table points in turn."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import Array
from ..graph import Shape
from .memory import address


class Rows:
    """Points slots of a table to first rows; ``advances`` says how they go on after each step."""

    def __init__(self, table: Array, steps: int) -> None:
        self.steps = steps
        self.advances: list[tuple[int, int]] = []
        self._table = table
        self._held: list[Array] = []
        self._before: list[tuple[int, Any]] = []

    def give(self, slot: int, array: Array) -> None:
        """Let a slot go through the rows of an array; -1 stands for a slot that nobody reads."""
        self._held.append(array)
        if slot >= 0:
            self._before.append((slot, self._table[slot]))
            self._table[slot] = address(array)
            self.advances.append((slot, array.strides[0]))

    def put_back(self) -> None:
        """Let the table point to where it did before."""
        for slot, place in self._before:
            self._table[slot] = place

    def new(self, slot: int, shape: Shape, storage: Any) -> Array:
        """Return a new array of zeros (steps, *shape) for a slot."""
        array: Array = np.zeros((self.steps, *shape), storage)
        self.give(slot, array)
        return array
