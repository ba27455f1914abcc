"""Write a graph's page, and open it."""

from __future__ import annotations

import tempfile
import webbrowser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...graph import ComputationalGraph
from ..show import has_screen
from .compiled import can_compile, kernel_tree, program
from .data import collect, flow_of, title_of, view
from .page import build

LARGE = 300  # nodes of a graph that is not compiled unless asked for


def explore(
    graph: ComputationalGraph, path: str | Path | None = None, *, open: bool | None = None,
    compiled: bool | None = None, title: str | None = None,
    notes: Mapping[str, str] | None = None, milliseconds: Mapping[int, float] | None = None,
) -> Path:  # fmt: skip
    """Write one self-contained HTML file that shows a graph, and open it in a browser.

    It shows the values and gradients that the nodes hold now, and beside the graph as written the
    program that it is compiled to: kernels as boxes around their nodes, with time and memory
    (``compiled``; by default for graphs of up to 300 nodes whose shapes are known). Returns the
    file's path; without ``path`` it is a temporary one. ``open`` says whether to open it (by
    default, if there is a screen). ``title`` stands above the page, ``notes`` are told about the
    graph as a whole, ``milliseconds`` of each node, by its number. Raises MissingDependencyError
    if igraph is not installed.

    >>> graph = cr.ComputationalGraph(cr.input("x") * cr.input("y"))
    >>> explore(graph, open=False).name
    'graph.html'
    """
    flow = flow_of(graph)
    data = collect(flow, title or title_of(graph), milliseconds)
    data["notes"] = dict(notes or {})
    if compiled is None:
        compiled = len(graph) <= LARGE
    if compiled and can_compile(flow):
        data["program"] = program(flow)
        data["views"].append(view(flow, kernel_tree(flow, data["program"]), "Compiled"))
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
