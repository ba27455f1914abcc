"""The examples of all operations run: pytest finds those of functions, not those of records."""

from __future__ import annotations

import doctest
import inspect
from collections.abc import Callable
from typing import Any

import pytest

import chainrule.ops  # registers the operations
from chainrule.graph import FUNCTIONS, PRIMITIVES
from conftest import example_names

LISTED = {name: getattr(chainrule.ops, name) for name in chainrule.ops.__all__}
PUBLIC = {name: listed for name, listed in LISTED.items() if callable(listed)}
OPERATIONS = {**FUNCTIONS, **PRIMITIVES, **PUBLIC}


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_is_documented(name: str) -> None:
    assert inspect.getdoc(OPERATIONS[name])


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_public_operation_has_an_example(name: str) -> None:
    assert ">>>" in (inspect.getdoc(PUBLIC[name]) or "")


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_example_runs(name: str) -> None:
    failures = run_examples(name, OPERATIONS[name])
    assert failures == ""


def run_examples(name: str, operation: Callable[..., Any]) -> str:
    """Run the examples of a docstring; return what went wrong."""
    text = inspect.getdoc(operation) or ""
    names = {**OPERATIONS, **example_names("chainrule.ops")}
    test = doctest.DocTestParser().get_doctest(text, names, name, None, None)
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    return "".join(said)
