"""kill -9 at random moments loses the work since the last checkpoint, never a checkpoint."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.train.helpers import STEPS_PER_EPOCH, file_history, timeless_state

from chainrule.train import read_checkpoint

ROOT = Path(__file__).resolve().parents[2]
EPOCHS = 8
KILLS = 5
# Saving after every step, most of the time goes into saving: that is where kills are to fall.
PROGRAM = f"""
import sys
from chainrule.train import Callback, Checkpoints, has_checkpoint
from tests.train.helpers import clusters, loader, new_trainer

class Count(Callback):
    def on_step_end(self, run):
        print(run.step, flush=True)

folder, every = sys.argv[1], int(sys.argv[2]) or None
new_trainer(callbacks=[Count()]).fit(
    loader(), {EPOCHS}, clusters(9, seed=1), checkpoint=Checkpoints(folder, every_steps=every),
    resume=has_checkpoint(folder), progress=False, log_every=4,
)
"""


def start(folder: Path, every_steps: int = 1) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAM, str(folder), str(every_steps)],
        stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
def test_killed_at_random_moments(tmp_path: Path) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    with start(whole, every_steps=0) as reference:
        steps = kill_often(killed)
        reference.communicate()
    with start(killed) as last:
        last.communicate()
    assert (reference.returncode, last.returncode) == (0, 0)
    assert len(steps) == KILLS
    assert steps == sorted(steps)
    assert steps[-1] < EPOCHS * STEPS_PER_EPOCH  # every kill came before the end
    same_end(killed, whole)


def kill_often(folder: Path) -> list[int]:
    """Start, kill, and start again; return the steps of the checkpoints that were left."""
    chance, steps = random.Random(0), []
    for _ in range(KILLS):
        with start(folder) as process:
            assert process.stdout is not None
            for _ in range(chance.randint(2, 6)):
                reached = int(process.stdout.readline())
            time.sleep(chance.uniform(0.0, 0.05))
            process.kill()
        steps.append(read_checkpoint(folder).step)  # complete and undamaged
        assert steps[-1] >= reached - 1
    return steps


def same_end(killed: Path, whole: Path) -> None:
    ends = [read_checkpoint(folder).path for folder in (killed, whole)]
    assert ends[0] is not None
    assert ends[1] is not None
    for name in ("weights.safetensors", "optimizer.safetensors"):
        assert (ends[0] / name).read_bytes() == (ends[1] / name).read_bytes()
    assert timeless_state(ends[0]) == timeless_state(ends[1])
    assert file_history(killed) == file_history(whole)
