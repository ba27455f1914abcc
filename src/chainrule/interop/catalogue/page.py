"""The Markdown page of a catalogue: for each group a table of names, then an entry for each row."""

from __future__ import annotations

import re
from inspect import cleandoc

from .row import Catalogue, Group, Row

PREAMBLE = """This page is written by `scripts/make_catalogue.py` from the table in
`chainrule.interop.catalogue`; the tests run every example and compare what it gives.

```python
import numpy as np
import chainrule as cr
from chainrule import functional as F, nn, optim
```
"""


def render(catalogue: Catalogue) -> str:
    """Return the text of the page."""
    parts = [f"# {catalogue.framework}", catalogue.introduction.strip(), PREAMBLE.strip()]
    for group in catalogue.groups:
        parts += _group(group)
    parts += [catalogue.closing.strip()] if catalogue.closing else []
    return "\n\n".join(parts) + "\n"


def _group(group: Group) -> list[str]:
    introduction = [group.introduction.strip()] if group.introduction else []
    lines = ["| there | here |", "|---|---|"]
    for row in group.rows:
        here = row.here.replace("|", "\\|")
        shown = f"`{here}`" if here else "not offered"
        lines.append(f"| [{_prose(row.name)}](#{_anchor(row.name)}) | {shown} |")
    table = "\n".join(lines)
    return [f"## {group.title}", *introduction, table, *(_entry(row) for row in group.rows)]


def _entry(row: Row) -> str:
    head = f"### {_prose(row.name)}\n\n{_prose(row.formula)}\n"
    if row.absent:
        return f"{head}\n- **Not offered:** {_prose(row.absent)}"
    facts = [
        f"- **Here:** `{row.here}`",
        f"- **Arguments:** {_prose(row.arguments)}",
        f"- **Differences:** {_prose(row.differences)}",
    ]
    return "\n".join([head, *facts, "", "```python", *_example(row), "```"])


def _example(row: Row) -> list[str]:
    """Return the lines of code, with what they give as a comment."""
    *before, last = cleandoc(row.code).splitlines()
    gives = f"# {row.gives!r}"
    together = f"{last}  {gives}"
    return [*before, together] if len(together) <= 100 else [*before, last, gives]


def _anchor(name: str) -> str:
    """Return the anchor that Markdown's table of contents gives a heading."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", name).strip().lower())


def _prose(text: str) -> str:
    """Escape what Markdown would take for markup, outside of `code`."""
    parts = text.split("`")
    parts[::2] = [re.sub(r"([*_<\[\]\\])", r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)
