"""Tasks in native order: steps, moving addresses, callbacks, progress, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.errors import ArgumentError, GraphError
from chainrule.runtime import Executable, Task

# y[i] += 1 for a unit of four numbers
ADD_ONE = """
define void @kernel(ptr %buffers, ptr %args, i64 %start, i64 %stop) {
entry:
  %slot = load i64, ptr %args
  %place = getelementptr ptr, ptr %buffers, i64 %slot
  %base = load ptr, ptr %place
  br label %head
head:
  %n = phi i64 [%start, %entry], [%n1, %body]
  %more = icmp ult i64 %n, %stop
  br i1 %more, label %body, label %done
body:
  %at = getelementptr <4 x float>, ptr %base, i64 %n
  %old = load <4 x float>, ptr %at, align 4
  %new = fadd <4 x float> %old, <float 1.0, float 1.0, float 1.0, float 1.0>
  store <4 x float> %new, ptr %at, align 4
  %n1 = add i64 %n, 1
  br label %head
done:
  ret void
}
"""


def add_one(units: int) -> Task:
    return Task(ADD_ONE, arguments=[(0, 0)], units=units)


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_every_unit_is_done_once_in_every_step(threads: int) -> None:
    y = np.zeros(4 * 1001, np.float32)
    executable = Executable([add_one(1001), add_one(1001), add_one(1)], 1, threads)
    executable.table[0] = y.ctypes.data
    executable.run(50)
    assert (y[4:] == 100).all()
    assert (y[:4] == 150).all()


@pytest.mark.parametrize("threads", [1, 2])
def test_addresses_move_on_after_each_step(threads: int) -> None:
    y = np.zeros(40, np.float32)
    executable = Executable([add_one(1)], 1, threads)
    executable.table[0] = y.ctypes.data
    executable.run(5, advances=[(0, 32)])
    assert y.reshape(5, 8).tolist() == [[1.0] * 4 + [0.0] * 4] * 5
    assert executable.table[0] == y.ctypes.data + 160


@pytest.mark.parametrize("threads", [1, 2])
def test_callbacks_run_in_their_place_and_end_a_run_by_an_exception(threads: int) -> None:
    y, seen = np.zeros(4 * 100, np.float32), []

    def look() -> None:
        seen.append((y[0], y[-1]))
        if len(seen) == 3:
            raise ZeroDivisionError

    tasks = [Task(callback=look), add_one(100), Task(callback=look), add_one(100)]
    executable = Executable(tasks, 1, threads)
    executable.table[0] = y.ctypes.data
    with pytest.raises(ZeroDivisionError):
        executable.run(2)
    assert seen == [(0, 0), (1, 1), (2, 2)]
    executable.run()  # begins with the first task
    assert seen[3:] == [(2, 2), (3, 3)]


def test_a_run_inside_of_a_run_and_bad_arguments_are_refused() -> None:
    executable = Executable([Task(callback=lambda: executable.run())], 1, 1)
    with pytest.raises(GraphError, match="not running"):
        executable.run()
    with pytest.raises(ArgumentError, match="steps >= 1"):
        executable.run(0)
    with pytest.raises(ArgumentError, match=r"slots in 0 .. 0"):
        executable.run(1, advances=[(1, 8)])


def test_a_profile_counts_every_task_and_runs_them_as_always() -> None:
    y = np.zeros(4 * 5000, np.float32)
    executable = Executable([add_one(5000), Task(callback=lambda: None), add_one(5000)], 1, 2)
    executable.table[0] = y.ctypes.data
    seconds = executable.profile(10)
    assert (seconds > 0).all()
    assert (y == 20).all()
