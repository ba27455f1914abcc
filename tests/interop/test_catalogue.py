"""Every row of the catalogues: complete, names that exist, code that gives what it says."""

from __future__ import annotations

import ast
import inspect
import re
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import functional, nn, optim
from chainrule.graph import Tensor
from chainrule.interop.catalogue import CATALOGUES, Catalogue, Row

SCRIPT = Path(__file__).parents[2] / "scripts" / "make_catalogue.py"
NAMES = {"cr": cr, "nn": nn, "F": functional, "optim": optim, "np": np}
DOTTED = re.compile(r"\b((?:cr|nn|F|optim)(?:\.[A-Za-z_]\w*)+)")

ROWS = [
    pytest.param(row, id=f"{catalogue.page}-{row.name}")
    for catalogue in CATALOGUES
    for row in catalogue.rows
]


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda c: c.page)
def test_names_are_listed_once(catalogue: Catalogue) -> None:
    names = [row.name for row in catalogue.rows]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("row", ROWS)
def test_no_row_has_an_empty_field(row: Row) -> None:
    assert row.name
    assert row.formula
    offered = (row.here, row.arguments, row.differences, row.code)
    if row.absent:
        assert not any(offered)
        assert row.gives is None
    else:
        assert all(offered)


@pytest.mark.parametrize("row", ROWS)
def test_the_names_exist(row: Row) -> None:
    for name in DOTTED.findall(row.here):
        first, *rest = name.split(".")
        value: Any = NAMES[first]
        for part in rest:
            assert hasattr(value, part), name
            value = getattr(value, part)


@pytest.mark.parametrize("row", [p for p in ROWS if not p.values[0].absent])
def test_the_code_gives_what_it_says(row: Row) -> None:
    assert_gives(plain(run(row.code)), plain(row.gives))


def run(code: str) -> Any:
    """Run lines of code; return the value of the last."""
    cr.manual_seed(0)
    space: dict[str, Any] = dict(NAMES)
    *lines, last = ast.parse(inspect.cleandoc(code)).body
    assert isinstance(last, ast.Expr)
    exec(compile(ast.Module(lines, []), "row", "exec"), space)
    return eval(compile(ast.Expression(last.value), "row", "eval"), space)


def plain(value: Any) -> Any:
    """Return lists and numbers for tensors, arrays and tuples."""
    if isinstance(value, Tensor | np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return value


def assert_gives(found: Any, expected: Any) -> None:
    """Compare lists of numbers; floats to four digits."""
    assert type(found) is type(expected) or isinstance(found, int | float)
    if isinstance(expected, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_gives(one, other)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-4, nan_ok=True)
    else:
        assert found == expected


def test_the_pages_are_up_to_date() -> None:
    for path, text in runpy.run_path(str(SCRIPT))["PAGES"].items():
        assert path.read_text(encoding="utf-8") == text
