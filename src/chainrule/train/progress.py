"""How training goes, told while it goes: a bar on a terminal, lines in a log, or nothing."""

from __future__ import annotations

import importlib.util
import sys
import time
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentError, MissingDependencyError
from .callbacks import Callback
from .history import Record

if TYPE_CHECKING:
    from .run import Run

_INTERVAL = 5.0  # seconds between two lines of a log
_REFRESH = 0.1  # seconds between two looks at the averages for a bar
_APART = ("kind", "epoch", "step", "seconds", "samples_per_second", "learning_rate")


def make_progress(option: bool | str) -> list[Callback]:
    """Return the callback that the option asks for: "auto" or True, "rich", "plain", False."""
    if option is False:
        return []
    if option == "plain":
        return [PlainProgress()]
    if option == "rich":
        return [RichProgress()]
    if option is True or option == "auto":
        on_terminal = sys.stdout.isatty() and importlib.util.find_spec("rich") is not None
        return [RichProgress() if on_terminal else PlainProgress()]
    raise ArgumentError(
        "progress", required="True, False, 'auto', 'rich' or 'plain'", received=repr(option)
    )


class PlainProgress(Callback):
    """A line every few seconds and one at the end of each epoch, printed as it is made."""

    every_step = False

    def __init__(self, interval: float = _INTERVAL) -> None:
        self.interval = interval
        self._printed_at = 0.0

    def on_fit_start(self, run: Run) -> None:
        """Say what is about to be done."""
        self._print(describe_run(run))

    def on_step_end(self, run: Run) -> None:
        """Print a line if the last one was a while ago."""
        if time.monotonic() - self._printed_at >= self.interval:
            place = f"epoch {run.epoch + 1}/{run.epochs}  step {run.batch}/{run.steps_per_epoch}"
            self._print(f"{place}  {describe_values(run.averages())}  {describe_speed(run)}")

    def on_epoch_end(self, run: Run, record: Record) -> None:
        """Print the epoch's results."""
        self._print(describe_epoch(run, record))

    def on_note(self, run: Run, text: str) -> None:
        """Print the note."""
        self._print(f"note: {text}")

    def _print(self, text: str) -> None:
        self._printed_at = time.monotonic()
        print(text, flush=True)


class RichProgress(Callback):
    """A bar for the running epoch and a line for each that is done; needs the library rich."""

    every_step = False

    def __init__(self) -> None:
        try:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        except ImportError:
            raise MissingDependencyError(
                "progress bar", required="the library rich",
                hint="pip install 'chainrule[train]', or progress='plain'",
            ) from None  # fmt: skip
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            TextColumn("{task.fields[values]}"), transient=True,
        )  # fmt: skip
        self._task: Any = None
        self._shown_at = 0.0

    def on_fit_start(self, run: Run) -> None:
        """Say what is about to be done and show the bar."""
        self._print(describe_run(run))
        self._task = self._bar.add_task("", total=run.steps_per_epoch, values="")
        self._bar.start()

    def on_step_end(self, run: Run) -> None:
        """Move the bar."""
        if time.monotonic() - self._shown_at >= _REFRESH or run.batch == run.steps_per_epoch:
            self._shown_at = time.monotonic()
            self._bar.update(
                self._task, completed=run.batch,
                description=f"epoch {run.epoch + 1}/{run.epochs}",
                values=f"{describe_values(run.averages())}  {describe_speed(run)}",
            )  # fmt: skip

    def on_epoch_end(self, run: Run, record: Record) -> None:
        """Print the epoch's results above the bar."""
        self._print(describe_epoch(run, record))

    def on_note(self, run: Run, text: str) -> None:
        """Print the note above the bar."""
        self._print(f"note: {text}")

    def on_fit_end(self, run: Run) -> None:
        """Remove the bar."""
        self._bar.stop()

    def _print(self, text: str) -> None:
        self._bar.console.print(text, highlight=False, markup=False, soft_wrap=True)


def describe_run(run: Run) -> str:
    """Return one line about what is trained, and on what."""
    model, samples = run.trainer.model, len(run.loader.dataset)
    return (
        f"training {type(model).__name__}, {model.num_parameters():,} parameters, on {samples:,} "
        f"samples: {run.epochs} epochs of {run.steps_per_epoch} steps"
    )


def describe_epoch(run: Run, record: Record) -> str:
    """Return one line about a finished epoch."""
    values = {name: value for name, value in record.items() if name not in _APART}
    speed = f"{record['samples_per_second']:,.0f} samples/s"
    took = describe_seconds(record["seconds"])
    place = f"epoch {record['epoch']}/{run.epochs}"
    return f"{place}  {describe_values(values)}  {speed}  {took} elapsed"


def describe_values(values: Record) -> str:
    """Return the numbers among values with their names.

    >>> describe_values({"loss": 0.25, "validation_accuracy": 0.5})
    'loss 0.2500  validation accuracy 0.5000'
    """
    numbers = {k: v for k, v in values.items() if isinstance(v, int | float)}
    return "  ".join(f"{name.replace('_', ' ')} {value:.4f}" for name, value in numbers.items())


def describe_speed(run: Run) -> str:
    """Return the speed and the time that is left."""
    left = describe_seconds(run.seconds_left())
    return f"{run.samples_per_second:,.0f} samples/s  {left} left"


def describe_seconds(seconds: float) -> str:
    """Return a duration as minutes and seconds, or hours too.

    >>> describe_seconds(75), describe_seconds(3675)
    ('1:15', '1:01:15')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
