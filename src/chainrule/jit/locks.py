"""Locks: one program runs at a time, since it uses all cores, and one function is compiled.

A fork waits for both, so that no child inherits a lock that nobody there will open, nor parameters
of which a step has changed one half.
"""

from __future__ import annotations

import contextlib
import gc
import os
import threading
from collections.abc import Iterator

RUNNING = threading.RLock()
_COMPILING = threading.RLock()  # whoever needs both takes it last


@contextlib.contextmanager
def compiling() -> Iterator[None]:
    """Compile alone, and let the collector of cycles rest: many small objects, few cycles."""
    with _COMPILING:
        resumed = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if resumed:
                gc.enable()


def _acquire() -> None:
    RUNNING.acquire()
    _COMPILING.acquire()


def _release() -> None:
    _COMPILING.release()
    RUNNING.release()


with contextlib.suppress(AttributeError):  # there is no fork on every system
    os.register_at_fork(before=_acquire, after_in_parent=_release, after_in_child=_release)
