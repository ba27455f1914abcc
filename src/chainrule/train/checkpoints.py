"""The checkpoints of a run: the last ones and the best, in a folder that is always in order.

A checkpoint is written under a temporary name, flushed to the disk, and renamed; then the pointer
file ``last`` (or ``best``) is replaced. What no pointer needs is removed at the very end, so that
a process killed at any moment leaves the old checkpoint, or the new one, or both.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from pathlib import Path

from ..errors import ArgumentError, CheckpointError
from .checkpoint import MANIFEST, Checkpoint, read_from, to_json, write_into
from .durable import TEMPORARY, replace_file, sync_folder

_NAME = re.compile(r"step-(\d+)(?:-(\d+))?")


class Checkpoints:
    """The checkpoints in ``folder / "checkpoints"``, and when to save one.

    A checkpoint is saved after every epoch and when training is interrupted; also every
    ``every_steps`` steps and every ``every_seconds`` seconds, if given. The last two and the best
    are kept. Raises CheckpointError if the disk is full or the folder cannot be written.

    >>> Checkpoints("runs/mnist", every_steps=100).folder.name
    'mnist'
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        every_steps: int | None = None,
        every_seconds: float | None = 120.0,
    ) -> None:
        if not (every_steps is None or every_steps >= 1) or (every_seconds or 1.0) <= 0:
            raise ArgumentError(
                "Checkpoints", required="every_steps >= 1, every_seconds > 0, or None",
                received=f"{every_steps=}, {every_seconds=}",
            )  # fmt: skip
        self.folder = Path(folder)
        self.every_steps = every_steps
        self.every_seconds = every_seconds
        self._saved_at = time.monotonic()

    @property
    def inner(self) -> Path:
        """The folder in which the checkpoints lie."""
        return self.folder / "checkpoints"

    def exist(self) -> bool:
        """Whether there is a checkpoint, be it complete or damaged."""
        return bool(self._names())

    def is_due(self, step: int) -> bool:
        """Whether it is time to save, after this step."""
        by_step = self.every_steps is not None and step % self.every_steps == 0
        age = time.monotonic() - self._saved_at
        return by_step or (self.every_seconds is not None and age >= self.every_seconds)

    # --- writing ---------------------------------------------------------------------------

    def prepare(self, *, overwrite: bool = False) -> None:
        """Make the folder, and remove what a killed process left half done."""
        try:
            self.inner.mkdir(parents=True, exist_ok=True)
            for left in self.inner.glob(f"{TEMPORARY}*"):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            if overwrite:
                for name in ("last", "best"):
                    (self.inner / name).unlink(missing_ok=True)
                self._remove_all_but(set())
        except OSError as error:
            raise self._unwritable(error) from None
        self._saved_at = time.monotonic()

    def save(self, checkpoint: Checkpoint, *, best: bool = False) -> Path:
        """Write a checkpoint, make it the last one (and the best, if so), return its folder.

        Raises AnomalyError, and writes nothing, if a weight is not finite.
        """
        checkpoint.require_finite()
        previous = self._pointed_at("last")
        temporary = self.inner / f"{TEMPORARY}{os.getpid()}"
        try:
            temporary.mkdir(parents=True)
            write_into(temporary, checkpoint)
            path = self.inner / self._free_name(checkpoint.step)
            temporary.rename(path)
            sync_folder(self.inner)
            for pointer in ("last", "best") if best else ("last",):
                replace_file(self.inner / pointer, to_json({"checkpoint": path.name}))
            self._remove_all_but({path.name, previous, self._pointed_at("best")})
        except OSError as error:
            shutil.rmtree(temporary, ignore_errors=True)
            raise self._unwritable(error) from None
        self._saved_at = time.monotonic()
        return path

    def _free_name(self, step: int) -> str:
        name, number = f"step-{step:08d}", 1
        while (self.inner / name).exists():
            number += 1
            name = f"step-{step:08d}-{number}"
        return name

    def _remove_all_but(self, kept: set[str | None]) -> None:
        for name in self._names():
            if name not in kept:
                # Without its manifest a folder is no checkpoint, however far the removal gets.
                (self.inner / name / MANIFEST).unlink(missing_ok=True)
                shutil.rmtree(self.inner / name)

    def _unwritable(self, error: OSError) -> CheckpointError:
        return CheckpointError(
            f"checkpoint in {str(self.folder)!r}", required="a folder that can be written",
            received=error.strerror or str(error), hint="earlier checkpoints are untouched",
        )  # fmt: skip

    # --- reading ---------------------------------------------------------------------------

    def read(self, which: str = "last") -> Checkpoint:
        """Return the ``"last"`` or the ``"best"`` checkpoint.

        If it is damaged or not marked, the newest complete one is returned, whose ``notes`` say so.
        Raises CheckpointError if there is none.
        """
        if which not in ("last", "best"):
            raise ArgumentError("checkpoint", required="'last' or 'best'", received=repr(which))
        pointed, names = self._pointed_at(which), self._names()
        notes = [] if pointed or not names else [f"no checkpoint is marked as the {which} one"]
        for name in dict.fromkeys([pointed, *names] if pointed else names):
            try:
                found = read_from(self.inner / name)
            except CheckpointError as error:
                notes.append(f"{name} cannot be used: {error}")
                continue
            if notes:
                notes.append(f"the newest complete checkpoint is {name}: it is used instead")
            return Checkpoint(found.weights, found.slots, found.state, found.path, tuple(notes))
        raise CheckpointError(
            f"no {which} checkpoint in {str(self.folder)!r}",
            received="; ".join(notes) or None,
            hint=None if notes else "train with checkpoint=FOLDER to make one",
        )

    def _names(self) -> list[str]:
        """Return the names of all checkpoint folders, newest first."""
        found = []
        for path in self.inner.iterdir() if self.inner.is_dir() else ():
            match = _NAME.fullmatch(path.name)
            if match:
                found.append((int(match[1]), int(match[2] or 1), path.name))
        return [name for _, _, name in sorted(found, reverse=True)]

    def _pointed_at(self, which: str) -> str | None:
        try:
            name = json.loads((self.inner / which).read_bytes())["checkpoint"]
        except (OSError, ValueError, TypeError, KeyError):
            return None  # no pointer, or a damaged one: the newest complete checkpoint will do
        return name if isinstance(name, str) and _NAME.fullmatch(name) else None


def has_checkpoint(folder: str | os.PathLike[str]) -> bool:
    """Whether the folder of a run holds a checkpoint.

    >>> has_checkpoint("a/folder/that/is/not/there")
    False
    """
    return Checkpoints(folder).exist()


def read_checkpoint(path: str | os.PathLike[str], which: str = "last") -> Checkpoint:
    """Read a checkpoint: ``path`` is the folder of a run, or of one of its checkpoints.

    Raises CheckpointError if there is none, or none that is complete.
    """
    folder = Path(path)
    if (folder / MANIFEST).exists() or _NAME.fullmatch(folder.name):
        return read_from(folder)
    if not folder.is_dir():
        raise CheckpointError(
            f"checkpoint {str(path)!r}", required="the folder of a run", received="no such folder"
        )
    return Checkpoints(folder).read(which)
