"""The report as one HTML text: no scripts, no links to anything outside; every text is escaped."""

from __future__ import annotations

import datetime
from html import escape
from typing import TYPE_CHECKING, Any

from ..interruption import TrainingInterrupted
from ..progress import describe_seconds
from .curves import curves
from .layers import norms
from .mistakes import confusion, mistakes
from .plot import short
from .style import STYLE
from .tables import configuration, epochs, timings, versions

if TYPE_CHECKING:
    from ..run import Run
    from .run_report import RunReport

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
{head}
{sections}
</main>
</body>
</html>
"""
LARGEST = 700_000  # characters of a drawing


def page(run: Run, report: RunReport) -> str:
    """Return the page of a run as it stands now."""
    found = [
        ("curves", "Curves", curves(run.history, run.steps_per_epoch)),
        ("layers", "Layers", norms(report.probes, report.problem)),
        ("confusion", "Confusion matrix", confusion(report.findings)),
        ("mistakes", "Most wrong", mistakes(report.findings)),
        ("graph", "Graph", _graph(report)),
        ("times", "Times", timings(run) + epochs(run.history)),
        ("configuration", "Configuration", configuration(run, report.about)),
        ("versions", "Versions", versions()),
    ]
    sections = [(key, title, body) for key, title, body in found if body]
    links = "".join(f'<a href="#{key}">{title}</a>' for key, title, _ in sections)
    bodies = "\n".join(
        f'<section id="{key}"><h2>{title}</h2>\n{body}\n</section>' for key, title, body in sections
    )
    name = type(run.trainer.model).__name__
    assert run.folder is not None
    title = f"{run.folder.resolve().name}: {name}"
    parts = [f"<h1>{escape(title)}</h1>", _status(run), _tiles(run, report.results)]
    head = "\n".join([*parts, f"<nav>{links}</nav>"])
    return PAGE.format(title=escape(title), style=STYLE, head=head, sections=bodies)


def _status(run: Run) -> str:
    now = datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
    error, done = run.error, f"{run.epoch} of {run.epochs} epochs, {run.step:,} steps"
    if isinstance(error, TrainingInterrupted):
        text, kind = f"interrupted after {done}; resume goes on from there", "bad"
    elif error is not None:
        text, kind = f"failed after {done}: {error or type(error).__name__}", "bad"
    elif run.is_over:
        text, kind = f"finished: {done}", "good"
    else:
        text, kind = f"running, or stopped without a word: {done} when this was written", "soft"
    return f'<p class="{kind}">{escape(text)}</p>\n<p class="soft">written {escape(now)}</p>'


def _tiles(run: Run, results: dict[str, Any]) -> str:
    last = run.history.epochs[-1] if run.history.epochs else {}
    wanted = (
        list(results.items())
        or [(n, last[n]) for n in last if n.startswith("validation_")]
        or [(n, v) for n, v in last.items() if n not in NOT_VALUES]
    )
    tiles = [(_value(n, v), n.replace("_", " ")) for n, v in wanted if isinstance(v, float)][:4]
    if run.watch.best is not None:
        tiles.append((_value(run.watch.name, run.watch.best), f"best {run.watch.name}"))
    tiles.append((describe_seconds(run.elapsed()), "time"))
    if run.samples_per_second >= 1:
        tiles.append((f"{run.samples_per_second:,.0f}", "samples per second"))
    tiles.append((f"{run.trainer.model.num_parameters():,}", "parameters"))
    cells = "".join(
        f'<div class="tile"><b>{escape(value)}</b><span>{escape(name)}</span></div>'
        for value, name in ((value, name.replace("_", " ")) for value, name in tiles)
    )
    return f'<div class="tiles">{cells}</div>'


NOT_VALUES = {"kind", "epoch", "step", "seconds", "samples_per_second", "learning_rate"}


def _value(name: str, value: Any) -> str:
    return f"{value:.2%}" if name.endswith("accuracy") else short(value)


def _graph(report: RunReport) -> str:
    last = report.drawn
    if last is None:
        return ""
    if last.problem:
        return f'<p class="soft">{escape(last.problem)}</p>'
    if len(last.drawing) > LARGEST:
        return '<p class="soft">The drawing is too large for this page.</p>'
    when = f"values and gradients of a probe after {last.step:,} steps"
    return f'<p class="soft">{when}</p>\n<div class="scroll">{last.drawing}</div>'
