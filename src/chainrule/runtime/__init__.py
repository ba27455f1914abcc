"""Running programs: tasks as data, a native driver, a team of threads, kernels kept on disk."""

from __future__ import annotations

from .executable import Executable
from .host import Host, host
from .memory import Arena, aligned
from .task import Task

__all__ = ["Arena", "Executable", "Host", "Task", "aligned", "host"]
