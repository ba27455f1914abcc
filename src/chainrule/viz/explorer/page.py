"""One self-contained HTML file: template, style, scripts and data joined; nothing to load."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

SCRIPTS = (
    "state", "numbers", "sizes", "layout", "lines", "draw", "camera", "scalars", "chain", "panel",
    "program", "search", "steps", "main",
)  # fmt: skip
_PLACE = re.compile(r"/\*\{(\w+)\}\*/")


def build(data: dict[str, Any]) -> str:
    """Return the page that shows what ``collect`` found."""
    parts = {
        "style": _asset("style.css"),
        "script": "\n".join(_asset(f"{name}.js") for name in SCRIPTS),
        "data": embedded(data),
    }
    return _PLACE.sub(lambda found: parts[found[1]], _asset("page.html"))


def embedded(data: Any) -> str:
    r"""Return JSON that may stand in a script element, whatever texts it holds.

    >>> embedded({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return "".join(c if not 0xD800 <= ord(c) <= 0xDFFF else f"\\u{ord(c):04x}" for c in text)


def _asset(name: str) -> str:
    return (files(__package__) / "page" / name).read_text(encoding="utf-8")
