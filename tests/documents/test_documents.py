"""The README and the documentation run: every Python block of a page, in order, in one namespace.

A fenced ``python`` block is executed; one written as a ``>>>`` session must print what it shows.
A block after the comment ``<!-- not executed -->`` is left alone.
"""

from __future__ import annotations

import doctest
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chainrule.graph import FUNCTIONS, PRIMITIVES

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(
    r"(?P<marker><!-- not executed -->\s*)?"
    r"^(?P<indent>[ ]*)```(?:python|pycon)\b[^\n]*\n(?P<code>.*?)^(?P=indent)```[ ]*$",
    re.DOTALL | re.MULTILINE,
)
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    code: str
    line: int  # lines of the page before the code

    @property
    def is_session(self) -> bool:
        return self.code.lstrip().startswith(">>>")


def blocks(text: str) -> Iterator[Block]:
    for match in FENCE.finditer(text):
        if not match["marker"]:
            yield Block(textwrap.dedent(match["code"]), text[: match.start("code")].count("\n"))


def run_page(text: str, name: str) -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(text):
        if block.is_session:
            run_session(block, name, namespace)
        else:
            # Blank lines in front make a traceback name the line of the page.
            exec(compile("\n" * block.line + block.code, name, "exec"), namespace)


def run_session(block: Block, name: str, namespace: dict[str, Any]) -> None:
    session = doctest.DocTestParser().get_doctest(block.code, {}, name, name, block.line)
    session.globs = namespace  # the parser would copy it, and later blocks would miss its names
    runner = doctest.DocTestRunner(optionflags=OPTIONS, verbose=False)
    report: list[str] = []
    runner.run(session, out=report.append, clear_globs=False)
    assert not report, "".join(report)


PAGES = [
    page
    for page in [*ROOT.glob("README.md"), *sorted((ROOT / "docs").rglob("*.md"))]
    if any(blocks(page.read_text(encoding="utf-8")))
]


@pytest.fixture
def registries() -> Iterator[None]:
    """Forget the operations that a page registers."""
    saved = [(table, dict(table)) for table in (FUNCTIONS, PRIMITIVES)]
    yield
    for table, before in saved:
        table.clear()
        table.update(before)


@pytest.mark.usefixtures("registries")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # what a page saves stays out of the repository
    run_page(page.read_text(encoding="utf-8"), str(page))


def test_names_are_carried_from_block_to_block() -> None:
    run_page("```python\nx = 2\n```\ntext\n```pycon\n>>> x + 1\n3\n>>> y = 5\n```\n", "page")
    with pytest.raises(ZeroDivisionError):
        run_page("```pycon\n>>> y = 0\n```\n```python\n1 / y\n```\n", "page")


def test_a_session_must_print_what_it_shows() -> None:
    with pytest.raises(AssertionError, match=r"Expected:\s+3\s+Got:\s+2"):
        run_page("```python\n>>> 1 + 1\n3\n```\n", "page")


def test_an_error_names_the_line_of_the_page() -> None:
    with pytest.raises(ZeroDivisionError) as info:
        run_page("# Title\n\n- item\n\n    ```python\n    x = 0\n    1 / x\n    ```\n", "page")
    assert info.traceback[-1].lineno + 1 == 7


def test_only_python_without_the_marker_is_executed() -> None:
    run_page("<!-- not executed -->\n```python\n1 / 0\n```\n```console\n$ make\n```\n", "page")
    with pytest.raises(ZeroDivisionError):
        run_page("<!-- another comment -->\n```python\n1 / 0\n```\n", "page")
