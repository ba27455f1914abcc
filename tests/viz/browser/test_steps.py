"""Step mode: values light up one by one, then gradients."""

from __future__ import annotations

from typing import Any

from . import graphs
from .conftest import Open
from .test_controls import panel


def told(page: Any) -> str:
    text: str = page.locator("#narration").inner_text()
    return text.replace("−", "-")


def visible(page: Any, kind: str) -> int:
    count: int = page.evaluate(
        """(kind) => [...document.querySelectorAll(`#scene text.${kind}`)]
        .filter((t) => getComputedStyle(t).visibility === "visible").length""",
        kind,
    )
    return count


def until(page: Any, condition: str) -> None:
    """Wait; the page's policy forbids what wait_for_function does."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(condition)


def test_forward_then_backward_one_node_at_a_time(show: Open) -> None:
    page = show(graphs.lecture())
    page.click("#steps-toggle")
    assert (visible(page, "value"), visible(page, "gradient")) == (0, 0)
    for step in range(1, 6):
        page.click("#step-on")
        assert (visible(page, "value"), visible(page, "gradient")) == (step, 0)
    assert told(page) == "Forward 5 of 5 f = q · z = 3.0 · (-4.0) = -12.0"
    for step in range(1, 6):
        page.keyboard.press("ArrowRight")
        assert (visible(page, "value"), visible(page, "gradient")) == (5, step)
    assert "Backward 5 of 5" in told(page)
    assert "∂L/∂" in told(page)
    assert "(-4.0) · 1.0 = -4.0" in told(page)
    page.keyboard.press("ArrowLeft")
    page.click("#step-back")
    assert visible(page, "gradient") == 3
    page.keyboard.press("Home")
    assert visible(page, "value") == 0
    page.keyboard.press("End")
    assert visible(page, "gradient") == 5
    page.click("#step-first")
    page.click("#step-last")
    assert visible(page, "gradient") == 5
    page.keyboard.press("Escape")
    assert page.locator("#steps").is_hidden()
    assert page.locator("#scene .waiting").count() == 0


def test_play_pause_speed_and_slider(show: Open) -> None:
    page = show(graphs.lecture())
    page.keyboard.press("s")
    page.locator("#speed").fill("4")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    page.locator("#canvas").focus()
    page.keyboard.press("Space")
    until(page, "player.at >= 2")
    page.keyboard.press("Space")
    stopped = page.evaluate("player.at")
    page.wait_for_timeout(300)
    assert page.evaluate("player.at") == stopped
    page.click("#play")
    until(page, "player.at === 10 && player.timer === null")
    assert page.locator("#play").get_attribute("aria-label") == "Play"
    page.locator("#step-slider").fill("7")
    assert "Backward 2 of 5" in told(page)


def test_a_closed_box_is_one_step(show: Open) -> None:
    page = show(graphs.digits())
    page.click("#steps-toggle")
    assert page.evaluate("player.order.length") == page.locator("#scene .node, .closed").count()
    page.keyboard.press("End")
    assert "Backward" in told(page)
    page.locator("#scene .closed").first.dblclick()
    assert page.evaluate("player.order.length") == page.locator("#scene .node, .closed").count()
    assert "Conv2d" in panel(page)
