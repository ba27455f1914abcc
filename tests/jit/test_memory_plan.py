"""The memory plan: known before the first run, and what is really taken."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import compile, nn, optim
from chainrule import functional as F
from chainrule.errors import MemoryLimitError

SCRIPT = """
import gc
import numpy as np, chainrule as cr
from chainrule import nn, optim, functional as F

def resident():
    with open("/proc/self/statm") as numbers:
        return int(numbers.read().split()[1]) * 4096

def step_of(width, rows):
    model = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width), nn.Tanh())
    optimizer = optim.Adam(model.parameters())
    @cr.compile(threads=2)
    def step(x):
        y = model(x)
        loss = (y * y).mean()
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        return loss, y
    return step, np.ones((rows, width), np.float32)

small, x = step_of(400, 1000)  # code, threads and what else comes with the first use
small(x)
del small, x
gc.collect()
start = resident()
step, x = step_of(1600, 6000)
plan = step.memory_plan(x)
result = step(x)
print({"taken": resident() - start, **plan})
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not tell")
def test_the_total_is_what_a_process_takes() -> None:
    # So that what is freed goes back to the system, and is not used again unseen.
    kept = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=os.environ | kept
    )
    assert done.returncode == 0, done.stderr
    told = ast.literal_eval(done.stdout)
    assert told["total"] > 250e6
    assert told["taken"] == pytest.approx(told["total"], rel=0.02)


def test_every_part_is_what_is_allocated() -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten())
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

    @compile
    def step(x: Any, scale: float) -> Any:
        y = model(x)
        loss = F.mse_loss(y, y * scale)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss, y

    x = np.ones((4, 3, 9, 9), np.float32)
    plan = step.memory_plan(x, 2.0)
    loss, y = step(x, 2.0)
    program = step.program
    leaves = [*program.state._leaves, *[s.leaf for s in program.compilation.lowered.states]]
    held = {id(leaf): leaf.data.nbytes for leaf in leaves}
    assert plan["temporaries"] == program._arena.nbytes
    assert plan["state"] == sum(held.values())
    assert plan["outputs"] == y.value.nbytes + loss.value.nbytes
    assert plan["inputs"] == x.nbytes + 4
    assert plan["total"] == sum(plan[part] for part in plan if part != "total")


def test_a_plan_beyond_the_limit_is_an_error_before_memory_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def f(x: Any) -> Any:
        return cr.tanh(x @ x).sum()

    x = np.ones((64, 64), np.float32)
    total = compile(f).memory_plan(x)["total"]
    assert np.isfinite(compile(f, memory_limit=total)(x).item())
    limited = compile(f, memory_limit=total - 1)
    monkeypatch.setattr("chainrule.jit.program.Arena", None)  # nobody may ask for one
    with pytest.raises(MemoryLimitError, match=f"{total:,} bytes.*memory_limit={total - 1:,}"):
        limited(x)
