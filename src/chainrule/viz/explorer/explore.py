"""Write a graph's page, and open it."""

from __future__ import annotations

import tempfile
import webbrowser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...graph import ComputationalGraph
from ..show import has_screen
from .data import collect, flow_of, title_of
from .page import build


def explore(
    graph: ComputationalGraph, path: str | Path | None = None, *, open: bool | None = None,
    title: str | None = None, milliseconds: Mapping[int, float] | None = None,
    notes: Mapping[str, str] | None = None,
) -> Path:  # fmt: skip
    """Write one self-contained HTML file that shows a graph, and open it in a browser.

    It shows the values and gradients that the nodes hold now. Returns the file's path; without
    ``path`` it is a temporary one. ``open`` says whether to open it (by default, if there is a
    screen). Raises MissingDependencyError if igraph is not installed.
    """
    flow = flow_of(graph)
    data = collect(flow, title or title_of(graph), milliseconds) | dict(notes or {})
    return write(data, path, open)


def write(data: dict[str, Any], path: str | Path | None, open: bool | None) -> Path:
    """Write a page to a file, or a temporary one; open it if wanted."""
    if path is None:
        path = Path(tempfile.mkdtemp(prefix="chainrule-")) / "graph.html"
    file = Path(path).absolute()
    file.write_text(build(data), encoding="utf-8")
    if has_screen() if open is None else open:
        webbrowser.open(file.as_uri())
    return file
