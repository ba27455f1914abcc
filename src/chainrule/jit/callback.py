"""Callbacks: operations without native form, computed by their NumPy kernels."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..compiler.ir import Array as Place
from ..compiler.ir import Call
from ..dtypes import Array
from ..errors import ChainruleError, ShapeError


class Callback:
    """Calls an operation on arrays where a program has them."""

    def __init__(
        self, kernel: Call, slots: dict[int, int], address_of: Callable[[int], int]
    ) -> None:
        self._kernel, self._slots, self._address_of = kernel, slots, address_of

    def __call__(self) -> None:
        """Compute the outputs from the inputs; what goes wrong says which node it was."""
        kernel = self._kernel
        arrays = [dtypes.decode(self._array(p), p.buffer.dtype) for p in kernel.inputs]
        try:
            with np.errstate(all="ignore"):
                values = kernel.operation.compute(arrays, kernel.attributes)
            self._store(values if isinstance(values, tuple) else (values,))
        except ChainruleError as error:
            error.where = error.where or kernel.where
            raise
        except Exception as error:
            error.add_note(f"in {kernel.where}")
            raise

    def _store(self, values: tuple[Any, ...]) -> None:
        places = self._kernel.outputs
        shapes, foreseen = [np.shape(value) for value in values], [p.shape for p in places]
        if shapes != foreseen:
            raise ShapeError(
                self._kernel.operation.name, required=f"results of the shapes {foreseen}, as told",
                received=str(shapes), hint="results of one call must have the shapes of the next",
            )  # fmt: skip
        for place, value in zip(places, values, strict=True):
            self._array(place)[...] = dtypes.encode(np.asarray(value), place.buffer.dtype)

    def _array(self, place: Place) -> Array:
        return _strided(self._address_of(self._slots[id(place.buffer)]), place)


def _strided(start: int, place: Place) -> Array:
    """Return an array on a program's memory; strides and offset count elements."""
    storage = place.buffer.dtype.storage
    if 0 in place.shape:
        return np.empty(place.shape, storage)
    reaches = [(n - 1) * s for n, s in zip(place.shape, place.strides, strict=True)]
    low, high = (sum(pick(reach, 0) for reach in reaches) for pick in (min, max))
    first = start + (place.offset + low) * storage.itemsize
    raw: Any = (ctypes.c_char * ((high - low + 1) * storage.itemsize)).from_address(first)
    strides = [s * storage.itemsize for s in place.strides]
    return np.lib.stride_tricks.as_strided(np.frombuffer(raw, storage)[-low:], place.shape, strides)
