"""The steps of an epoch: one at a time, or many in one native call where the data lie in memory."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError
from ..jit import Loop
from ..optim import Schedule
from ..optim.schedule import ClosedForm
from .callbacks import Callback
from .functions import Functions, check_finite

if TYPE_CHECKING:
    from .run import Run

_SECONDS = 0.1  # of a call, so that progress is shown and Ctrl-C heard in time
_BYTES = 1 << 26  # of outputs that a call gathers


@dataclass(frozen=True)
class Taken:
    """What some steps in a row gave: batches are of one size, outputs and targets are stacked."""

    losses: list[float]
    rates: list[float]  # the learning rate after each step
    outputs: Array
    targets: Array

    @property
    def samples(self) -> int:
        """The number of samples in each batch."""
        return len(self.targets[0])


class Steps:
    """Takes the steps of a run."""

    def __init__(self, run: Run) -> None:
        self._run, self._trainer, self._loader = run, run.trainer, run.loader
        self._transforms = [
            transform
            for transform in (run.loader.transform, run.trainer.transform)
            if transform is not None
        ]
        self._each_alone = any(_hears_every_step(callback) for callback in run.callbacks)
        self._seconds = math.inf  # that the last call took for each step
        self._bytes = 1  # of a step's outputs
        self._made: tuple[Functions, Loop | None] | None = None

    def epoch(self) -> Iterator[Taken]:
        """Take the steps of an epoch; AnomalyError if a number is not finite."""
        if self._loop() is None:
            for inputs, targets in self._loader:
                yield self._one(self._trainer.transformed(inputs, self._run.step), targets)
            return
        for rows in self._loader.chunks(self._limit):
            loop = self._loop()  # a callback may have changed something
            yield from self._many(loop, rows) if loop is not None else self._gathered(rows)

    def _loop(self) -> Loop | None:
        """Return what takes many steps, if there can be such."""
        functions = self._trainer.functions()
        if self._made is None or self._made[0] is not functions:
            can = self._loader.target_transform is None
            loop = functions.step.over(self._loader, self._transforms) if can else None
            self._made = functions, loop
        return self._made[1]

    def compile_seconds(self) -> dict[str, float]:
        """Return the seconds of the stages of compiling the step that was run; empty if none."""
        loop = self._made[1] if self._made is not None else None
        step = loop.function if loop is not None else self._trainer.functions().step.compiled
        try:
            return {} if step is None else dict(step.program.seconds)
        except ArgumentError:  # it was not called yet
            return {}

    def _limit(self) -> int:
        """Return how many steps may be taken in one call."""
        run, schedule = self._run, self._schedule
        if self._each_alone or not (schedule is None or isinstance(schedule, ClosedForm)):
            return 1
        steps = min(_SECONDS / self._seconds, _BYTES / self._bytes)
        every = None if run.checkpoints is None else run.checkpoints.every_steps
        return max(1, int(steps if every is None else min(steps, every - run.step % every)))

    @property
    def _schedule(self) -> Schedule | None:
        """The trainer's schedule, if it counts steps."""
        schedule = self._trainer.schedule
        return schedule if schedule is not None and schedule.by == "step" else None

    def _one(self, inputs: Array, targets: Array) -> Taken:
        loss, outputs = self._trainer.training_step(inputs, targets)
        if self._schedule is not None:
            self._schedule.step(loss)
        return Taken([loss], [self._run.learning_rate], outputs[None], targets[None])

    def _gathered(self, rows: Array) -> Iterator[Taken]:
        for row in rows:
            inputs, targets = self._loader.dataset.batch(row)
            for transform in self._transforms:
                inputs = transform(inputs, np.random.default_rng(0))  # none of them draws numbers
            yield self._one(inputs, targets)

    def _many(self, loop: Loop, rows: Array) -> Iterator[Taken]:
        _, targets, places = self._loader.dataset.in_memory() or ((), (), ())
        chosen, ahead = places[rows], _Ahead(self._run, self._schedule)
        began = time.perf_counter()
        losses, norms, outputs = loop(chosen, each_step=ahead.count)
        found, limited = losses.tolist(), None if norms is None else norms.tolist()
        done = len(found)
        self._seconds = (time.perf_counter() - began) / done
        self._bytes = max(1, outputs.nbytes // done)
        last = found[-1], None if limited is None else limited[-1]
        good = done if all(x is None or math.isfinite(x) for x in last) else done - 1
        ahead.settle(found[:good])
        if good:
            yield Taken(
                found[:good], ahead.rates[:good], outputs.value[:good], targets[chosen[:good]]
            )
        check_finite(*last)


class _Ahead:
    """A schedule by step that is counted before the steps are taken."""

    def __init__(self, run: Run, schedule: Schedule | None) -> None:
        self._run, self._schedule = run, schedule
        self._plans = isinstance(schedule, ClosedForm)  # another one waits for the loss
        self._before = schedule.position() if schedule is not None else {}
        self.rates: list[float] = []  # after each step

    def count(self) -> None:
        """Count a step."""
        if self._schedule is not None and self._plans:
            self._schedule.step()
        self.rates.append(self._run.learning_rate)

    def settle(self, losses: Sequence[float]) -> None:
        """Leave the schedule where it belongs after the steps that were taken in fact."""
        schedule = self._schedule
        if schedule is None or (self._plans and len(losses) == len(self.rates)):
            return
        schedule.go_to(self._before)
        self.rates = []
        for loss in losses:
            schedule.step(loss)
            self.rates.append(self._run.learning_rate)


def _hears_every_step(callback: Any) -> bool:
    overrides = type(callback).on_step_end is not Callback.on_step_end
    return overrides and callback.every_step
