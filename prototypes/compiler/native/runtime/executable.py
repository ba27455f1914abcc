"""Executable: a loaded program and the threads that run it."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Sequence

from .engine import Library

Segment = str | Callable[[], None]
_BARRIER_WORDS = 64  # arrival counter and generation, on cache lines of their own


class Executable:
    """A program in memory; ``run`` executes its segments in order, native ones on all threads.

    Every thread runs the same code on its share of the work, with barriers between kernels. The
    threads wait for the next run on a semaphore. ``table`` holds the buffers' addresses.
    """

    def __init__(
        self, text: str, segments: Sequence[Segment], pointers: Sequence[int], kernels: int,
        threads: int,
    ) -> None:  # fmt: skip
        self._library = Library(text, [s for s in segments if isinstance(s, str)])
        self._segments = segments
        self.threads = threads
        self.table = (ctypes.c_void_p * max(1, len(pointers)))(*pointers)
        self.clock = (ctypes.c_int64 * max(1, kernels))()
        self._lock = threading.Lock()
        self._start_team()

    def _start_team(self) -> None:
        self._process = os.getpid()
        self._barrier = (ctypes.c_int32 * _BARRIER_WORDS)()
        self._memory = [ctypes.addressof(x) for x in (self.table, self._barrier, self.clock)]
        self._go, self._done = threading.Semaphore(0), threading.Semaphore(0)
        self._entry = ""
        for number in range(1, self.threads):
            team = (self._go, self._done)
            threading.Thread(target=self._work, args=(number, *team), daemon=True).start()

    def _work(self, number: int, go: threading.Semaphore, done: threading.Semaphore) -> None:
        while True:
            go.acquire()
            self._call(self._entry, number)
            done.release()

    def _call(self, entry: str, number: int) -> None:
        table, barrier, clock = self._memory
        self._library.functions[entry](table, barrier, number, self.threads, clock)

    def run(self) -> None:
        """Execute the program once."""
        with self._lock:
            if os.getpid() != self._process:  # threads do not survive a fork
                self._start_team()
            for segment in self._segments:
                if isinstance(segment, str):
                    self._run_native(segment)
                else:
                    segment()

    def _run_native(self, entry: str) -> None:
        self._entry = entry
        helpers = self.threads - 1
        if helpers:
            self._go.release(helpers)
        self._call(entry, 0)
        for _ in range(helpers):
            self._done.acquire()
