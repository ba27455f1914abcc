"""Show docstrings as they were written: to Markdown `>>>` is a quotation and ** is bold."""

from __future__ import annotations

import re
from typing import Any

import griffe

# A session ends with its paragraph, as it does for doctest.
SESSION = re.compile(r"^(?P<indent>[ ]*)>>> .*(?:\n[ ]*\S.*)*", re.MULTILINE)
# What Markdown leaves alone: fenced, inline and indented code.
CODE = re.compile(r"```.*?```|(`+)(?!`).+?(?<!`)\1(?!`)|(?:(?<=\n)    [^\n]*)", re.DOTALL)


def as_markdown(text: str) -> str:
    """Fence the ``>>>`` sessions of a docstring and escape its formulas."""
    text = SESSION.sub(lambda m: f"{m['indent']}```pycon\n{m[0]}\n{m['indent']}```", text)
    text = re.sub(r"::$", ":", text, flags=re.MULTILINE)
    parts, end = [], 0
    for code in CODE.finditer(text):
        parts += [_escape(text[end : code.start()]), code[0]]
        end = code.end()
    return "".join(parts) + _escape(text[end:])


def _escape(prose: str) -> str:
    return prose.replace("**", r"\*\*").replace("<", "&lt;")


class Docstrings(griffe.Extension):
    """Rewrite each docstring as it is read."""

    def on_instance(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Rewrite one object's docstring."""
        if obj.docstring:
            obj.docstring.value = as_markdown(obj.docstring.value)
