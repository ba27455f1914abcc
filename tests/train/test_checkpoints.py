"""The folder of checkpoints: in order after every crash, every full disk and all damage."""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import AnomalyError, ArgumentError, CheckpointError
from chainrule.train import Checkpoint, Checkpoints, has_checkpoint, read_checkpoint
from chainrule.train.durable import TEMPORARY


def made(step: int, value: float | None = None) -> Checkpoint:
    number = float(step) if value is None else value
    weights = {
        "w": cr.tensor([number, 1.0]),
        "half": cr.tensor([number], "float16"),
        "brain": cr.tensor([number], "bfloat16"),
        "count": cr.tensor(step),
        "mask": cr.tensor([True, False]),
    }
    return Checkpoint(weights, {"0.momentum": cr.tensor([0.5])}, {"step": step, "epoch": 0})


@pytest.fixture
def store(tmp_path: Path) -> Checkpoints:
    found = Checkpoints(tmp_path)
    found.prepare()
    return found


def names(store: Checkpoints) -> set[str]:
    return {path.name for path in store.inner.iterdir()}


def test_a_checkpoint_goes_round(store: Checkpoints) -> None:
    path = store.save(made(7))
    found = store.read()
    assert (found.step, found.path, found.notes) == (7, path, ())
    assert found.state == {"step": 7, "epoch": 0}
    for name, held in made(7).weights.items():
        assert found.weights[name].dtype is held.dtype
        assert found.weights[name].data.tobytes() == held.data.tobytes()
    assert found.slots["0.momentum"].tolist() == [0.5]
    assert read_checkpoint(path).step == read_checkpoint(store.folder).step == 7


def test_the_last_two_and_the_best_are_kept(store: Checkpoints) -> None:
    for step in range(1, 7):
        store.save(made(step), best=step == 2)
    assert names(store) == {"last", "best", "step-00000002", "step-00000005", "step-00000006"}
    assert store.read("best").step == 2
    assert read_checkpoint(store.folder, "best").step == 2


def test_a_second_checkpoint_of_a_step_gets_a_name_of_its_own(store: Checkpoints) -> None:
    for value in (1.0, 2.0, 3.0):
        store.save(made(4, value))
        assert store.read().weights["w"].tolist() == [value, 1.0]
    assert names(store) >= {"step-00000004-2", "step-00000004-3"}


def test_when_it_is_time() -> None:
    by_step = Checkpoints("x", every_steps=3, every_seconds=None)
    assert [by_step.is_due(step) for step in (1, 2, 3, 4, 6)] == [False, False, True, False, True]
    assert Checkpoints("x", every_seconds=1e-9).is_due(1)
    assert not Checkpoints("x", every_seconds=1e9).is_due(1)


@pytest.mark.parametrize("options", [{"every_steps": 0}, {"every_seconds": -1.0}])
def test_bad_intervals_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match="every_steps >= 1, every_seconds > 0"):
        Checkpoints("x", **options)


# --- crashes -------------------------------------------------------------------------------


class Killed(BaseException):
    """Ends the process: nothing in the package may catch it."""


CALLS = ["fsync", "mkdir", "rename", "replace", "unlink", "rmdir", "open"]


def fail_at(monkeypatch: pytest.MonkeyPatch, call: int, error: BaseException) -> Callable[[], bool]:
    """Make the given call to the file system (from 0) fail; tell whether it was reached."""
    count = 0

    def counting(function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count == call + 1:
                raise error
            return function(*args, **options)

        return wrapper

    for name in CALLS:
        monkeypatch.setattr(os, name, counting(getattr(os, name)))
    return lambda: count > call


@pytest.mark.parametrize("best", [False, True])
def test_killed_at_any_call_to_the_file_system(
    best: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, call = True, 0
    while reached:
        store = Checkpoints(tmp_path / str(call))
        store.prepare()
        for step in (1, 2, 3):
            store.save(made(step), best=step == 1)
        with monkeypatch.context() as patch:
            was_reached = fail_at(patch, call, Killed())
            with contextlib.suppress(Killed):
                store.save(made(4), best=best)
            reached = was_reached()
        after = Checkpoints(store.folder)
        assert after.read().step in (3, 4)
        assert after.read().notes == ()
        assert after.read("best").step in ((1, 4) if best else (1,))
        after.prepare()
        after.save(made(5))
        assert after.read().step == 5
        assert not [name for name in names(after) if name.startswith(TEMPORARY)]
        call += 1
    assert call > 15


def test_a_full_disk_at_any_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reached, call = True, 0
    while reached:
        store = Checkpoints(tmp_path / str(call))
        store.prepare()
        store.save(made(1))
        with monkeypatch.context() as patch:
            full = OSError(errno.ENOSPC, "No space left on device")
            was_reached = fail_at(patch, call, full)
            with contextlib.suppress(CheckpointError):
                store.save(made(2))
            reached = was_reached()
        assert store.read().step in (1, 2)
        store.save(made(3))
        assert store.read().step == 3
        call += 1
    assert call > 10


def test_a_full_disk_is_told(store: Checkpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    fail_at(monkeypatch, 3, full)
    with pytest.raises(CheckpointError, match="No space left on device; earlier checkpoints are"):
        store.save(made(1))


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match=r"file.*requires a folder that can be written"):
        Checkpoints(tmp_path / "file").prepare()


def test_weights_that_are_not_finite_are_never_saved(store: Checkpoints) -> None:
    store.save(made(1))
    with pytest.raises(AnomalyError, match="w has values that are not finite after step 2"):
        store.save(made(2, np.nan))
    assert names(store) == {"last", "step-00000001"}


# --- damage --------------------------------------------------------------------------------

FILES = ["manifest.json", "state.json", "weights.safetensors", "optimizer.safetensors"]


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("damage", [truncate, flip, Path.unlink, lambda p: p.write_bytes(b"")])
@pytest.mark.parametrize("file", FILES)
def test_damage_is_noticed_and_the_previous_checkpoint_used(
    file: str, damage: Callable[[Path], Any], store: Checkpoints
) -> None:
    store.save(made(1))
    path = store.save(made(2))
    damage(path / file)
    found = store.read()
    assert found.step == 1
    assert found.notes[0].startswith("step-00000002 cannot be used: ")
    assert found.notes[1] == "the newest complete checkpoint is step-00000001: it is used instead"
    with pytest.raises(CheckpointError, match=file):
        read_checkpoint(path)


@pytest.mark.parametrize("pointer", [b"", b"{}", b"[1]", b'{"checkpoint": "../../etc"}', b"\xff"])
def test_a_damaged_pointer(pointer: bytes, store: Checkpoints) -> None:
    store.save(made(1))
    store.save(made(2))
    (store.inner / "last").write_bytes(pointer)
    found = store.read()
    assert found.step == 2
    assert found.notes[0] == "no checkpoint is marked as the last one"


def test_without_a_best_one_the_newest_is_used(store: Checkpoints) -> None:
    store.save(made(1))
    assert store.read("best").notes[0] == "no checkpoint is marked as the best one"


def test_all_damaged(store: Checkpoints) -> None:
    for step in (1, 2):
        flip(store.save(made(step)) / "weights.safetensors")
    with pytest.raises(CheckpointError, match=r"no last checkpoint.*step-00000002 cannot be used"):
        store.read()


def test_none(tmp_path: Path) -> None:
    assert not has_checkpoint(tmp_path)
    with pytest.raises(
        CheckpointError, match=r"no last checkpoint in .*train with checkpoint=FOLDER"
    ):
        read_checkpoint(tmp_path)
    with pytest.raises(CheckpointError, match="no such folder"):
        read_checkpoint(tmp_path / "nowhere")
    with pytest.raises(ArgumentError, match="'last' or 'best'"):
        read_checkpoint(tmp_path, "newest")


def test_other_formats_and_entries_are_refused(store: Checkpoints) -> None:
    path = store.save(made(1))
    manifest = json.loads((path / "manifest.json").read_text())
    for change, text in (
        ({"version": 2}, "'version': 2"),
        ({"files": 3}, "all entries of a checkpoint"),
        ({"files": {}}, "weights.safetensors is damaged"),
    ):
        (path / "manifest.json").write_text(json.dumps({**manifest, **change}))
        with pytest.raises(CheckpointError, match=text):
            read_checkpoint(path)
    (path / "manifest.json").write_text("[]")
    with pytest.raises(CheckpointError, match="requires an object"):
        read_checkpoint(path)


def test_a_checkpoint_holds_no_code(store: Checkpoints) -> None:
    path = store.save(made(1))
    assert {p.name for p in path.iterdir()} == set(FILES)
    for name in ("manifest.json", "state.json"):
        json.loads((path / name).read_text())
