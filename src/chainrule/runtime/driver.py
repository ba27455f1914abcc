"""The native driver: its text for this machine, and the functions of it that Python calls.

The text itself is ``driver.ll``. Here are the numbers that stand in it by name (which field of a
job, a record or a team lies where) and the few functions that differ between systems.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

from .host import host
from .kernels import functions

JOB = (
    "TABLE", "RECORDS", "COUNT", "THREADS", "CURSORS", "STRIDE", "EPOCH", "TASK", "STEP", "STEPS",
    "ADVANCES", "ADVANCE_COUNT", "HALTS", "HALT_COUNT", "SECONDS", "STAMP", "DEADLINE", "STATUS",
    "LEAVE", "SPIN", "TEAM",
)  # fmt: skip
RECORD = ("KERNEL", "ARGUMENTS", "UNITS", "WAITS", "FOLLOWS", "CHUNK", "PLACE", "UNUSED")
TEAM = (  # each on a cache line of its own, since different threads write them
    "GO", "GO_SLEEPERS", "JOB", "LEFT", "LEFT_SLEEPERS", "ARRIVED", "ROUND", "ROUND_SLEEPERS",
    "BUSY",
)  # fmt: skip
FINISHED, TIME, CALLBACK, NEEDS_TEAM = range(4)  # why `start` and `resume` return

LINE_BYTES = 64
TEAM_BYTES = LINE_BYTES * len(TEAM)
THREADS_BITS = 12
MAX_THREADS = (1 << THREADS_BITS) - 1
SPIN_NANOSECONDS = 20_000  # at a barrier, if each thread has a core
_FUTEX = {"x86_64": 202, "aarch64": 98}  # number of the system call


def field(name: str) -> int:
    """Return the number of a job's field."""
    return JOB.index(name)


def _numbers(triple: str) -> dict[str, int]:
    return {
        **{name: number for number, name in enumerate(JOB)},
        **{name: number for number, name in enumerate(RECORD)},
        **{name: number * LINE_BYTES for number, name in enumerate(TEAM)},
        "RECORD_FIELDS": len(RECORD),
        "FINISHED": FINISHED, "TIME": TIME, "CALLBACK": CALLBACK, "NEEDS_TEAM": NEEDS_TEAM,
        "THREADS_BITS": THREADS_BITS, "THREADS_MASK": MAX_THREADS,
        "YIELD_NANOSECONDS": 20_000,
        "IDLE_NANOSECONDS": 50_000,
        "AIR_NANOSECONDS": 100_000_000,
        "CLOCK": 1 if "linux" in triple else 6,  # CLOCK_MONOTONIC
    }  # fmt: skip


_COMMON = """
declare i32 @sched_yield()
declare i32 @clock_gettime(i32, ptr)
"""

_PAUSE = """
declare void @{0}
define internal void @pause() {{
  call void @{1}
  ret void
}}
"""

_FUTEX_SLEEP = """
declare i64 @syscall(i64, ...)
define internal void @nap(ptr %word, i32 %seen) {{
  %r = call i64 (i64, ...) @syscall(i64 {0}, ptr %word, i32 128, i32 %seen, ptr null)
  ret void
}}
define internal void @rouse(ptr %word) {{
  %r = call i64 (i64, ...) @syscall(i64 {0}, ptr %word, i32 129, i32 2147483647)
  ret void
}}
"""

_TIMED_SLEEP = """
declare i32 @usleep(i32)
define internal void @nap(ptr %word, i32 %seen) {
  %r = call i32 @usleep(i32 200)
  ret void
}
define internal void @rouse(ptr %word) {
  ret void
}
"""


def _pause(machine: str) -> str:
    if machine == "x86_64":
        return _PAUSE.format("llvm.x86.sse2.pause()", "llvm.x86.sse2.pause()")
    if machine in ("aarch64", "arm64"):
        return _PAUSE.format("llvm.aarch64.hint(i32)", "llvm.aarch64.hint(i32 1)")
    return "define internal void @pause() {\n  ret void\n}\n"


def text(triple: str) -> str:
    """Return the driver's LLVM IR for a system: ``aarch64-unknown-linux-gnu``, for example."""
    machine = triple.partition("-")[0]
    number = _FUTEX.get(machine) if "linux" in triple else None
    sleep = _TIMED_SLEEP if number is None else _FUTEX_SLEEP.format(number)
    common = Path(__file__).with_name("driver.ll").read_text(encoding="utf-8")
    return _COMMON + _pause(machine) + sleep + Template(common).substitute(_numbers(triple))


@dataclass(frozen=True)
class Driver:
    """The functions of the driver that Python calls; they let go of the interpreter's lock."""

    start: Callable[[int, int], int]  # job, steps -> why it came up
    resume: Callable[[int], int]  # job -> why it came up
    worker: Callable[[int, int, int], None]  # team, number, first word
    stop: Callable[[int], None]  # team


@cache
def driver() -> Driver:
    """Return the driver, compiled for this machine."""
    prototypes = {
        "start": ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64),
        "resume": ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p),
        "worker": ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32),
        "stop": ctypes.CFUNCTYPE(None, ctypes.c_void_p),
    }
    addresses = functions(text(host().triple), list(prototypes))
    entries = zip(prototypes.items(), addresses, strict=True)
    return Driver(**{name: prototype(address) for (name, prototype), address in entries})
