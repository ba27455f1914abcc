"""Tables of a report: times, epochs, configuration, versions."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any

from ..history import History
from ..progress import describe_seconds
from .plot import short

if TYPE_CHECKING:
    from ..run import Run

PACKAGES = ("numpy", "llvmlite")
MOST = 40  # rows of epochs


def pairs(entries: Iterable[tuple[str, Any]]) -> str:
    """Return a table of names and values."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td class="text">{escape(str(value))}</td></tr>'
        for name, value in entries
    )
    return f'<div class="scroll"><table>{rows}</table></div>'


def timings(run: Run) -> str:
    """Return how long things took."""
    entries: list[tuple[str, Any]] = [("time of the run", describe_seconds(run.elapsed()))]
    if run.seconds:
        entries.append(("of it in earlier processes", describe_seconds(run.seconds)))
    if run.steps_per_second > 0:
        entries.append(("steps per second", f"{run.steps_per_second:,.1f}"))
        entries.append(("samples per second", f"{run.samples_per_second:,.0f}"))
    stages = run.compile_seconds()
    if stages:
        whole = sum(stages.values())
        longest = sorted(stages.items(), key=lambda entry: -entry[1])[:4]
        parts = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in longest)
        entries.append(("compiling the step", f"{whole:.2f} s (longest: {parts})"))
    elif run.step:
        entries.append(("compiling the step", "not compiled: node by node"))
    return pairs(entries)


def epochs(history: History) -> str:
    """Return the values of each epoch; of many epochs a part."""
    if not history.epochs:
        return ""
    names = [name for name in history.names if name != "step"]
    every = max(1, -(-len(history.epochs) // MOST))
    chosen = [r for k, r in enumerate(history.epochs) if (k + 1) % every == 0 or k == 0]
    if chosen[-1] is not history.epochs[-1]:
        chosen.append(history.epochs[-1])
    heads = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in names)
    rows = "".join(
        "<tr>" + "".join(f"<td>{_number(name, record.get(name))}</td>" for name in names) + "</tr>"
        for record in chosen
    )
    return (
        f'<div class="scroll" style="margin-top:14px"><table><tr>{heads}</tr>{rows}</table></div>'
    )


def _number(name: str, value: Any) -> str:
    if not isinstance(value, int | float):
        return ""
    return f"{value:,.0f}" if name == "samples_per_second" else short(value)


def configuration(run: Run, about: dict[str, Any]) -> str:
    """Return what was trained on what, and how."""
    trainer, loader = run.trainer, run.loader
    first = {k: v for k, v in trainer.optimizer.param_groups[0].items() if k != "params"}
    options = ", ".join(f"{name}={value!r}" for name, value in first.items())
    entries: list[tuple[str, Any]] = [
        ("model", type(trainer.model).__name__),
        ("parameters", f"{trainer.model.num_parameters():,}"),
        ("loss", getattr(trainer.loss, "__name__", repr(trainer.loss))),
        ("optimizer", f"{type(trainer.optimizer).__name__}({options})"),
        ("schedule", "none" if trainer.schedule is None else type(trainer.schedule).__name__),
        ("training samples", f"{len(loader.dataset):,}"),
        ("validation samples", _count(run)),
        ("batch size", loader.batch_size), ("epochs", run.epochs),
        ("steps per epoch", run.steps_per_epoch), ("seed", loader.seed),
        ("transform", trainer.transform), ("augmentation", loader.transform),
        ("clip norm, clip value", f"{trainer.clip_norm}, {trainer.clip_value}"),
        ("compile", trainer.compile),
    ]  # fmt: skip
    entries += [(name.replace("_", " "), value) for name, value in about.items()]
    layers = escape(repr(trainer.model))
    return (
        f'{pairs(entries)}\n<div class="scroll" style="margin-top:14px"><pre>{layers}</pre></div>'
    )


def _count(run: Run) -> str:
    return "none" if run.validation is None else f"{len(run.validation.dataset):,}"


def versions() -> str:
    """Return the versions of what computed."""
    entries: list[tuple[str, Any]] = [("chainrule", _version("chainrule"))]
    entries += [(name, _version(name)) for name in PACKAGES]
    entries += [
        ("Python", sys.version.split()[0]), ("system", platform.platform()),
        ("processor", f"{platform.machine()}, {os.cpu_count()} cores"),
    ]  # fmt: skip
    return pairs(entries)


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
