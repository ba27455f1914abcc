"""Tasks as the driver reads them: a table of records, and the places of their cursors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..dtypes import Array
from .driver import RECORD
from .memory import aligned
from .task import Task

CHUNKS = 8  # that a thread's share is taken in; the last ones are what others can steal


class Records:
    """The records of a program's tasks for so many threads.

    A phase is what lies between two tasks that wait. Within it each task has a cursor for each
    thread. A chain of tasks of one unit that wait for each other needs no barrier: they follow
    each other on the thread that takes the first.
    """

    def __init__(
        self, tasks: Sequence[Task], kernels: Sequence[int], threads: int, profiled: bool = False
    ) -> None:
        self._arguments = _arguments(tasks)
        self.table: Array = aligned((len(tasks) + 1, len(RECORD)), np.int64)  # the last is empty
        self.phase = 1  # the most tasks in one
        self._fill(tasks, kernels)
        self._set("CHUNK", [_chunk(task.units, threads) for task in tasks])
        self._set("WAITS", [_waits(tasks, n, profiled) for n in range(len(tasks))])
        if not profiled:
            self._set("FOLLOWS", _follows(tasks))
        self._set("PLACE", self._places())
        self.address: int = self.table.ctypes.data

    def _set(self, name: str, values: Sequence[int] | Array) -> None:
        self.table[: len(values), RECORD.index(name)] = values

    def _fill(self, tasks: Sequence[Task], kernels: Sequence[int]) -> None:
        counts = np.cumsum([0, *(_length(task) for task in tasks)])[:-1]
        self._set("KERNEL", kernels)
        self._set("ARGUMENTS", self._arguments.ctypes.data + 8 * counts)
        self._set("UNITS", [task.units for task in tasks])

    def _places(self) -> list[int]:
        places, place = [], 0
        for waits in self.table[:-1, RECORD.index("WAITS")]:
            place = 0 if waits else place
            places.append(place)
            place += 1
            self.phase = max(self.phase, place)
        return places


def _arguments(tasks: Sequence[Task]) -> Array:
    listed: list[int] = []
    for task in tasks:
        for slot, offset in task.arguments:
            listed += (slot, offset)
        listed += task.numbers
    return np.array(listed, np.int64)


def _length(task: Task) -> int:
    return 2 * len(task.arguments) + len(task.numbers)


def _chunk(units: int, threads: int) -> int:
    return max(1, units // (threads * CHUNKS))


def _waits(tasks: Sequence[Task], n: int, profiled: bool) -> bool:
    """Say whether the threads meet before a task; before the first, only if it is a callback."""
    return tasks[n].callback is not None or (n > 0 and (profiled or tasks[n].waits))


def _follows(tasks: Sequence[Task]) -> list[bool]:
    """Say which tasks are done by the thread that did the task before, without a barrier."""
    follows = [False] * len(tasks)
    chain = False  # the phase up to here is one chain
    for n, task in enumerate(tasks):
        single = task.callback is None and task.units == 1
        starts = n == 0 or task.waits or tasks[n - 1].callback is not None
        ends = n + 1 == len(tasks) or tasks[n + 1].waits or tasks[n + 1].callback is not None
        follows[n] = chain and single and task.waits and ends
        chain = single and (follows[n] or starts)
    return follows
