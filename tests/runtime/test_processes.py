"""Forks, Ctrl-C and idle workers: in processes of their own, since tests cannot do it in theirs."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

if not hasattr(os, "fork"):
    pytest.skip("there is no fork on this system", allow_module_level=True)

START = """
import os, resource, signal, threading, time, warnings
import numpy as np
import chainrule as cr
warnings.simplefilter("ignore")  # newer Pythons warn of any fork of a process with threads
x = np.full((200, 200), 0.01, np.float32)
f = cr.compile(lambda x: cr.tanh(x @ x).sum(), threads=2)
"""


def run(script: str) -> list[str]:
    """Run a script; return the lines that it printed."""
    done = subprocess.run(
        [sys.executable, "-c", START + textwrap.dedent(script)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[:-1]


FORKS = """
def child_works():
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)  # ends a child that hangs
        fresh = cr.compile(lambda x: (x @ x + 1).sum(), threads=2)
        os._exit(0 if np.isfinite(f(x).item() + fresh(x).item()) else 1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
"""


def test_forked_processes_and_their_parents_go_on() -> None:
    printed = run(FORKS + """
print(child_works())
before = f(x).item()
print(child_works(), f(x).item() == before)
big, stop = np.ones((1000, 1000), np.float32), []
def busy():
    while not stop:
        f(big)
def compiling():
    while not stop:
        cr.compile(lambda x, k=len(stop) + time.time(): cr.tanh(x * k) @ x, threads=2)(x)
for work in (busy, compiling):
    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.1)
    print([child_works() for _ in range(3)])
    stop.append(1)
    thread.join()
    stop.clear()
print(f(x).item() == before)
""")  # fmt: skip
    assert printed == ["True", "True True", "[True, True, True]", "[True, True, True]", "True"]


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_ctrl_c_ends_a_long_program_and_leaves_state_usable(threads: int) -> None:
    printed = run(f"""
    w = cr.tensor(np.full((900, 900), 1e-3, np.float32))
    @cr.compile(threads={threads})
    def f(x):
        w.assign(w + 1)
        for _ in range(300):
            x = cr.tanh(x @ w)
        return x
    x = np.ones((900, 900), np.float32)
    f.lower(x)
    sent = []
    def interrupt():
        time.sleep(0.4)
        sent.append(time.time())
        os.kill(os.getpid(), signal.SIGINT)
    threading.Thread(target=interrupt).start()
    try:
        f(x)
    except KeyboardInterrupt:
        print(time.time() - sent[0] < 5)
    other = cr.compile(lambda x: x + w, threads={threads})
    print((other(x).numpy() == w.numpy() + 1).all())
    """)
    assert printed == ["True", "True"]


def test_idle_workers_sleep() -> None:
    (spent,) = run("""
    f = cr.compile(lambda x: cr.tanh(x @ x).sum(), threads=5)
    f(x)
    time.sleep(0.05)
    usage = lambda: resource.getrusage(resource.RUSAGE_SELF)
    before = usage()
    time.sleep(0.3)
    after = usage()
    print(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    """)
    assert float(spent) < 0.1
