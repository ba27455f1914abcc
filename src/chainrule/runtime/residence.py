"""Memory of the compiler: LLVM is needed while kernels are made, and not while they run.

The system keeps the pages of its library that were touched, some 40 MB, in memory for this process
until somebody else needs it, and the C library keeps what LLVM has freed. Both are given back; the
pages that another compilation touches come back from the system's cache of files.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
from functools import cache
from typing import Any

_LIBRARY = b"llvmlite"


def release_compiler() -> None:
    """Give memory of LLVM back to the system, once its library is loaded."""
    advise, drop = _function("madvise", 3), getattr(mmap, "MADV_DONTNEED", None)
    if advise is not None and drop is not None:
        for start, size in _unwritten():
            advise(start, size, drop)
    trim = _function("malloc_trim", 1)
    if trim is not None:
        trim(0)


@cache
def _function(name: str, arguments: int) -> Any:
    """Return a function of the C library, or None if this one does not have it."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        function = ctypes.CDLL(None)[name]
        function.argtypes = [ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int][:arguments]
        return function
    return None


@cache
def _unwritten() -> list[tuple[int, int]]:
    """Return start and size of the library's segments that are what the file says, for good.

    Those that relocations were written to have pages of this process (Anonymous, in smaps).
    """
    found = []
    span, candidate = (0, 0), False
    with contextlib.suppress(OSError), open("/proc/self/smaps", "rb") as lines:
        for line in lines:
            first, *rest = line.split()
            if not first.endswith(b":"):
                start, end = [int(part, 16) for part in first.split(b"-")]
                span = start, end - start
                candidate = b"w" not in rest[0] and _LIBRARY in line
            elif candidate and first == b"Anonymous:" and rest[0] == b"0":
                found.append(span)
    return found
