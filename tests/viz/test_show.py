"""Showing a drawing: notebook, browser, file."""

from __future__ import annotations

import sys
import tempfile
import webbrowser
from pathlib import Path
from types import SimpleNamespace

import pytest

import chainrule as cr
from chainrule.viz import Drawing, to_svg

SCREEN = ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION")


@pytest.fixture
def graph() -> cr.ComputationalGraph:
    return cr.ComputationalGraph(cr.input("<x>") * 2)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The addresses that were opened; files go to the test's folder, and no screen is there."""
    urls: list[str] = []
    monkeypatch.setattr(webbrowser, "open", urls.append)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setitem(sys.modules, "IPython", None)
    for name in SCREEN:
        monkeypatch.delenv(name, raising=False)
    return urls


def test_without_a_screen_a_page_is_written(
    graph: cr.ComputationalGraph, opened: list[str]
) -> None:
    path = graph.show()
    assert isinstance(path, Path)
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert to_svg(graph) in page
    assert "<x>" not in page
    assert opened == []


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_with_a_screen_it_is_opened(
    graph: cr.ComputationalGraph, opened: list[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, ":0")
    path = graph.show()
    assert opened == [path.as_uri()]


def test_on_a_mac_it_is_opened_but_not_through_ssh(
    graph: cr.ComputationalGraph, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    graph.show()
    assert len(opened) == 1
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    graph.show()
    assert len(opened) == 1


@pytest.mark.parametrize(
    ("shell", "is_notebook"),
    [(SimpleNamespace(kernel=object()), True), (SimpleNamespace(), False), (None, False)],
    ids=["kernel", "terminal", "no shell"],
)
def test_in_a_notebook_the_drawing_is_returned(
    graph: cr.ComputationalGraph, opened: list[str], monkeypatch: pytest.MonkeyPatch,
    shell: object, is_notebook: bool,
) -> None:  # fmt: skip
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    shown = graph.show()
    assert isinstance(shown, Drawing) == is_notebook
    if is_notebook:
        assert shown._repr_svg_() == to_svg(graph)
    assert opened == []


def test_the_graphs_own_methods_draw(graph: cr.ComputationalGraph, tmp_path: Path) -> None:
    text = graph.to_svg(tmp_path / "graph.svg")
    assert text == to_svg(graph) == graph._repr_svg_()
    assert (tmp_path / "graph.svg").read_text(encoding="utf-8") == text


def test_notebooks_get_a_drawing_that_scrolls(graph: cr.ComputationalGraph) -> None:
    html = graph._repr_html_()
    assert html.startswith('<div style="max-width: 100%; overflow: auto;">')
    assert to_svg(graph) in html


@pytest.mark.parametrize(("theme", "scheme"), [("auto", "light dark"), ("dark", "dark")])
def test_a_page_has_the_theme_and_enlarges_small_drawings(
    graph: cr.ComputationalGraph, opened: list[str], theme: str, scheme: str
) -> None:
    page = Path(graph.show(theme=theme)).read_text(encoding="utf-8")
    assert f'<meta name="color-scheme" content="{scheme}">' in page
    assert "zoom: 2.00" in page
