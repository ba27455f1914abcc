"""Show a drawing: in a notebook, in a browser, or as text for whoever wants it."""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ArgumentError
from ..graph import ComputationalGraph
from .palette import THEMES
from .scene import Scene, scene
from .svg import draw, escape, width_of

PAPER = {"light": "#ffffff", "dark": "#14171c"}
PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="{scheme}">
<title>{title}</title>
<style>
body {{ margin: 0; min-height: 100vh; display: grid; background: {light}; }}
svg {{ margin: auto; zoom: {zoom:.2f}; }}
@media (prefers-color-scheme: dark) {{ body {{ background: {dark}; }} }}
</style>
</head>
<body>
{drawing}</body>
</html>
"""
WIDE = 1300.0  # pixels that a page has room for; smaller drawings are enlarged, at most twice
SCROLLING = '<div style="max-width: 100%; overflow: auto;">\n{drawing}</div>\n'


@dataclass(frozen=True)
class Drawing:
    """A drawing that notebooks display; ``svg`` is its text."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        return SCROLLING.format(drawing=self.svg)


def to_svg(
    graph: ComputationalGraph, *, depth: float | None = None, open: Sequence[str] = (),
    theme: str = "auto",
) -> str:  # fmt: skip
    """Return a graph's drawing as standalone SVG text, inputs at the left, results at the right.

    Above the line that leaves a node stands its value in green, below it its gradient in red;
    arrays that are not small show their shape, a histogram, the share of zeros, and mean ± standard
    deviation. A graph that has not run shows the shapes that it knows.

    The nodes that a module made are drawn in its frame. ``depth`` levels of modules are open: 0
    draws each model as one box, 1 the modules in it; layers without modules in them stay closed,
    unless ``depth`` is ``math.inf``. ``None`` opens as much as fits on a page. ``open`` lists the
    paths of further modules to open. ``theme`` is "light", "dark", or "auto": as the reader's
    system. Raises ArgumentError for a path that the graph has not, MissingDependencyError if igraph
    is not installed.

    >>> x, y = cr.input("x"), cr.input("y")
    >>> to_svg(cr.ComputationalGraph(x + y)).startswith("<svg ")
    True
    """
    return _draw(scene(graph, depth, open), theme)


def to_html(graph: ComputationalGraph) -> str:
    """Return the drawing as a piece of HTML that scrolls where it is too wide."""
    return Drawing(to_svg(graph))._repr_html_()


def show(
    graph: ComputationalGraph, *, depth: float | None = None, open: Sequence[str] = (),
    theme: str = "auto",
) -> Drawing | Path:  # fmt: skip
    """Show a graph's drawing with the values and gradients that its nodes hold now.

    In a notebook it returns an object that the notebook displays. Elsewhere it writes a page to a
    temporary file, opens it in a browser if there is a screen, and returns its path. Arguments and
    errors are those of ``to_svg``.
    """
    what = scene(graph, depth, open)
    svg = _draw(what, theme)
    if in_notebook():
        return Drawing(svg)
    handle, name = tempfile.mkstemp(prefix="chainrule-", suffix=".html")
    page = PAGE.format(
        title=escape(what.title), drawing=svg, light=PAPER.get(theme, PAPER["light"]),
        dark=PAPER.get(theme, PAPER["dark"]), scheme="light dark" if theme == "auto" else theme,
        zoom=min(2.0, max(1.0, WIDE / width_of(svg))),
    )  # fmt: skip
    Path(name).write_text(page, encoding="utf-8")
    os.close(handle)
    path = Path(name)
    if has_screen():
        webbrowser.open(path.as_uri())
    return path


def _draw(what: Scene, theme: str) -> str:
    if theme not in THEMES:
        raise ArgumentError("theme", required='"auto", "light" or "dark"', received=repr(theme))
    return draw(what, theme=theme)


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
