"""Every control of the page, used."""

from __future__ import annotations

from typing import Any

import pytest

import chainrule as cr

from . import graphs
from .conftest import Open


def labels(page: Any, kind: str) -> list[str]:
    found: list[str] = page.locator(f"#scene text.{kind}").all_text_contents()
    return sorted(text.replace("−", "-") for text in found)


def panel(page: Any) -> str:
    text: str = page.locator("#panel").inner_text()
    return text.replace("−", "-")


def node(page: Any, name: str) -> Any:
    number = page.evaluate("(name) => nodes.find((n) => n.name === name).number", name)
    return page.locator(f'#scene [data-vertex="{number}"]')


def click_node(page: Any, name: str) -> None:
    node(page, name).locator(".outline").click()


def click_line(page: Any, source: str, target: str) -> None:
    """Click the middle of a line, which is not the middle of its frame."""
    a, b = [page.evaluate("(n) => nodes.find((x) => x.name === n).number", n)
            for n in (source, target)]  # fmt: skip
    x, y = page.evaluate(
        """([a, b]) => {
          const path = document.querySelector(
            `#scene .line-of[data-source="${a}"][data-target="${b}"] .line`);
          const p = path.getPointAtLength(path.getTotalLength() / 2);
          const { x, y } = p.matrixTransform(path.getScreenCTM());
          return [x, y]; }""",
        [a, b],
    )
    page.mouse.click(x, y)


def camera(page: Any) -> tuple[float, float, float]:
    x, y, scale = page.evaluate("[camera.x, camera.y, camera.scale]")
    return x, y, scale


# --- the lecture ---------------------------------------------------------------------------


def test_the_lectures_numbers_stand_on_the_lines(show: Open) -> None:
    page = show(graphs.lecture())
    assert labels(page, "value") == sorted(["-2.00", "5.00", "-4.00", "3.00", "-12.00"])
    assert labels(page, "gradient") == sorted(["-4.00", "-4.00", "3.00", "-4.00", "1.00"])
    assert "3.00" in node(page, "q").inner_html()


def test_a_line_tells_the_chain_rule_with_its_numbers(show: Open) -> None:
    page = show(graphs.lecture())
    click_line(page, "x", "q")
    assert "upstream -4.0 × local 1.0 = -4.0" in panel(page)
    click_line(page, "z", "f")
    assert "upstream 1.0 × local 3.0 = 3.0" in panel(page)
    assert "f = q · z" in panel(page)
    assert page.locator("#scene .line-of.selected").count() == 1


def test_a_node_tells_everything(show: Open) -> None:
    page = show(graphs.lecture())
    click_node(page, "f")
    told = panel(page)
    for part in ("f = q · z", "∂f/∂q = z", "= -4.0", "-12.0", "multiply", "scalar", "graphs.py",
                 "operations\n1"):  # fmt: skip
        assert part in told, part
    page.click("#panel .close")
    assert "f(x, y, z)" in panel(page)


def test_a_node_that_is_used_twice_sums_its_paths(show: Open) -> None:
    x = cr.input("x")
    graph = cr.ComputationalGraph(x * x + x)
    graph.forward(x=3.0)
    graph.backward()
    page = show(graph)
    click_node(page, "x")
    assert "∂L/∂x = 1.0 · 3.0 + 1.0 · 3.0 + 1.0 · 1.0 = 7.0" in panel(page)


# --- values that change --------------------------------------------------------------------


def test_a_changed_input_is_computed_at_once(show: Open) -> None:
    page = show(graphs.lecture())
    click_node(page, "z")
    page.locator("#value-input").fill("2")
    assert labels(page, "value") == sorted(["-2.00", "5.00", "2.00", "3.00", "6.00"])
    assert labels(page, "gradient") == sorted(["2.00", "2.00", "3.00", "2.00", "1.00"])
    assert page.evaluate("document.activeElement.id") == "value-input"
    page.locator("#value-input").fill("")  # not a number yet: nothing happens
    assert "6.00" in labels(page, "value")


def test_a_scalar_graph_that_has_not_run_runs_in_the_page(show: Open) -> None:
    page = show(cr.ComputationalGraph(cr.input("a") * cr.input("b")))
    assert labels(page, "value") == []
    for name, value in (("a", "3"), ("b", "4")):
        click_node(page, name)
        page.locator("#value-input").fill(value)
    assert labels(page, "value") == ["12.00", "3.00", "4.00"]
    assert labels(page, "gradient") == ["1.00", "3.00", "4.00"]


def test_graphs_of_arrays_are_not_changed(show: Open) -> None:
    page = show(graphs.three_layers())
    click_node(page, "input")
    assert page.locator("#value-input").count() == 0


# --- boxes ---------------------------------------------------------------------------------


def test_boxes_open_and_close_by_mouse_and_keys(show: Open) -> None:
    page = show(graphs.digits())
    box = page.locator("#scene .box", has_text="Conv2d").first
    box.click()
    assert "520" in panel(page)  # parameters of the first convolution
    box.dblclick()
    assert page.locator("#scene .open").count() == 1
    assert page.locator("#scene .parameter").count() == 2
    page.locator("#scene .open .fold").click()
    assert page.locator("#scene .open").count() == 0
    page.get_by_role("button", name="Open this box").click()
    assert page.locator("#scene .open").count() == 1
    page.locator("#scene .open").focus()
    page.keyboard.press("Enter")
    assert page.locator("#scene .open").count() == 0
    page.keyboard.press("e")
    assert page.locator("#scene .closed").count() == 0
    page.keyboard.press("c")
    assert page.locator("#scene .open").count() == 0


def test_values_of_large_arrays_are_told_by_figures_bars_and_a_picture(show: Open) -> None:
    page = show(graphs.digits())
    page.evaluate("goTo(nodes.find((n) => n.name === '0.weight').number)")
    told = panel(page)
    assert "mean" in told
    assert "20 × 1 × 5 × 5" in told
    assert page.locator("#panel .bars .bar").count() == 48  # of values and of gradients
    pictures = page.locator("#panel canvas.picture")
    assert pictures.count() == 2
    colours = pictures.first.evaluate(
        "c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size"
    )
    assert colours > 20


def test_shapes_only(show: Open) -> None:
    page = show(graphs.inception(run=False))
    assert labels(page, "value") == []
    assert "1×3×8×8" in labels(page, "shape")
    assert page.locator("#steps-toggle").is_hidden()
    page.locator("#scene .closed", has_text="first").click()
    assert "parameters" in panel(page)


# --- moving about --------------------------------------------------------------------------


def test_pan_and_zoom_by_mouse_buttons_and_keys(show: Open) -> None:
    page = show(graphs.neuron())
    x, y, scale = camera(page)
    page.mouse.move(400, 800)
    page.mouse.down()
    page.mouse.move(460, 830, steps=4)
    page.mouse.up()
    assert camera(page) == pytest.approx((x + 60, y + 30, scale))
    page.mouse.wheel(0, -200)
    assert camera(page)[2] > scale
    page.click("#fit")
    assert camera(page) == pytest.approx((x, y, scale))
    page.click("#zoom-in")
    assert camera(page)[2] == pytest.approx(1.25 * scale)
    page.click("#zoom-out")
    page.locator("#canvas").focus()
    for key in ("+", "-", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    assert camera(page) == pytest.approx((x + 60, y + 60, scale))
    page.keyboard.press("0")
    assert camera(page) == pytest.approx((x, y, scale))


def test_search_opens_the_boxes_around(show: Open) -> None:
    page = show(graphs.inception())
    page.keyboard.press("/")
    page.keyboard.type("first five 2 weight")
    options = page.locator("#results button")
    assert options.count() == 1
    page.keyboard.press("Enter")
    assert page.evaluate("nodes[state.selected.node].name") == "first.five.2.weight"
    assert page.locator("#scene .selected").count() == 1
    assert "first.five.2.weight" in panel(page)
    page.fill("#search", "convolve")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    assert page.locator("#results").is_hidden()
    page.fill("#search", "no such thing")
    assert "nothing found" in page.locator("#results").inner_text()


def test_the_focus_walks_along_the_graph(show: Open) -> None:
    page = show(graphs.lecture())
    node(page, "x").focus()
    page.keyboard.press("ArrowRight")
    assert "q" in panel(page).splitlines()[0]
    page.keyboard.press("ArrowRight")
    assert panel(page).startswith("f")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    assert panel(page).startswith("y")
    page.keyboard.press("Escape")
    assert "f(x, y, z)" in panel(page)


def test_help(show: Open) -> None:
    page = show(graphs.lecture())
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#help").is_hidden()
    page.click("#help-toggle")
    page.click("#help-close")
    assert page.locator("#help").is_hidden()


def test_everything_can_be_reached_and_has_a_name(show: Open) -> None:
    page = show(graphs.digits())
    unnamed = page.evaluate("""() => [...document.querySelectorAll("button, input, [tabindex]")]
      .filter((e) => e.offsetParent !== null || e.closest("svg"))
      .filter((e) => !(e.getAttribute("aria-label") || e.textContent.trim())).length""")
    assert unnamed == 0
    assert page.locator('#scene [tabindex="0"]').count() == page.evaluate("elements.size")


# --- the compiled program ------------------------------------------------------------------


def test_two_views(show: Open) -> None:
    page = show(graphs.three_layers(), compiled=True)
    page.get_by_role("button", name="Compiled").click()
    told = panel(page)
    for part in ("Compiled program".upper(), "memory: total", "compiled in", "0 matmul"):
        assert part in told, part
    page.locator("#panel .kernels .link").first.click()
    assert "Index notation".upper() in panel(page)
    assert page.locator("#scene .lit, #scene .selected").count() >= 1
    page.keyboard.press("Escape")
    page.locator("#panel .kernels .link").last.click()  # of the backward sweep: it has no box
    assert "backward" in panel(page)
    page.keyboard.press("v")
    assert page.locator("#scene .kernel").count() == 0


# --- texts are texts -----------------------------------------------------------------------


def test_texts_are_escaped(show: Open) -> None:
    evil = "<script>window.pwned = 1</script><img src=x onerror=window.pwned=2>"
    x = cr.input(evil)
    result = x * 2.0
    result.name = "</script><b>bold"
    graph = cr.ComputationalGraph(result)
    graph.forward({evil: 1.0})
    graph.backward()
    page = show(graph)
    page.locator("#scene .input .outline").click()
    page.fill("#search", "script")
    assert page.locator("#results button").count() == 2
    assert page.evaluate("window.pwned") is None
    assert page.locator("img, b").count() == 0
    assert evil in panel(page).replace("\n", "")
