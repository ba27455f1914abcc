"""Curves of a run as one picture: loss, metrics and learning rate by epoch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..errors import DataError
from .callbacks import Callback
from .figure import new_figure, save_figure
from .history import History
from .run import Run

_NO_CURVES = {
    "epoch", "step", "seconds", "samples_per_second", "learning_rate", "loss", "validation_loss",
}  # fmt: skip


def save_curves(history: History, path: str | os.PathLike[str]) -> None:
    """Draw loss, metrics and learning rate by epoch into a PNG file.

    Raises DataError if nothing was recorded, MissingDependencyError without matplotlib.
    """
    if not history.epochs and not history.steps:
        raise DataError("curves", required="a history with records", received="an empty one")
    metrics = [
        name for name in history.names
        if name not in _NO_CURVES and not name.startswith("validation_")
    ]  # fmt: skip
    panels = 3 if metrics else 2
    figure = new_figure("curves", 5.0 * panels, 3.8)
    axes = figure.subplots(1, panels)
    _draw_loss(axes[0], history)
    if metrics:
        _draw_metrics(axes[1], history, metrics)
    _draw_rate(axes[-1], history)
    for axis in axes:
        axis.set_xlabel("epoch")
        axis.grid(alpha=0.3)
    save_figure(figure, path)


class Curves(Callback):
    """Draw the curves into a file when training ends or is interrupted."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def on_fit_end(self, run: Run) -> None:
        """Draw what there is."""
        if run.history.epochs or run.history.steps:
            save_curves(run.history, self.path)


def _draw_loss(axis: Any, history: History) -> None:
    axis.set_title("loss")
    if history.steps:
        label = "training, by step" if history.epochs else "training"
        axis.plot(*_by_step(history, "loss"), color="C0", alpha=0.35, linewidth=1, label=label)
    if history.epochs:
        axis.plot(history["epoch"], history["loss"], "o-", color="C0", label="training")
    if "validation_loss" in history.names:
        axis.plot(
            history["epoch"], history["validation_loss"], "s-", color="C1", label="validation"
        )
    axis.legend()


def _draw_metrics(axis: Any, history: History, names: list[str]) -> None:
    axis.set_title(", ".join(name.replace("_", " ") for name in names))
    for number, name in enumerate(names):
        # With one metric the colours are those of the losses, so that the panels read alike.
        colours = ("C0", "C1") if len(names) == 1 else (f"C{number}", f"C{number}")
        label = "" if len(names) == 1 else f"{name.replace('_', ' ')}, "
        axis.plot(history["epoch"], history[name], "o-", color=colours[0], label=label + "training")
        if f"validation_{name}" in history.names:
            axis.plot(
                history["epoch"], history[f"validation_{name}"], "s--", color=colours[1],
                label=label + "validation",
            )  # fmt: skip
    axis.legend()


def _draw_rate(axis: Any, history: History) -> None:
    axis.set_title("learning rate")
    if history.steps:
        axis.plot(*_by_step(history, "learning_rate"), color="C2")
    else:
        axis.plot(history["epoch"], history["learning_rate"], "o-", color="C2")
    axis.set_ylim(bottom=0)


def _by_step(history: History, name: str) -> tuple[list[float], list[float]]:
    """Return a step value over the epoch as a fraction: steps and epochs share one axis."""
    per_epoch = _steps_per_epoch(history)
    return [r["step"] / per_epoch for r in history.steps], [r[name] for r in history.steps]


def _steps_per_epoch(history: History) -> float:
    if history.epochs:
        last = history.epochs[-1]
        return float(last["step"] / last["epoch"])
    return float(history.steps[-1]["step"])
