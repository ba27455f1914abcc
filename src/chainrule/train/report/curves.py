"""Curves of a report: loss, metrics and learning rate over epochs."""

from __future__ import annotations

from collections.abc import Sequence

from ..history import History, Record
from .plot import Line, chart

APART = {
    "epoch", "step", "seconds", "samples_per_second", "learning_rate", "loss", "validation_loss",
}  # fmt: skip
MOST = 600  # points of a line by step


def curves(history: History, steps_per_epoch: int) -> str:
    """Return the figures of what a history has."""
    if not history.epochs and not history.steps:
        return '<p class="soft">Nothing is recorded yet.</p>'
    steps = _thinned(history.steps)
    per_epoch = max(steps_per_epoch, 1)
    losses = [
        Line("training, by step", _by_step(steps, "loss", per_epoch), 0, "faint"),
        *_pair(history, "loss", 0, 1),
    ]
    figures = [chart("loss", losses), chart("loss, logarithmic", losses, log=True)]
    for name in history.names:
        if name not in APART and not name.startswith("validation_"):
            figures.append(chart(name.replace("_", " "), _pair(history, name, 0, 1)))
    rate = Line("learning rate", _by_step(steps, "learning_rate", per_epoch), 2)
    if not rate.known:
        rate = Line("learning rate", _by_epoch(history, "learning_rate"), 2, dots=True)
    figures.append(chart("learning rate", [rate], zero=True))
    return f'<div class="cards">{"".join(figures)}</div>'


def _pair(history: History, name: str, colour: int, other: int) -> list[Line]:
    return [
        Line("training", _by_epoch(history, name), colour, dots=True),
        Line("validation", _by_epoch(history, f"validation_{name}"), other, "dashed", dots=True),
    ]


def _by_epoch(history: History, name: str) -> list[tuple[float, float | None]]:
    return [(r["epoch"], r.get(name)) for r in history.epochs if _is_number(r.get(name))]


def _by_step(
    records: Sequence[Record], name: str, per_epoch: int
) -> list[tuple[float, float | None]]:
    return [(r["step"] / per_epoch, r.get(name)) for r in records if _is_number(r.get(name))]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _thinned(records: Sequence[Record]) -> Sequence[Record]:
    return records[:: max(1, len(records) // MOST)]
