"""Run: one call of ``Trainer.fit``, where it is and what it has gathered."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data import DataLoader
from ..dtypes import Array
from ..errors import AnomalyError, CheckpointError
from .callbacks import Callback
from .checkpoints import Checkpoints, read_checkpoint
from .history import FILE, History, HistoryFile, Record
from .interruption import Interruption, TrainingInterrupted
from .metric import Mean
from .report import RunReport
from .stall import Stall
from .state import restore, snapshot
from .steps import Steps, Taken
from .watch import Watch, make_watch

if TYPE_CHECKING:
    from .trainer import Trainer


class Run:
    """The loop over epochs and steps; callbacks look at its attributes (see Callback)."""

    def __init__(
        self,
        trainer: Trainer,
        loader: DataLoader,
        epochs: int,
        *,
        validation: DataLoader | None = None,
        checkpoints: Checkpoints | None = None,
        monitor: str | None = None,
        patience: int | None = None,
        callbacks: Sequence[Callback] = (),
        log_every: int = 50,
        report: bool = False,
    ) -> None:
        self.trainer = trainer
        self.loader = loader
        self.epochs = epochs
        self.validation = validation
        self.checkpoints = checkpoints
        self.callbacks = list(callbacks)
        is_there = any(isinstance(callback, RunReport) for callback in callbacks)
        if report and checkpoints is not None and not is_there:
            self.callbacks.append(RunReport())
        self.log_every = log_every
        self.watch: Watch = make_watch(monitor, trainer.metrics, validation is not None, patience)
        self.history = History()
        self.epoch = 0  # epochs that are done
        self.step = 0
        self.loss = float("nan")
        self.position: dict[str, int] = {}  # of the loader, as a checkpoint would save it
        self.epoch_loss, self.recent_loss = Mean("loss"), Mean("loss")
        self.seconds = 0.0  # of earlier processes, when resumed
        self._started = time.perf_counter()
        self._stall = Stall()
        self._clock = _Clock()
        self._file: HistoryFile | None = None
        self._saved: Path | None = None
        self.error: BaseException | None = None  # that ended the run
        self.is_over = False  # all epochs are done, or patience is exhausted
        self._interruption = Interruption()
        self._steps = Steps(self)

    # --- what callbacks look at ------------------------------------------------------------

    @property
    def folder(self) -> Path | None:
        """The folder of the run, if it saves checkpoints."""
        return None if self.checkpoints is None else self.checkpoints.folder

    @property
    def steps_per_epoch(self) -> int:
        """The number of batches of an epoch."""
        return len(self.loader)

    @property
    def batch(self) -> int:
        """The number of batches of this epoch that are done."""
        return self.position.get("batch", 0)

    @property
    def learning_rate(self) -> float:
        """The learning rate of the first parameter group."""
        return float(self.trainer.optimizer.param_groups[0]["lr"])

    @property
    def samples_per_second(self) -> float:
        """The speed of training, without validation."""
        return self._clock.samples / max(self._clock.training, 1e-9)

    @property
    def steps_per_second(self) -> float:
        """The speed of training in steps, without validation."""
        return self._clock.steps / max(self._clock.training, 1e-9)

    def compile_seconds(self) -> dict[str, float]:
        """Return how long each stage of compiling the step took; empty if it is not compiled."""
        return self._steps.compile_seconds()

    def averages(self) -> dict[str, Any]:
        """Return the loss and the metrics over this epoch so far."""
        return {m.name: m.compute() for m in (self.epoch_loss, *self.trainer.metrics)}

    def seconds_left(self) -> float:
        """Return an estimate of the time that is left, validations included."""
        steps = (self.epochs - self.epoch) * self.steps_per_epoch - self.batch
        per_step = self._clock.training / max(self._clock.steps, 1)
        return steps * per_step + (self.epochs - self.epoch) * self._clock.validation

    def elapsed(self) -> float:
        """Return the seconds that the run has taken, earlier processes included."""
        return self.seconds + time.perf_counter() - self._started

    def notify(self, event: str, *args: Any) -> None:
        """Tell all callbacks."""
        for callback in self.callbacks:
            getattr(callback, event)(self, *args)

    # --- the loop --------------------------------------------------------------------------

    def train(self, resume: bool | str | os.PathLike[str], overwrite: bool) -> History:
        """Train from the beginning, or go on from a checkpoint; return the history."""
        notes = self._begin(resume, overwrite)
        with self._interruption:
            try:
                self.notify("on_fit_start")
                for note in notes:
                    self.notify("on_note", note)
                while self.epoch < self.epochs and not self.watch.is_exhausted:
                    self._train_epoch()
                if self.watch.is_exhausted and self.epoch < self.epochs:
                    self.notify("on_note", f"stopped early: {self.watch.describe()}")
                self.is_over = True
            except BaseException as error:
                self.error = error
                raise
            finally:
                try:
                    self.notify("on_fit_end")
                finally:
                    if self._file is not None:
                        self._file.close()
        return self.history

    def _begin(self, resume: bool | str | os.PathLike[str], overwrite: bool) -> Sequence[str]:
        for metric in (self.epoch_loss, self.recent_loss, *self.trainer.metrics):
            metric.reset()
        if self.checkpoints is None:
            return ()
        if resume is False and self.checkpoints.exist() and not overwrite:
            raise CheckpointError(
                f"fit: checkpoint={str(self.folder)!r}", required="a folder without a run",
                received="one with checkpoints",
                hint="go on with resume=True, choose another folder, or give overwrite=True",
            )  # fmt: skip
        before, notes = b"", list[str]()
        if resume is not False:
            before, notes = self._resume(self.folder if resume is True else resume)
        self.checkpoints.prepare(overwrite=resume is False and overwrite)
        self._file = HistoryFile(self.checkpoints.folder, before)
        self.history = History(self._file.records)
        return notes

    def _train_epoch(self) -> None:
        self._clock.start_epoch()
        self.trainer.model.train()
        for taken in self._taken():
            self.position = self.loader.state_dict()
            self._account(taken)
            self._stop_if_asked()
            if self.checkpoints is not None and self.checkpoints.is_due(self.step):
                self.save()
        self._end_epoch()

    def _taken(self) -> Iterator[Taken]:
        try:
            yield from self._steps.epoch()
        except AnomalyError as error:
            raise self._failed(error) from None

    def _account(self, taken: Taken) -> None:
        """Add steps to the averages and the history, and tell the callbacks."""
        steps, samples = len(taken.losses), taken.samples
        self._clock.count(samples * steps, steps)
        first = 0
        while first < steps:
            stop = min(steps, first + self.log_every - self.step % self.log_every)
            losses = taken.losses[first:stop]
            for mean in (self.epoch_loss, self.recent_loss):
                mean.add_each(losses, samples)
            for metric in self.trainer.metrics:
                metric.update_many(taken.outputs[first:stop], taken.targets[first:stop])
            self.step += len(losses)
            self.loss = losses[-1]
            said = self._stall.judge(losses)
            if said is not None:
                self.notify("on_note", f"step {self.step}: {said}")
            if self.step % self.log_every == 0:
                self._log(taken.rates[stop - 1])
            first = stop
        self.notify("on_step_end")

    def _end_epoch(self) -> None:
        record: Record = {
            "kind": "epoch", "epoch": self.epoch + 1, "step": self.step, **self.averages(),
        }  # fmt: skip
        record |= self._validated()
        record["learning_rate"] = self.learning_rate
        record["seconds"] = self.elapsed()
        record["samples_per_second"] = self._clock.epoch_samples_per_second
        improved = self.watch.judge(record[self.watch.name])
        schedule = self.trainer.schedule
        if schedule is not None and schedule.by == "epoch":
            schedule.step(record[self.watch.name])
        self.epoch += 1
        self.position = self.loader.state_dict()
        for metric in (self.epoch_loss, *self.trainer.metrics):
            metric.reset()
        self._record(record)
        if self.checkpoints is not None:
            self.save(best=improved)
        self.notify("on_epoch_end", record)
        self._stop_if_asked(is_saved=True)

    def _validated(self) -> dict[str, Any]:
        if self.validation is None:
            return {}
        started = time.perf_counter()
        count = itertools.count()

        def after_batch(outputs: Array, targets: Array) -> None:
            self.notify("on_validation_batch", next(count), outputs, targets)
            self._stop_if_asked()

        values = self.trainer.evaluate_batches(self.validation, after_batch)
        self._clock.validation = time.perf_counter() - started
        return {f"validation_{name}": value for name, value in values.items()}

    # --- records, checkpoints, interruptions -----------------------------------------------

    def _log(self, rate: float) -> None:
        record: Record = {
            "kind": "step", "epoch": self.epoch + 1, "step": self.step,
            "loss": self.recent_loss.compute(), "learning_rate": rate,
        }  # fmt: skip
        self.recent_loss.reset()
        self._record(record)
        self.notify("on_log", record)

    def _record(self, record: Record) -> None:
        self.history.append(record)
        if self._file is not None:
            self._file.append(record)

    def save(self, *, best: bool = False) -> Path:
        """Save a checkpoint now; return its folder."""
        assert self.checkpoints is not None
        assert self._file is not None
        # The history first: a checkpoint must never point behind the end of its file.
        path = self.checkpoints.save(snapshot(self, self._file.position()), best=best)
        self._saved = path
        self.notify("on_checkpoint", path)
        return path

    def _resume(self, source: Any) -> tuple[bytes, list[str]]:
        """Go to a checkpoint; return the history up to there, as it lies in its file."""
        checkpoint = read_checkpoint(source)
        assert checkpoint.path is not None
        notes = [*checkpoint.notes, *restore(self, checkpoint)]
        file, length = checkpoint.path.parent.parent / FILE, checkpoint.state["history"]["bytes"]
        before = file.read_bytes()[:length] if file.exists() else b""
        if len(before) < length:
            notes.append(f"{file} is not complete: some records of the history are lost")
        return before, [f"resumed after {self._where()}", *notes]

    def _where(self) -> str:
        return f"step {self.step} ({self.epoch} of {self.epochs} epochs done)"

    def _stop_if_asked(self, *, is_saved: bool = False) -> None:
        asked = self._interruption.signal
        if asked is None:
            return
        if self.checkpoints is not None and not is_saved:
            self.save()
        raise TrainingInterrupted(asked, self._where(), self.history, self._saved, self.folder)

    def _failed(self, error: AnomalyError) -> AnomalyError:
        kept = "no checkpoint was saved"
        if self.checkpoints is not None and self.checkpoints.exist():
            kept = f"the last good checkpoint is kept in {str(self.folder)!r}"
        return AnomalyError(
            f"training stopped at step {self.step + 1}, epoch {self.epoch + 1}: {error}",
            hint="lower the learning rate or limit the gradients (clip_norm=1.0); to find the "
            f"first operation that fails, train inside of chainrule.detect_anomalies(); {kept}",
        )


class _Clock:
    """How long things take, in this process; training includes loading and saving."""

    def __init__(self) -> None:
        self.samples = self.steps = 0
        self.training = self.validation = 0.0
        self._mark = 0.0
        self._at_epoch = (0, 0.0)

    def start_epoch(self) -> None:
        self._mark = time.perf_counter()
        self._at_epoch = (self.samples, self.training)

    def count(self, samples: int, steps: int) -> None:
        now = time.perf_counter()
        self.samples += samples
        self.steps += steps
        self.training += now - self._mark
        self._mark = now

    @property
    def epoch_samples_per_second(self) -> float:
        samples, training = self._at_epoch
        return (self.samples - samples) / max(self.training - training, 1e-9)
