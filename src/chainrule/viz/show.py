"""Show a drawing: in a notebook, in a browser, or as text for whoever wants it."""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..graph import ComputationalGraph
from .scene import scene
from .svg import draw, escape

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ margin: 0; min-height: 100vh; display: grid; background: #ffffff; }}
svg {{ margin: auto; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #14171c; }} }}
</style>
</head>
<body>
{drawing}</body>
</html>
"""


@dataclass(frozen=True)
class Drawing:
    """A drawing that notebooks display; ``svg`` is its text."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg


def to_svg(graph: ComputationalGraph) -> str:
    """Return a graph's drawing as standalone SVG text, inputs at the left, results at the right.

    Above the line that leaves a node stands its value in green, below it its gradient in red;
    arrays that are not small show their shape and mean ± standard deviation. A graph that has not
    run shows the shapes that it knows. Raises MissingDependencyError if igraph is not installed.

    >>> x, y = cr.input("x"), cr.input("y")
    >>> to_svg(cr.ComputationalGraph(x + y)).startswith("<svg ")
    True
    """
    return draw(scene(graph))


def show(graph: ComputationalGraph) -> Drawing | Path:
    """Show a graph's drawing with the values and gradients that its nodes hold now.

    In a notebook it returns an object that the notebook displays. Elsewhere it writes a page to a
    temporary file, opens it in a browser if there is a screen, and returns its path. Raises
    MissingDependencyError if igraph is not installed.
    """
    what = scene(graph)
    svg = draw(what)
    if in_notebook():
        return Drawing(svg)
    handle, name = tempfile.mkstemp(prefix="chainrule-", suffix=".html")
    with open(handle, "w", encoding="utf-8") as file:
        file.write(PAGE.format(title=escape(what.title), drawing=svg))
    path = Path(name)
    if has_screen():
        webbrowser.open(path.as_uri())
    return path


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs this program; asks only what is loaded already."""
    ipython: Any = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None


def has_screen() -> bool:
    """Whether a browser could open a window here."""
    if sys.platform in ("darwin", "win32"):
        return "SSH_CONNECTION" not in os.environ
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
