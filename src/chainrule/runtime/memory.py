"""Memory of programs: aligned to cache lines, in huge pages where the system has them."""

from __future__ import annotations

import math
import mmap
from typing import Any

import numpy as np

from ..dtypes import Array
from ..errors import MemoryLimitError

ALIGNMENT = 64
HUGE_BYTES = 4 * 1024**2  # from here on huge pages are worth it


class Arena:
    """One block of zeroed memory that starts at a cache line; ``address`` says where."""

    def __init__(self, nbytes: int) -> None:
        self.nbytes = nbytes
        _require(nbytes)
        try:
            self._memory = _huge(nbytes) if nbytes >= HUGE_BYTES else _small(nbytes)
        except (MemoryError, OSError) as error:
            raise _too_large(nbytes) from error
        self.address: int = self._memory.ctypes.data

    def bytes(self) -> Array:
        """Return the memory as an array of bytes; it lives as long as the array does."""
        return self._memory


def aligned(shape: tuple[int, ...], dtype: Any) -> Array:
    """Return a new array of zeros that starts at a cache line.

    >>> aligned((3, 5), np.float32).ctypes.data % 64
    0
    """
    kind = np.dtype(dtype)
    array: Array = Arena(math.prod(shape) * kind.itemsize).bytes().view(kind).reshape(shape)
    return array


def _small(nbytes: int) -> Array:
    raw = np.zeros(nbytes + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + nbytes]


def _huge(nbytes: int) -> Array:
    block = mmap.mmap(-1, nbytes)  # its pages are zero
    if hasattr(mmap, "MADV_HUGEPAGE"):
        block.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(block, np.uint8)


def _require(nbytes: int) -> None:
    available = available_bytes()
    if available is not None and nbytes > available:
        raise _too_large(nbytes)


def _too_large(nbytes: int) -> MemoryLimitError:
    available = available_bytes()
    return MemoryLimitError(
        "memory of a program",
        required=f"{nbytes:,} bytes",
        received="no more from the system" if available is None else f"{available:,} available",
        hint="use a smaller batch",
    )


def available_bytes() -> int | None:
    """Return how much memory the system can still give, or None where it does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return None
