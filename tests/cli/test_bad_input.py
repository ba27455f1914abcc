"""Bad input to every command gives one clear line and exit code 2."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from chainrule.data import write_idx

Refused = Callable[..., str]
QUICK = ("--limit", "50", "--epochs", "1", "-q")


def test_usage(refused: Refused) -> None:
    assert "No such command" in refused("fly")
    assert "--epochs" in refused("train", "linear", "--epochs", "many")
    assert "--epochs" in refused("train", "linear", "--epochs", "-1")
    assert "--batch-size" in refused("train", "linear", "--batch-size", "0")
    assert "--lr" in refused("train", "linear", "--lr", "nan")
    assert "--lr" in refused("train", "linear", "--lr", "-1")
    assert "MODEL" in refused("train")
    assert "Missing argument" in refused("predict")
    assert "L1" in refused("train", "nearest-neighbour", "--metric", "L3", "--limit", "5")


def test_unknown_names(refused: Refused, trained: Path) -> None:
    assert "lenet" in refused("train", "lanet")
    assert "lenet" in refused("graph", "lanet")
    assert "lenet" in refused("check", "lanet")
    assert "mnist" in refused("train", "linear", "--data", "mnits")
    assert "train" in refused("eval", trained, "--split", "foo")
    assert "--shape" in refused("check", "linear", "--shape", "abc")
    assert "--shape" in refused("graph", "linear", "--shape", "0,3")
    assert ".svg" in refused("graph", "linear", "-o", "linear.bmp")
    assert "16 x 16" in refused("graph", "lenet", "--shape", "1,5,5")


@pytest.mark.parametrize("command", ["eval", "predict", "resume"])
def test_no_run(refused: Refused, digit: Path, command: str, tmp_path: Path) -> None:
    arguments = {"eval": ["eval", "none"], "predict": ["predict", "none", digit],
                 "resume": ["train", "--resume", "none"]}[command]  # fmt: skip
    assert "config.json" in refused(*arguments)
    Path("empty").mkdir()
    assert "config.json" in refused(*["empty" if a == "none" else a for a in arguments])


def test_a_damaged_configuration(refused: Refused, run_folder: Path, digit: Path) -> None:
    config = run_folder / "config.json"
    good = json.loads(config.read_text())
    for bad in ("", "{", "[]", '{"model": 1}', json.dumps({**good, "epochs": "two"}),
                json.dumps({**good, "input_shape": "wide"}),
                json.dumps({**good, "transform": {"transform": "Evil"}})):  # fmt: skip
        config.write_text(bad)
        refused("eval", run_folder)
        refused("predict", run_folder, digit)


def test_damaged_checkpoints(refused: Refused, run_folder: Path, digit: Path) -> None:
    for weights in run_folder.glob("checkpoints/*/weights*"):
        data = weights.read_bytes()
        weights.write_bytes(data[: len(data) // 2])
    assert "checkpoint" in refused("eval", run_folder).lower()
    refused("predict", run_folder, digit)
    refused("train", "--resume", run_folder, "--epochs", "3", "-q")
    for weights in run_folder.glob("checkpoints/*/weights*"):
        weights.write_bytes(b"\x00" * 100)
    refused("eval", run_folder)


def test_weights_of_another_model(refused: Refused, run_folder: Path) -> None:
    config = run_folder / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "model": "mlp"}))
    assert "weight" in refused("eval", run_folder)


def test_images(refused: Refused, trained: Path, tmp_path: Path) -> None:
    assert "none.png" in refused("predict", trained, "none.png")
    Path("text.png").write_text("this is no image")
    assert "text.png" in refused("predict", trained, "text.png")
    refused("predict", trained, tmp_path)


def test_data_of_another_shape(refused: Refused, trained: Path) -> None:
    Path("points.csv").write_text("a,b,c\n" + "1,2,0\n3,4,1\n" * 5)
    assert "shape" in refused("eval", trained, "--data", "points.csv")
    assert "images" in refused("train", "lenet", "--data", "points.csv", *QUICK)


def write_mnist(folder: Path, images: np.ndarray, labels: np.ndarray) -> None:
    for part in ("train", "t10k"):
        write_idx(folder / f"{part}-images-idx3-ubyte", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte", labels)


def test_idx_files(refused: Refused, tmp_path: Path) -> None:
    folder = tmp_path / "digits"
    folder.mkdir()
    assert "digits" in refused("train", "linear", "--data-dir", folder, *QUICK)
    images = np.zeros((20, 28, 28), np.uint8)
    write_mnist(folder, images, (np.arange(20) % 10).astype(np.uint8))
    path = folder / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:1000])
    assert "train-images" in refused("train", "linear", "--data-dir", folder, *QUICK)
    path.write_bytes(b"no idx file")
    refused("train", "linear", "--data-dir", folder, *QUICK)
    write_mnist(folder, images, np.full(20, 12, np.uint8))
    assert "12" in refused("train", "linear", "--data-dir", folder, *QUICK)
    path.unlink()
    (folder / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"x" * 99)[:20])
    refused("train", "linear", "--data-dir", folder, *QUICK)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "points.csv"),
        ("a,b\n1,2\nthree,4\n", "three"),
        ("a,b\n1,2\n3\n", "points.csv"),
        ("a,b\n1,\n3,4\n", "points.csv"),
    ],
)
def test_csv_files(refused: Refused, text: str, told: str) -> None:
    Path("points.csv").write_text(text)
    assert told in refused("train", "linear", "--data", "points.csv", *QUICK)


def test_numbers_instead_of_classes(refused: Refused) -> None:
    Path("line.csv").write_text("x,y\n" + "\n".join(f"{k},{k / 3:.3f}" for k in range(20)) + "\n")
    assert "classes" in refused("train", "linear", "--data", "line.csv", *QUICK)
    assert "classes" in refused("train", "nearest-neighbour", "--data", "line.csv")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def model(:\n", "mine.py:1"),
        ("x = 1\n", "'model'"),
        ("import nothing_like_this\n", "mine.py:1"),
        ("def model(shape, classes):\n    return undefined\n", "mine.py:2"),
        ("def model(shape, classes):\n    return 7\n", "Module"),
        (
            "from chainrule import nn\n\nclass Model(nn.Module):\n"
            "    def __init__(self):\n        self.w = nn.Parameter([1.0])\n"
            "    def forward(self, x):\n        return x.no_such_method()\n\n"
            "def model(shape, classes):\n    return Model()\n",
            "mine.py:7",
        ),
        (
            "from chainrule import nn\n\ndef model(shape, classes):\n"
            "    return nn.Sequential(nn.Flatten(), nn.Linear(3, classes))\n",
            "Linear",
        ),
    ],
)
def test_model_files(refused: Refused, text: str, told: str) -> None:
    Path("mine.py").write_text(text)
    assert told in refused("train", "mine.py", *QUICK)


def test_a_model_file_that_changed_or_went(refused: Refused, cli: Callable[..., object]) -> None:
    model = "from chainrule import nn\n\nmodel = lambda s, c: nn.Sequential(nn.Flatten(), {})\n"
    Path("mine.py").write_text(model.format("nn.Linear(784, c)"))
    cli("train", "mine.py", *QUICK, "-o", "run")
    Path("mine.py").write_text(model.format("nn.Linear(784, 5), nn.Linear(5, c)"))
    refused("eval", "run")
    Path("mine.py").unlink()
    assert "mine.py" in refused("eval", "run")


def test_output_folders(refused: Refused, trained: Path) -> None:
    assert "--resume" in refused("train", "linear", *QUICK, "-o", trained)
    Path("file").write_text("mine")
    refused("train", "linear", *QUICK, "-o", "file")
    assert Path("file").read_text() == "mine"
