"""Small files in the layouts of the well-known data sets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chainrule.data import write_idx


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests speak to servers on this machine only."""
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def mnist_folder(tmp_path: Path, rng: np.random.Generator) -> Path:
    """Four IDX files of 12 training and 5 test images, one of them compressed."""
    for prefix, n, suffix in (("train", 12, ""), ("t10k", 5, ".gz")):
        images = rng.integers(0, 256, (n, 28, 28)).astype(np.uint8)
        labels = (np.arange(n) % 10).astype(np.uint8)
        write_idx(tmp_path / f"{prefix}-images-idx3-ubyte{suffix}", images)
        write_idx(tmp_path / f"{prefix}-labels-idx1-ubyte", labels)
    return tmp_path


@pytest.fixture
def cifar_folder(tmp_path: Path, rng: np.random.Generator) -> Path:
    """Six files of CIFAR-10's binary layout with two records each, labelled 0, 1, 2 ... in turn."""
    records = rng.integers(0, 256, (6, 2, 3073)).astype(np.uint8)
    records[..., 0] = np.arange(12).reshape(6, 2) % 10
    names = [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]
    for name, record in zip(names, records, strict=True):
        (tmp_path / name).write_bytes(record.tobytes())
    return tmp_path
