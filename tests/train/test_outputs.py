"""What a run leaves behind and shows: history, curves, mistakes, event files, progress."""

from __future__ import annotations

import io
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.train.helpers import clusters, plain_trainer

from chainrule import functional as F
from chainrule import nn, optim
from chainrule.data import ArrayDataset, DataLoader, Normalize
from chainrule.errors import (
    ArgumentError,
    CheckpointError,
    DataError,
    MissingDependencyError,
    ShapeError,
)
from chainrule.train import (
    Callback,
    Curves,
    History,
    PlainProgress,
    RichProgress,
    Run,
    TensorBoard,
    Trainer,
    find_mistakes,
    save_curves,
    save_mistakes,
)
from chainrule.train.progress import describe_seconds, make_progress

DATA = clusters(60)


def fitted(*callbacks: Callback, **options: Any) -> History:
    defaults = {"validation": clusters(30, seed=1), "progress": False, "log_every": 2}
    return plain_trainer(callbacks=callbacks).fit(DATA, 2, batch_size=20, **{**defaults, **options})


def png_size(path: Path) -> tuple[int, int]:
    image = pytest.importorskip("PIL.Image")
    with image.open(path) as picture:
        picture.load()
        assert picture.format == "PNG"
        assert len(np.unique(np.asarray(picture.convert("L")))) > 2  # something is drawn
        size: tuple[int, int] = picture.size
        return size


# --- history -------------------------------------------------------------------------------


def test_the_file_holds_what_the_history_holds(tmp_path: Path) -> None:
    history = fitted(checkpoint=tmp_path)
    read = History.read(tmp_path)
    assert (read.epochs, read.steps) == (history.epochs, history.steps)
    assert [record["step"] for record in read.steps] == [2, 4, 6]
    assert repr(history).startswith("History(2 epochs: loss=")
    with pytest.raises(ArgumentError, match=r"one of epoch, step, loss.*received 'acuracy'"):
        history["acuracy"]
    assert History()["loss"] == []


def test_an_unfinished_line_is_passed_over(tmp_path: Path) -> None:
    fitted(checkpoint=tmp_path)
    path = tmp_path / "history.jsonl"
    path.write_bytes(path.read_bytes() + b'{"kind": "epo')
    assert len(History.read(tmp_path)) == 2


def test_numbers_that_json_lacks_become_null_and_read_as_nan(tmp_path: Path) -> None:
    def undefined(outputs: Any, targets: Any) -> float:
        return math.nan

    trainer = plain_trainer(metrics=[undefined])
    trainer.fit(DATA, 1, progress=False, checkpoint=tmp_path)
    for line in (tmp_path / "history.jsonl").read_text().splitlines():
        json.loads(line, parse_constant=pytest.fail)
    assert math.isnan(History.read(tmp_path)["undefined"][0])


def test_no_history(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="the history of a run"):
        History.read(tmp_path)


# --- curves --------------------------------------------------------------------------------


def test_curves_are_drawn_when_training_ends(tmp_path: Path) -> None:
    fitted(Curves(tmp_path / "new" / "curves.png"))
    width, height = png_size(tmp_path / "new" / "curves.png")
    assert width > 3 * height


@pytest.mark.parametrize(
    "options",
    [{"validation": None}, {"log_every": 1000}, {"validation": None, "log_every": 1000}],
)
def test_curves_of_less(options: dict[str, Any], tmp_path: Path) -> None:
    save_curves(fitted(**options), tmp_path / "curves.png")
    png_size(tmp_path / "curves.png")


def test_curves_of_steps_or_losses_alone(tmp_path: Path) -> None:
    steps = [
        {"kind": "step", "epoch": 1, "step": s, "loss": 1 / s, "learning_rate": 0.1} for s in (1, 2)
    ]
    save_curves(History(steps), tmp_path / "steps.png")
    epochs = [{"kind": "epoch", "epoch": 1, "step": 5, "loss": 0.1, "learning_rate": 0.1}]
    save_curves(History(epochs), tmp_path / "epochs.png")
    assert png_size(tmp_path / "steps.png") == png_size(tmp_path / "epochs.png")


def test_curves_of_several_metrics(tmp_path: Path) -> None:
    trainer = plain_trainer(metrics=["accuracy", "f1", "confusion_matrix"])
    history = trainer.fit(DATA, 2, DATA, progress=False)
    save_curves(history, tmp_path / "curves.png")
    assert "confusion_matrix" not in history.names
    png_size(tmp_path / "curves.png")


def test_nothing_to_draw_and_nowhere_to_draw_to(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a history with records"):
        save_curves(History(), tmp_path / "curves.png")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="a file that can be written"):
        save_curves(fitted(), tmp_path / "file" / "curves.png")


def test_without_matplotlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'chainrule\[train\]'"):
        save_curves(fitted(), tmp_path / "curves.png")


# --- mistakes ------------------------------------------------------------------------------


def brightness(images: Any) -> Trainer:
    """A classifier of images by their mean: darker than 100 is class 0."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(int(np.prod(images.shape[1:])), 2))
    weight, bias = model.parameters()
    weight.assign(np.stack([-np.ones(weight.shape[1]), np.ones(weight.shape[1])]))
    bias.assign(np.array([0.0, 0.0]))
    return Trainer(
        model, F.cross_entropy, optim.SGD(model.parameters(), lr=0.1),
        transform=Normalize(mean=100, std=1, scale=1),
    )  # fmt: skip


@pytest.mark.parametrize("shape", [(1, 6, 5), (3, 6, 5), (6, 5)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_mistakes_are_drawn(shape: tuple[int, ...], dtype: Any, tmp_path: Path) -> None:
    values = np.array([90, 110, 95, 180, 101, 20])
    images = np.ones((6, *shape)) * values.reshape(6, *[1] * len(shape))
    images[:, ..., 0] += 9
    data = ArrayDataset(images.astype(dtype), [0, 0, 1, 0, 1, 0], classes=["dark", "light"])
    trainer = brightness(images)
    mistakes = find_mistakes(trainer, data)
    assert mistakes.indices.tolist() == [3, 1, 2]  # the surest first
    assert mistakes.predicted.tolist() == [1, 1, 0]
    assert mistakes.true.tolist() == [0, 0, 1]
    assert save_mistakes(trainer, data, tmp_path / "mistakes.png", limit=2) == 3
    png_size(tmp_path / "mistakes.png")
    shuffled = DataLoader(data, 2, shuffle=True)
    assert find_mistakes(trainer, shuffled).indices.tolist() == [3, 1, 2]


def test_no_mistakes(tmp_path: Path) -> None:
    images = np.array([50, 150])[:, None, None] * np.ones((2, 4, 4))
    data = ArrayDataset(images.astype(np.float32), [0, 1])
    assert save_mistakes(brightness(images), data, tmp_path / "mistakes.png") == 0
    assert (tmp_path / "mistakes.png").stat().st_size > 0


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match=r"images \(H, W\)"):
        save_mistakes(plain_trainer(), DATA, tmp_path / "mistakes.png")
    with pytest.raises(ArgumentError, match="limit >= 1"):
        save_mistakes(plain_trainer(), DATA, tmp_path / "mistakes.png", limit=0)


# --- TensorBoard ---------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tensorboard_reads_the_numbers(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    history = fitted(TensorBoard(tmp_path))
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    tags = events.Tags()["scalars"]
    assert {"step/loss", "step/learning_rate", "epoch/loss", "epoch/validation_accuracy"} <= set(
        tags
    )
    found = [(event.step, event.value) for event in events.Scalars("epoch/accuracy")]
    assert found == [
        (3, pytest.approx(history["accuracy"][0])),
        (6, pytest.approx(history["accuracy"][1])),
    ]
    assert [event.step for event in events.Scalars("step/loss")] == [2, 4, 6]


def test_without_tensorboard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard.compat.proto.event_pb2", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'chainrule\[tensorboard\]'"):
        TensorBoard("folder")


# --- progress ------------------------------------------------------------------------------


class Listener(Callback):
    """Wants to hear of every step."""

    def on_step_end(self, run: Run) -> None:
        pass


def test_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    fitted(PlainProgress(interval=0.0), Listener())
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "training Linear, 15 parameters, on 60 samples: 2 epochs of 3 steps"
    assert lines[1].startswith("epoch 1/2  step 1/3  loss ")
    assert "samples/s" in lines[1]
    assert lines[1].endswith("left")
    assert lines[4].startswith("epoch 1/2  loss ")
    assert "  validation accuracy 0." in lines[4]
    assert len(lines) == 1 + 2 * (3 + 1)


def test_lines_are_seconds_apart(capsys: pytest.CaptureFixture[str]) -> None:
    fitted(PlainProgress(interval=1e9))
    assert len(capsys.readouterr().out.splitlines()) == 1 + 2


def test_nothing_is_printed_when_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    fitted(progress=False)
    assert capsys.readouterr() == ("", "")


def test_a_bar_of_rich(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("rich")
    fitted(progress="rich")
    printed = capsys.readouterr().out
    assert "training Linear, 15 parameters, on 60 samples: 2 epochs of 3 steps\n" in printed
    assert printed.count("  validation loss ") == 2


def test_the_kind_of_progress_depends_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for option in ("auto", True):
        assert [type(c) for c in make_progress(option)] == [PlainProgress]
    pytest.importorskip("rich")
    monkeypatch.setattr(sys, "stdout", Terminal())
    for option in ("auto", True):
        assert [type(c) for c in make_progress(option)] == [RichProgress]
    assert [type(c) for c in make_progress("plain")] == [PlainProgress]


def test_without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    with pytest.raises(MissingDependencyError, match="or progress='plain'"):
        make_progress("rich")


def test_durations() -> None:
    assert [describe_seconds(s) for s in (0.4, 59.6, 3599.4, 36000)] == [
        "0:00", "1:00", "59:59", "10:00:00",
    ]  # fmt: skip
