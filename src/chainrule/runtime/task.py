"""One task of a program: a kernel, the memory it works on, and what it waits for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Task:
    """A kernel's ``units`` independent units of work, or a call of a Python function.

    ``text`` is the LLVM IR of one function ``void @kernel(ptr buffers, ptr args, i64 start, i64
    stop)``; ``args`` are pairs (slot of the table ``buffers``, offset in bytes), then other
    ``numbers`` of the task. A task that
    ``waits`` begins when all earlier ones have finished; others may run beside their
    predecessors. A callback is always alone: it waits, and the tasks after it wait for it.
    """

    text: str = ""
    declarations: Sequence[str] = ()
    arguments: Sequence[tuple[int, int]] = ()
    units: int = 1
    waits: bool = True
    callback: Callable[[], Any] | None = None
    numbers: Sequence[int] = ()
