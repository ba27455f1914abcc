"""The reference shows docstrings as they were written."""

from __future__ import annotations

import runpy
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "extensions" / "docstrings.py"
as_markdown = runpy.run_path(str(SCRIPT))["as_markdown"]


def test_a_session_is_fenced_until_its_paragraph_ends() -> None:
    assert as_markdown("Add.\n\n>>> 1 + 1\n2\n>>> 3\n3\n\nMore.") == (
        "Add.\n\n```pycon\n>>> 1 + 1\n2\n>>> 3\n3\n```\n\nMore."
    )


def test_formulas_are_escaped_outside_of_code_only() -> None:
    assert as_markdown("e**x and <u, v> in ``f(**k) <`` is x**2") == (
        r"e\*\*x and &lt;u, v> in ``f(**k) <`` is x\*\*2"
    )
    assert "2 ** 3 < 9" in as_markdown(">>> 2 ** 3 < 9\nTrue")


def test_an_indented_block_is_code() -> None:
    assert as_markdown("In short::\n\n    f(**k) < 1\n\nx**2") == (
        "In short:\n\n    f(**k) < 1\n\n" + r"x\*\*2"
    )
