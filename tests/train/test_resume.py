"""Training that was stopped and resumed ends with the bits of training that was not."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.train.helpers import (
    BATCH,
    STEPS_PER_EPOCH,
    Crash,
    CrashAfter,
    bits,
    clusters,
    file_history,
    loader,
    new_trainer,
    plain_trainer,
    timeless,
)

from chainrule import optim
from chainrule.data import DataLoader
from chainrule.errors import ArgumentError, CheckpointError
from chainrule.train import Callback, Checkpoints, Run, Trainer, TrainingInterrupted
from chainrule.train.durable import TEMPORARY

EPOCHS = 3
STEPS = EPOCHS * STEPS_PER_EPOCH


def fit(trainer: Trainer, folder: Path | None, **options: Any) -> Any:
    store = None if folder is None else Checkpoints(folder, every_steps=options.pop("every", 1))
    options = {"validation": clusters(9, seed=1), "log_every": 4, "progress": False} | options
    return trainer.fit(options.pop("data", loader()), EPOCHS, checkpoint=store, **options)


@pytest.fixture(scope="module")
def whole() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    trainer = new_trainer()
    history = fit(trainer, None)
    return bits(trainer), timeless(history)


def same_as(whole: Any, trainer: Trainer, history: Any, folder: Path) -> None:
    assert bits(trainer) == whole[0]
    assert timeless(history) == whole[1]
    assert file_history(folder) == whole[1]


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_crash_after_any_step(step: int, whole: Any, tmp_path: Path) -> None:
    # Before the step's checkpoint in even steps, right after it in odd ones.
    first = new_trainer(callbacks=[CrashAfter(step, saved=step % 2 == 1)])
    with pytest.raises(Crash):
        fit(first, tmp_path)
    second = new_trainer()
    if step == 2:
        assert not any(c.startswith("step-00000002") for c in names(tmp_path))
    same_as(whole, second, fit(second, tmp_path, resume=True), tmp_path)


@pytest.mark.parametrize("every", [2, 5, None])
def test_work_since_the_last_checkpoint_is_done_again(
    every: int | None, whole: Any, tmp_path: Path
) -> None:
    with pytest.raises(Crash):
        fit(new_trainer(callbacks=[CrashAfter(11)]), tmp_path, every=every)
    second = new_trainer()
    same_as(whole, second, fit(second, tmp_path, every=every, resume=True), tmp_path)


@pytest.mark.parametrize(
    "optimizer", ["Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam"]
)
def test_every_optimizer(optimizer: str, tmp_path: Path) -> None:
    uninterrupted = new_trainer(optimizer)
    fit(uninterrupted, None)
    with pytest.raises(Crash):
        fit(new_trainer(optimizer, callbacks=[CrashAfter(8)]), tmp_path)
    resumed = new_trainer(optimizer)
    fit(resumed, tmp_path, resume=True)
    assert bits(resumed) == bits(uninterrupted)


@pytest.mark.parametrize(
    "make",
    [
        lambda o: optim.StepLR(o, 1, 0.5),
        lambda o: optim.OneCycleLR(o, 0.1, 20),
        lambda o: optim.ReduceLROnPlateau(o, patience=0, threshold=0.5),
        lambda o: optim.SequentialLR(
            o, [optim.LinearLR(o, by="step"), optim.ExponentialLR(o, 0.9)], [5], by="step"
        ),
    ],
    ids=["by epoch", "one cycle", "plateau", "sequential"],
)
def test_every_kind_of_schedule(make: Any, tmp_path: Path) -> None:
    def trainer(**options: Any) -> Trainer:
        made = new_trainer(schedule=None, **options)
        made.schedule = make(made.optimizer)
        return made

    uninterrupted = trainer()
    history = fit(uninterrupted, None)
    assert len(set(history["learning_rate"])) > 1
    with pytest.raises(Crash):
        fit(trainer(callbacks=[CrashAfter(9)]), tmp_path)
    resumed = trainer()
    assert timeless(fit(resumed, tmp_path, resume=True)) == timeless(history)
    assert bits(resumed) == bits(uninterrupted)


def test_a_prefetching_loader(whole: Any, tmp_path: Path) -> None:
    def prefetching() -> DataLoader:
        made = loader()
        made.prefetch = 3
        return made

    with pytest.raises(Crash):
        fit(new_trainer(callbacks=[CrashAfter(9)]), tmp_path, data=prefetching())
    second = new_trainer()
    same_as(whole, second, fit(second, tmp_path, data=prefetching(), resume=True), tmp_path)


class Raise(Callback):
    """Ask for an end by a signal after a step."""

    def __init__(self, number: signal.Signals, step: int) -> None:
        self.number = number
        self.step = step

    def on_step_end(self, run: Run) -> None:
        if run.step == self.step:
            signal.raise_signal(self.number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("step", [1, STEPS_PER_EPOCH, STEPS - 1])
def test_a_signal(number: signal.Signals, step: int, whole: Any, tmp_path: Path) -> None:
    with pytest.raises(TrainingInterrupted) as caught:
        fit(new_trainer(callbacks=[Raise(number, step)]), tmp_path, every=None)
    assert caught.value.signal == number
    assert caught.value.checkpoint is not None
    assert caught.value.checkpoint.name == f"step-{step:08d}"
    second = new_trainer()
    same_as(whole, second, fit(second, tmp_path, every=None, resume=True), tmp_path)


def test_a_signal_while_validating(tmp_path: Path) -> None:
    def calls(limit: int) -> Any:
        count = 0

        def size(outputs: Any, targets: Any) -> float:
            nonlocal count
            count += 1
            if count == limit:
                signal.raise_signal(signal.SIGINT)
            return float(len(outputs))

        return size

    uninterrupted = new_trainer(metrics=[calls(-1)])
    history = fit(uninterrupted, None)
    with pytest.raises(TrainingInterrupted, match=r"after step 6 \(0 of 3 epochs done\)"):
        fit(new_trainer(metrics=[calls(STEPS_PER_EPOCH + 1)]), tmp_path, every=None)
    resumed = new_trainer(metrics=[calls(-1)])
    assert timeless(fit(resumed, tmp_path, every=None, resume=True)) == timeless(history)
    assert bits(resumed) == bits(uninterrupted)


def test_many_interruptions(whole: Any, tmp_path: Path) -> None:
    resume = False
    for step in (2, 3, 7, 12, 17):
        with pytest.raises(TrainingInterrupted):
            fit(
                new_trainer(callbacks=[Raise(signal.SIGINT, step)]), tmp_path,
                every=None, resume=resume,
            )  # fmt: skip
        resume = True
    last = new_trainer()
    same_as(whole, last, fit(last, tmp_path, every=None, resume=True), tmp_path)


def test_a_finished_run_has_nothing_left_to_do(whole: Any, tmp_path: Path) -> None:
    fit(new_trainer(), tmp_path)
    again = new_trainer()
    same_as(whole, again, fit(again, tmp_path, resume=True), tmp_path)


def test_more_epochs(whole: Any, tmp_path: Path) -> None:
    first = new_trainer()
    first.fit(loader(), 1, clusters(9, seed=1), checkpoint=tmp_path, progress=False, log_every=4)
    second = new_trainer()
    same_as(whole, second, fit(second, tmp_path, resume=True), tmp_path)


def test_another_folder_goes_on_from_a_run(whole: Any, tmp_path: Path) -> None:
    with pytest.raises(Crash):
        fit(new_trainer(callbacks=[CrashAfter(8)]), tmp_path / "a")
    before = sorted(p.name for p in (tmp_path / "a" / "checkpoints").iterdir())
    second = new_trainer()
    history = fit(second, tmp_path / "b", resume=tmp_path / "a")
    same_as(whole, second, history, tmp_path / "b")
    assert sorted(p.name for p in (tmp_path / "a" / "checkpoints").iterdir()) == before


@pytest.mark.parametrize("inner", ["", "checkpoints/step-00000008"])
def test_a_path_alone_goes_on_in_its_run(inner: str, whole: Any, tmp_path: Path) -> None:
    with pytest.raises(Crash):
        fit(new_trainer(callbacks=[CrashAfter(8, saved=True)]), tmp_path)
    second = new_trainer()
    same_as(whole, second, fit(second, None, resume=tmp_path / inner), tmp_path)
    assert (tmp_path / "checkpoints" / f"step-{STEPS:08d}").is_dir()


def test_a_damaged_checkpoint_is_passed_over(
    whole: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Crash):
        fit(new_trainer(callbacks=[CrashAfter(9, saved=True)]), tmp_path)
    damaged = tmp_path / "checkpoints" / "step-00000009" / "weights.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:-4])
    second = new_trainer()
    same_as(whole, second, fit(second, tmp_path, resume=True, progress="plain"), tmp_path)
    printed = capsys.readouterr().out
    assert "note: step-00000009 cannot be used" in printed
    assert "note: the newest complete checkpoint is step-00000008: it is used instead" in printed


def test_what_a_killed_process_left_behind_is_removed(tmp_path: Path) -> None:
    with pytest.raises(Crash):
        fit(new_trainer(callbacks=[CrashAfter(8)]), tmp_path)
    inner = tmp_path / "checkpoints"
    (inner / f"{TEMPORARY}123").mkdir()
    (inner / f"{TEMPORARY}123" / "weights.safetensors").write_bytes(b"half")
    (inner / f"{TEMPORARY}123-last").write_bytes(b"half")
    fit(new_trainer(), tmp_path, resume=True)
    assert not list(inner.glob(f"{TEMPORARY}*"))


def test_a_lost_history_is_told(
    whole: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Crash):
        fit(new_trainer(callbacks=[CrashAfter(8)]), tmp_path)
    (tmp_path / "history.jsonl").unlink()
    second = new_trainer()
    fit(second, tmp_path, resume=True, progress="plain")
    assert bits(second) == whole[0]
    assert "some records of the history are lost" in capsys.readouterr().out


def test_another_monitor_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Crash):
        fit(new_trainer(callbacks=[CrashAfter(8)]), tmp_path)
    fit(new_trainer(), tmp_path, resume=True, monitor="accuracy", progress="plain")
    assert "accuracy is watched from now on, instead of validation_loss" in capsys.readouterr().out


# --- what does not fit ---------------------------------------------------------------------


def names(folder: Path) -> list[str]:
    return [path.name for path in (folder / "checkpoints").iterdir()]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda: (new_trainer("Adam"), loader()), "optimizer: .*SGD; received Adam"),
        (lambda: (new_trainer(schedule=None), loader()), "schedule: .*a schedule; received none"),
        (lambda: (new_trainer(metrics=["mse"]), loader()), "metrics: .*received .*'mse'"),
        (lambda: (new_trainer(), DataLoader(clusters(), BATCH + 1)), "'batch_size': 5"),
        (lambda: (new_trainer(), DataLoader(clusters(9), BATCH)), "'samples': 9"),
        (lambda: (plain_trainer(metrics=["accuracy", "f1"]), loader()), "missing: weight, bias"),
    ],
    ids=["optimizer", "schedule", "metrics", "batch size", "samples", "model"],
)
def test_another_training_is_refused(change: Any, text: str, tmp_path: Path) -> None:
    with pytest.raises(Crash):
        fit(new_trainer(callbacks=[CrashAfter(8)]), tmp_path)
    trainer, data = change()
    before = [p.tolist() for p in trainer.model.parameters()]
    with pytest.raises(CheckpointError, match=text):
        fit(trainer, tmp_path, data=data, resume=True)
    if text.startswith("missing"):
        assert [p.tolist() for p in trainer.model.parameters()] == before
    resumed = new_trainer()
    assert len(fit(resumed, tmp_path, resume=True)) == EPOCHS  # the run itself took no harm


def test_a_folder_with_a_run_is_not_overwritten_by_accident(tmp_path: Path) -> None:
    fit(new_trainer(), tmp_path)
    before = sorted(names(tmp_path))
    with pytest.raises(CheckpointError, match="go on with resume=True, choose another folder"):
        fit(new_trainer(), tmp_path)
    assert sorted(names(tmp_path)) == before
    assert len(fit(new_trainer(), tmp_path, overwrite=True)) == EPOCHS


def test_nothing_to_resume_from(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="received no such folder"):
        fit(new_trainer(), tmp_path / "nowhere", resume=True)
    with pytest.raises(CheckpointError, match="no last checkpoint in"):
        fit(new_trainer(), tmp_path, resume=True)
    with pytest.raises(ArgumentError, match="checkpoint=FOLDER with resume=True"):
        fit(new_trainer(), None, resume=True)


def test_a_state_of_another_version_is_refused(tmp_path: Path) -> None:
    from chainrule.train.checkpoint import Checkpoint, read_from, write_into

    with pytest.raises(Crash):
        fit(new_trainer(callbacks=[CrashAfter(8, saved=True)]), tmp_path)
    path = tmp_path / "checkpoints" / "step-00000008"
    held = read_from(path)
    shutil.rmtree(path)
    path.mkdir()
    write_into(path, Checkpoint(held.weights, held.slots, {"step": 8}))
    with pytest.raises(CheckpointError, match="another version of chainrule"):
        fit(new_trainer(), None, resume=path)


def test_weights_of_the_best_and_the_last_epoch_can_be_loaded(tmp_path: Path) -> None:
    trainer = new_trainer()
    history = fit(trainer, tmp_path)
    other = new_trainer()
    other.load(tmp_path, "last")
    data = clusters(9, seed=1)
    assert other.evaluate(data) == trainer.evaluate(data)
    other.load(tmp_path)
    assert other.evaluate(data)["loss"] == min(history["validation_loss"])
    with pytest.raises(CheckpointError, match="nothing was loaded"):
        plain_trainer().load(tmp_path)
    (tmp_path / "checkpoints" / "best").unlink()
    with pytest.warns(UserWarning, match="no checkpoint is marked as the best one; the newest"):
        other.load(tmp_path)
    assert np.isfinite(history["loss"]).all()
