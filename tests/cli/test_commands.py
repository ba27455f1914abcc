"""Every command does its job."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chainrule.cli.config import read_config
from chainrule.train import read_checkpoint

from .conftest import Cli

FILE = """
from chainrule import nn

epochs = 1

def model(input_shape, classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 8), nn.Tanh(), nn.Linear(8, classes))
"""
REGRESSION = """
from chainrule import functional as F, nn

loss = F.mse_loss
lr = 0.1

def model(input_shape, targets):
    return nn.Linear(input_shape[0], targets)
"""


@pytest.mark.parametrize("model", ["linear", "svm", "mlp", "lenet"])
def test_train(cli: Cli, tmp_path: Path, model: str) -> None:
    code, out, _ = cli("train", model, "--limit", 200, "--epochs", 1, "--batch-size", 20, "-q")
    assert code == 0
    folder = tmp_path / "runs" / f"{model}-mnist-1"
    assert "test accuracy" in out
    for name in ("config.json", "curves.png", "mistakes.png", "history.jsonl", "checkpoints"):
        assert (folder / name).exists(), name


def test_a_second_run_gets_a_folder_of_its_own(cli: Cli, tmp_path: Path) -> None:
    for _ in range(2):
        assert cli("train", "linear", "--limit", 50, "--epochs", 0, "-q")[0] == 0
    assert sorted(p.name for p in (tmp_path / "runs").iterdir()) == [
        "linear-mnist-1", "linear-mnist-2",
    ]  # fmt: skip


def test_progress_is_shown_unless_quiet(cli: Cli) -> None:
    shown = cli("train", "linear", "--limit", 100, "--epochs", 1)[1]
    quiet = cli("train", "linear", "--limit", 100, "--epochs", 1, "-q")[1]
    assert "epoch 1/1" in shown
    assert "samples/s" in shown
    assert "epoch 1/1" not in quiet


def test_the_same_seed_gives_the_same_weights(cli: Cli) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        cli("train", "mlp", "--limit", 100, "--epochs", 1, "-q", "--seed", seed, "-o", name)
    a, b, c = (next(Path(n).glob("checkpoints/*/weights*")).read_bytes() for n in "abc")
    assert a == b
    assert a != c


def test_eval_and_its_options(cli: Cli, trained: Path) -> None:
    code, out, _ = cli("eval", trained)
    assert code == 0
    assert out.startswith("test accuracy")
    assert "10,000 samples" in out
    assert "300 samples" in cli("eval", trained, "--split", "train")[1]
    assert cli("eval", trained, "--last")[0] == 0


def test_predict(cli: Cli, trained: Path, digit: Path) -> None:
    code, out, _ = cli("predict", trained, digit, digit, "--top", 2)
    assert code == 0
    lines = out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"{digit}: 7 ")
    assert lines[0].count("%") == 2
    assert cli("predict", trained, digit, "--invert")[1] != out


def test_nearest_neighbour(cli: Cli, digit: Path) -> None:
    code, out, _ = cli("train", "nearest-neighbour", "--limit", 500, "-k", 1, "-o", "nn")
    assert code == 0
    assert "training accuracy 100.00%" in out
    assert "test accuracy" in out
    assert cli("predict", "nn", digit)[1] == f"{digit}: 7\n"
    assert "test accuracy" in cli("eval", "nn")[1]


def test_a_users_file(cli: Cli, digit: Path) -> None:
    Path("mine.py").write_text(FILE)
    assert cli("train", "mine.py", "--limit", 200, "-q", "-o", "mine")[0] == 0
    assert "test accuracy" in cli("eval", "mine")[1]
    assert cli("predict", "mine", digit)[0] == 0
    assert "tanh" in cli("graph", "mine.py")[1]


def test_csv_classes_and_numbers(cli: Cli) -> None:
    random = np.random.default_rng(0)
    x = random.standard_normal((200, 2))
    names = np.where(x[:, 0] > 0, "right", "left")
    rows = [f"{a:.4f},{b:.4f},{name}" for (a, b), name in zip(x, names, strict=True)]
    Path("points.csv").write_text("x,y,side\n" + "\n".join(rows) + "\n")
    code, out, _ = cli("train", "linear", "--data", "points.csv", "--epochs", 20, "--lr", 0.5, "-q")
    assert code == 0
    assert float(out.split("accuracy ")[1].split("%")[0]) > 90
    rows = [f"{a:.4f},{b:.4f},{2 * a - b:.4f}" for a, b in x]
    Path("line.csv").write_text("x,y,z\n" + "\n".join(rows) + "\n")
    Path("regression.py").write_text(REGRESSION)
    code, out, _ = cli("train", "regression.py", "--data", "line.csv", "--epochs", 20, "-q")
    assert code == 0
    assert float(out.split("mse ")[1].split(" ")[0]) < 0.1


def test_a_folder_of_images(cli: Cli) -> None:
    from PIL import Image

    random = np.random.default_rng(0)
    for name, level in (("dark", 40), ("light", 210)):
        Path("pictures", name).mkdir(parents=True)
        for k in range(20):
            pixels = random.integers(level - 30, level + 30, (16, 16, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(f"pictures/{name}/{k}.png")
    code, out, _ = cli("train", "linear", "--data", "pictures", "--epochs", 5, "-q", "-o", "run")
    assert code == 0
    assert "accuracy 100.00%" in out
    assert "light" in cli("predict", "run", "pictures/light/0.png", "--top", 1)[1]


def test_graph_as_text_and_drawing(cli: Cli) -> None:
    text = cli("graph", "lenet")[1]
    assert "convolve" in text
    assert "0.weight" in text
    code, out, _ = cli("graph", "linear", "-o", "linear.svg")
    assert code == 0
    assert "linear.svg" in out
    assert Path("linear.svg").read_text().startswith("<svg")


def test_check_agrees_for_good_gradients_and_names_a_bad_one(cli: Cli, tmp_path: Path) -> None:
    code, out, _ = cli("check", "linear", "--shape", "5", "--classes", 3)
    assert code == 0
    assert out.count("agrees") == 3
    Path("wrong.py").write_text(
        "import chainrule as cr\nfrom chainrule import nn\n\n"
        "class Half(cr.Op):\n"
        "    def forward(self, x):\n        return x / 2\n"
        "    def backward(self, g, x):\n        return g / 3\n\n"
        "def model(shape, classes):\n"
        "    return nn.Sequential(nn.Linear(shape[0], classes), nn.Lambda(Half()))\n"
    )
    code, _, err = cli("check", "wrong.py", "--shape", "5", "--classes", 3)
    assert code == 1
    assert "3 of 3 gradients are wrong" in err
    assert "the mistake is in Half.backward" in err
    assert err.count("\n") == 1


def test_doctor_and_help(cli: Cli) -> None:
    code, out, _ = cli("doctor")
    assert code == 0
    assert "gradients 4, 4, -2" in out
    for command in ("train", "eval", "predict", "graph", "check", "doctor"):
        code, out, _ = cli(command, "--help")
        assert code == 0
        assert "Usage" in out
    assert cli("--version")[1].startswith("chainrule ")


def test_tensorboard(cli: Cli) -> None:
    pytest.importorskip("tensorboard")
    code, _, _ = cli(
        "train", "linear", "--limit", 50, "--epochs", 1, "-q", "--tensorboard", "-o", "run"
    )
    assert code == 0
    assert list(Path("run", "tensorboard").glob("events*"))


def test_no_compile_computes_node_by_node(cli: Cli, trained: Path, digit: Path) -> None:
    options = ("--limit", 300, "--epochs", 2, "-q", "--no-compile", "-o", "eager")
    assert cli("train", "linear", *options)[0] == 0
    assert not read_config(Path("eager")).compile
    assert read_config(trained).compile
    eager = read_checkpoint("eager").weights
    for name, value in read_checkpoint(trained).weights.items():
        np.testing.assert_allclose(value.value, eager[name].value, rtol=1e-3, atol=1e-5)
    for command in (("eval", trained), ("predict", trained, digit)):
        assert cli(*command)[0] == cli(*command, "--no-compile")[0] == 0
    assert cli("train", "--resume", "eager", "--epochs", 3, "-q")[0] == 0
    assert not read_config(Path("eager")).compile
