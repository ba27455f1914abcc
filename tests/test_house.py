"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "chainrule"
MODULES = sorted(PACKAGE.rglob("*.py"))
FORBIDDEN = {
    "a path of somebody's machine": r"/home/\w|/root/|/Users/\w|[A-Za-z]:\\\\?Users",
    "unfinished work": r"\b(?:TODO|FIXME|XXX)\b",
}


def names(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_the_package_is_found() -> None:
    assert PACKAGE / "errors.py" in MODULES


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_mentions(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{names(path)}:{number}: {line.strip()}"
        for path in MODULES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


def parsed() -> dict[str, ast.Module]:
    return {names(path): ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}


def test_every_module_has_a_docstring() -> None:
    assert [name for name, tree in parsed().items() if not ast.get_docstring(tree)] == []


def test_every_module_with_annotations_postpones_them() -> None:
    eager = []
    for name, tree in parsed().items():
        annotated = any(isinstance(n, ast.FunctionDef | ast.AnnAssign) for n in ast.walk(tree))
        future = any(isinstance(n, ast.ImportFrom) and n.module == "__future__" for n in tree.body)
        if annotated and not future:
            eager.append(name)
    assert eager == []
