"""The team: threads that live as long as the process and wait natively for work.

A worker enters the driver once and stays there: between runs it spins for a moment and then sleeps
in the kernel of the operating system. Python takes no part in waking it.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import threading

from .driver import TEAM_BYTES, driver
from .memory import Arena


class Team:
    """Workers 1, 2, ... that take part, with the calling thread as 0, in the runs of programs."""

    def __init__(self) -> None:
        self._memory = Arena(TEAM_BYTES)
        self._workers: list[threading.Thread] = []
        self._lock = threading.Lock()
        self.address = self._memory.address

    def grow(self, threads: int) -> None:
        """Have workers for programs on so many threads."""
        with self._lock:
            while len(self._workers) < threads - 1:
                self._hire(len(self._workers) + 1)

    def _hire(self, number: int) -> None:
        # The word that it waits to change is read here: a run may begin before the thread does.
        seen = ctypes.c_int32.from_address(self.address).value
        worker = threading.Thread(
            target=driver().worker,
            args=(self.address, number, seen),
            name=f"chainrule-{number}",
            daemon=True,
        )
        worker.start()
        self._workers.append(worker)

    def stop(self) -> None:
        """Send the workers home."""
        driver().stop(self.address)
        for worker in self._workers:
            worker.join(timeout=1.0)


_team: Team | None = None
_creation = threading.Lock()


def team(threads: int) -> int:
    """Return the address of the process's team, which has workers for so many threads."""
    global _team
    with _creation:
        if _team is None:
            _team = Team()
        _team.grow(threads)
        return _team.address


def _stop() -> None:
    if _team is not None:
        _team.stop()


def _forget() -> None:
    """Forget the team in a forked process: threads do not survive a fork."""
    global _team, _creation
    _team, _creation = None, threading.Lock()


atexit.register(_stop)
with contextlib.suppress(AttributeError):  # there is no fork on every system
    os.register_at_fork(after_in_child=_forget)
