"""Ctrl-C and SIGTERM save, say how to go on, and going on ends with the same bits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from chainrule.cli.main import main

ARGUMENTS = ["train", "mlp", "--limit", "2000", "--epochs", "3", "--batch-size", "20"]


def weights(folder: Path) -> dict[str, bytes]:
    last = max(folder.glob("checkpoints/*/weights.safetensors"), key=lambda p: p.parent.name)
    return {name: value.tobytes() for name, value in load_file(last).items()}


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start the command; all runs have one thread, as sums of BLAS depend on their number."""
    return subprocess.Popen(
        [sys.executable, "-m", "chainrule", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip


def finish(*arguments: str) -> None:
    process = start(*arguments)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole") / "run"
    finish(*ARGUMENTS, "-q", "-o", str(folder))
    return weights(folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_and_resumed(
    number: signal.Signals, uninterrupted: dict[str, bytes], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    process = start(*ARGUMENTS, "-o", str(folder))
    deadline = time.monotonic() + 60
    while not (folder / "history.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.2)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    if process.returncode == 0:
        pytest.skip("the run was over before the signal")
    assert process.returncode == 128 + number, err
    assert "Traceback" not in err
    assert f"chainrule train --resume {folder}" in out
    finish("train", "--resume", str(folder), "-q")
    assert weights(folder) == uninterrupted


def test_killed_and_resumed(uninterrupted: dict[str, bytes], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = start(*ARGUMENTS, "-o", str(folder))
    deadline = time.monotonic() + 60
    while not list(folder.glob("checkpoints/*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.communicate()
    finish("train", "--resume", str(folder), "-q")
    assert weights(folder) == uninterrupted


def test_more_epochs_when_resumed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "run"
    assert main(["train", "linear", "--limit", "100", "--epochs", "1", "-o", str(folder)]) == 0
    capsys.readouterr()
    assert main(["train", "--resume", str(folder), "--epochs", "2"]) == 0
    assert "epoch 2/2" in capsys.readouterr().out


def test_ctrl_c_before_training_leaves_no_traceback(tmp_path: Path) -> None:
    process = start(tmp_path / "run")
    time.sleep(0.15)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode in (130, -signal.SIGINT)
    assert err.count("Traceback") <= (process.returncode < 0)
