"""Memory of programs: an arena for temporaries, and the tensors that are their state."""

from __future__ import annotations

import ctypes
import weakref
from typing import Any

import numpy as np

from chainrule.dtypes import Array
from chainrule.graph import Tensor

ALIGNMENT = 64
_OWNED: weakref.WeakValueDictionary[int, Array] = weakref.WeakValueDictionary()


class Arena:
    """One block of memory for all temporaries of a program."""

    def __init__(self, size: int) -> None:
        self._raw = np.zeros(size + ALIGNMENT, np.uint8)
        self.address = -(-self._raw.ctypes.data // ALIGNMENT) * ALIGNMENT


def owned(leaf: Tensor) -> Array:
    """Return a leaf's memory, made such that programs may write it.

    Programs share it: it is aligned, contiguous, and no array that the user holds.
    """
    array = leaf.data
    if _OWNED.get(id(array)) is array:
        return array
    raw = np.empty(array.nbytes + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    copy: Array = raw[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    leaf._data = copy
    _OWNED[id(copy)] = copy
    return copy


def strided(
    address: int, dtype: Any, shape: tuple[int, ...], strides: tuple[int, ...], offset: int
) -> Array:
    """Return an array on memory that a program owns; strides and offset count elements."""
    step = np.dtype(dtype).itemsize
    if 0 in shape:
        return np.empty(shape, dtype)
    last = sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
    raw = (ctypes.c_char * ((last + 1) * step)).from_address(address + offset * step)
    flat = np.frombuffer(raw, dtype)
    return np.lib.stride_tricks.as_strided(flat, shape, tuple(s * step for s in strides))
