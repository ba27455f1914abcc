"""Callback: what wants to be told how training goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..dtypes import Array
from .history import Record

if TYPE_CHECKING:
    from .run import Run


class Callback:
    """Base of all callbacks; override what you want to hear of.

    ``run`` has ``trainer``, ``epoch`` (finished ones), ``epochs``, ``step``, ``steps_per_epoch``,
    ``batch`` (of this epoch), ``loss`` (of the last step), ``averages()`` (of this epoch),
    ``learning_rate``, ``history``, ``folder``, ``samples_per_second`` and ``seconds_left()``.

    Where many steps run in one native call, all is told after the call, which takes about a tenth
    of a second. A callback that overrides ``on_step_end`` is told after each step, before the next
    begins; with ``every_step = False`` it is told after each call instead.

    >>> class Print(Callback):
    ...     def on_epoch_end(self, run, record):
    ...         print(record["epoch"], record["loss"])
    """

    every_step = True  # whether on_step_end must be told before the next step begins

    def on_fit_start(self, run: Run) -> None:
        """Training is about to begin, or to go on."""

    def on_step_end(self, run: Run) -> None:
        """A step is done, or several (see ``every_step``)."""

    def on_log(self, run: Run, record: Record) -> None:
        """A record of a step was added to the history."""

    def on_validation_batch(self, run: Run, number: int, outputs: Array, targets: Array) -> None:
        """A batch of the validation data (the first one has number 0) was evaluated."""

    def on_epoch_end(self, run: Run, record: Record) -> None:
        """An epoch is done, validated, recorded, and saved."""

    def on_checkpoint(self, run: Run, path: Path) -> None:
        """A checkpoint was saved."""

    def on_note(self, run: Run, text: str) -> None:
        """Something happened that the user should know."""

    def on_fit_end(self, run: Run) -> None:
        """Training is over, for whatever reason."""
