"""Executable: a program in memory, ready to run."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError, GraphError
from .driver import CALLBACK, JOB, LINE_BYTES, MAX_THREADS, NEEDS_TEAM, SPIN_NANOSECONDS, driver
from .host import cores
from .kernels import Loading, load
from .memory import aligned
from .records import Records
from .task import Task
from .team import team

Advances = Sequence[tuple[int, int]]

_all: weakref.WeakSet[Executable] = weakref.WeakSet()


class Executable:
    """A table of tasks that one call runs, once or for many steps.

    ``table`` holds the addresses of the buffers; the caller fills it. ``progress``, if set, is
    called about ten times a second with the number of finished steps. ``seconds`` are those of
    each task in a profiled run; ``loading`` says where the kernels came from. ``start(job, steps)``
    is the raw native entry: it returns 0 when the run is finished, or a number for ``finish`` to go
    on with; it takes no lock.
    """

    def __init__(self, tasks: Sequence[Task], slots: int, threads: int) -> None:
        _check(tasks, slots, threads)
        self.threads = threads
        self.table: Array = aligned((max(1, slots),), np.uint64)
        self.seconds: Array = np.zeros(len(tasks))
        self.progress: Callable[[int], Any] | None = None
        self._tasks = tuple(tasks)
        self.loading = Loading()
        self._kernels = _kernels(self._tasks, self.loading)
        self._records = Records(self._tasks, self._kernels, threads)
        stride = -(-self._records.phase * 8 // LINE_BYTES) * LINE_BYTES // 8
        self._cursors = aligned((threads, stride), np.int64)
        self._state: Array = aligned((len(JOB),), np.int64)
        self._pairs: Array = np.zeros((0, 2), np.int64)
        self._halts: Array = np.zeros(0, np.int64)
        self._set(
            TABLE=self.table.ctypes.data, RECORDS=self._records.address, COUNT=len(tasks),
            THREADS=threads, CURSORS=self._cursors.ctypes.data, STRIDE=stride,
            SPIN=SPIN_NANOSECONDS if threads <= cores() else 0,
        )  # fmt: skip
        self.job: int = self._state.ctypes.data
        self.start = driver().start
        self._resume = driver().resume
        self._renew()
        _all.add(self)

    def _renew(self) -> None:
        """Be ready for a first run in this process."""
        self._lock = threading.RLock()
        self.running = False
        self._set(TEAM=0)

    def _set(self, **fields: int) -> None:
        for name, value in fields.items():
            self._state[JOB.index(name)] = value

    def _get(self, name: str) -> int:
        return int(self._state[JOB.index(name)])

    def run(self, steps: int = 1, advances: Advances = (), halts: Sequence[int] = ()) -> int:
        """Run all tasks ``steps`` times; return how many steps were finished.

        After each step, table[slot] += bytes for each advance (slot, bytes). A step is the last one
        if it leaves something else than 0 in the byte at one of the slots ``halts``. An exception
        of a callback, or Ctrl-C, ends the run where it is: the remaining tasks are skipped, and
        advances of finished steps stay. The next run begins with the first task.
        """
        with self._lock:
            self.require_rest()
            if steps < 1:
                raise ArgumentError("run", required="steps >= 1", received=f"steps = {steps}")
            self._pairs = self._slots("advances", advances, 2)
            self._halts = self._slots("halts", halts, 1)
            self._prepare(len(self._pairs), len(self._halts))
            try:
                status = self.start(self.job, steps)
                if status:
                    self.finish(status)
            finally:
                self._prepare(0, 0)  # the raw entry runs one step and moves nothing
            return self._get("STEP")

    def require_rest(self) -> None:
        """Raise GraphError if the program is called from within: by one of its own callbacks."""
        if self.running:
            raise GraphError(
                "run", required="a program that is not running",
                received="a call from an operation or signal handler inside of its own run",
                hint="call the function without cr.compile there",
            )  # fmt: skip

    def finish(self, status: int) -> None:
        """Go on with a run that came up to Python, to its end."""
        self.running = True
        try:
            while status:
                if status == NEEDS_TEAM:
                    self._set(TEAM=team(self.threads))
                elif status == CALLBACK:
                    self._call()
                elif self.progress is not None:
                    self.progress(self._get("STEP"))
                status = self._resume(self.job)
        finally:
            self.running = False

    def _call(self) -> None:
        number = self._get("TASK")
        function = self._tasks[number].callback
        began = time.perf_counter_ns()
        if function is not None:
            function()
        if self._get("SECONDS"):
            self._nanoseconds[number] += time.perf_counter_ns() - began
        self._set(TASK=number + 1)

    def _slots(self, what: str, given: Sequence[Any], width: int) -> Array:
        """Return rows that begin with slots as an array that the driver reads."""
        rows = np.array(list(given), np.int64).reshape(-1, width)
        slots = rows[:, 0]
        if len(slots) and not 0 <= slots.min() <= slots.max() < len(self.table):
            raise ArgumentError(
                "run", required=f"slots in 0 .. {len(self.table) - 1}", received=f"{what} {given}"
            )
        return rows

    def _prepare(self, advances: int, halts: int) -> None:
        self._set(
            ADVANCES=self._pairs.ctypes.data, ADVANCE_COUNT=advances,
            HALTS=self._halts.ctypes.data, HALT_COUNT=halts,
        )  # fmt: skip

    def profile(self, runs: int = 1) -> Array:
        """Run so many times with a barrier after each task; return the mean seconds of each."""
        with self._lock:
            self._nanoseconds = np.zeros(len(self._tasks), np.int64)
            records = Records(self._tasks, self._kernels, self.threads, profiled=True)
            self._set(RECORDS=records.address, SECONDS=self._nanoseconds.ctypes.data)
            try:
                self.run(runs)
            finally:
                self._set(RECORDS=self._records.address, SECONDS=0)
        self.seconds = self._nanoseconds / (1e9 * runs)
        return self.seconds


def _kernels(tasks: Sequence[Task], loading: Loading) -> list[int]:
    native = [task for task in tasks if task.callback is None]
    addresses = iter(load([(task.text, tuple(task.declarations)) for task in native], loading))
    return [next(addresses) if task.callback is None else 0 for task in tasks]


def _check(tasks: Sequence[Task], slots: int, threads: int) -> None:
    if not 1 <= threads <= MAX_THREADS:
        raise ArgumentError(
            "Executable", required=f"1 <= threads <= {MAX_THREADS}", received=f"{threads}"
        )
    for number, task in enumerate(tasks):
        outside = [slot for slot, _ in task.arguments if not 0 <= slot < slots]
        if outside or not 0 <= task.units < 1 << 32:
            raise ArgumentError(
                f"task {number}",
                required=f"slots in 0 .. {slots - 1} and 0 <= units < 2**32",
                received=f"slots {outside}, {task.units} units",
            )


def _renew_all() -> None:
    for executable in list(_all):
        executable._renew()


with contextlib.suppress(AttributeError):  # there is no fork on every system
    os.register_at_fork(after_in_child=_renew_all)
