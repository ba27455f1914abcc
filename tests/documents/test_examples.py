"""Every example runs, with small arguments, and shows what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SHOWN = {
    "xyz.py": ([], "{'x': 4.0, 'y': 4.0, 'z': -2.0}"),
    "neuron.py": ([], "the neuron gives 0.73"),
    "nearest_neighbour.py": (["--train", "300", "--test", "50"], "L2      5"),
    "linear_regression.py": ([], "stochastic descent"),
    "linear_classifier.py": (["--samples", "500", "--epochs", "1"], "SVM      test accuracy"),
    "depth_and_activation.py": (["--depths", "1", "20"], "relu"),
    "jacobian.py": ([], "diagonal"),
    "lenet.py": (["--samples", "256", "--epochs", "1"], "test accuracy"),
    "custom_op.py": ([], "WrongNode: check_gradients"),
    "my_model.py": ([], ""),
}


def test_every_example_is_listed() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == set(SHOWN)


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_example(name: str, tmp_path: Path) -> None:
    arguments, shown = SHOWN[name]
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments], capture_output=True, text=True,
        cwd=tmp_path, env={**os.environ, "OMP_NUM_THREADS": "1"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert shown in done.stdout
