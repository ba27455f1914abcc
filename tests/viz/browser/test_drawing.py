"""Drawings in the page: nothing overlaps, whatever is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from . import graphs
from .conftest import Open
from .geometry import assert_legible

ALL = [graphs.lecture, graphs.neuron, graphs.three_layers, graphs.digits, graphs.inception]


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_at_first_sight(show: Open, make: Callable[[], Any], scheme: str) -> None:
    assert_legible(show(make(), color_scheme=scheme))


@pytest.mark.parametrize("make", [graphs.three_layers, graphs.digits, graphs.inception])
def test_everything_open_and_everything_closed(show: Open, make: Callable[[], Any]) -> None:
    page = show(make())
    page.click("#open-all")
    assert page.locator("#scene .closed").count() == 0
    assert_legible(page, smallest=0)
    page.click("#close-all")
    assert page.locator("#scene .open").count() == 0
    assert_legible(page)


@pytest.mark.parametrize("make", [graphs.neuron, graphs.three_layers, graphs.digits])
def test_kernels(show: Open, make: Callable[[], Any]) -> None:
    page = show(make(), compiled=True)
    page.get_by_role("button", name="Compiled").click()
    page.click("#open-all")
    assert page.locator("#scene .kernel.open").count() >= 1
    assert_legible(page, smallest=0)


def test_boxes_in_boxes_one_by_one(show: Open) -> None:
    page = show(graphs.inception())
    for name in ("first", "three", "five", "second"):
        page.locator("#scene .closed", has_text=name).first.dblclick()
        assert_legible(page, smallest=0)


def test_a_narrow_window(show: Open) -> None:
    page = show(graphs.digits(), viewport={"width": 800, "height": 600})
    assert_legible(page, smallest=5)


def test_colours_follow_the_scheme_and_the_button(show: Open) -> None:
    def paper(page: Any) -> str:
        found: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return found

    page = show(graphs.lecture(), color_scheme="dark")
    assert paper(page) == "rgb(20, 23, 28)"
    page.click("#theme")
    assert paper(page) == "rgb(255, 255, 255)"
    page.keyboard.press("t")
    assert paper(page) == "rgb(20, 23, 28)"
