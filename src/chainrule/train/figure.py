"""A matplotlib figure that is drawn into a PNG file, without windows and without global state."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..errors import DataError, MissingDependencyError


def new_figure(what: str, width: float, height: float) -> Any:
    """Return an empty figure, its size in inches; MissingDependencyError without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingDependencyError(
            what, required="the library matplotlib", hint="pip install 'chainrule[train]'"
        ) from None
    return Figure(figsize=(width, height), layout="constrained")


def save_figure(figure: Any, path: str | os.PathLike[str]) -> None:
    """Write a figure as a PNG, making its folder; DataError if it cannot be written."""
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(target, format="png", dpi=110)
    except OSError as error:
        raise DataError(
            str(target), required="a file that can be written", received=error.strerror
        ) from None
