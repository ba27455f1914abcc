"""The user's line: the innermost frame that is not chainrule's own."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

_PACKAGE = str(Path(__file__).parent.parent) + "/"
Location = tuple[str, int]


def user_location() -> Location | None:
    """Return file and line of the caller outside of the package."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        filename = frame.f_code.co_filename
        if not filename.startswith(_PACKAGE):
            return filename, frame.f_lineno
        frame = frame.f_back
    return None


def describe(location: Location | None) -> str:
    """Return ``file.py:12``, with the folder left out."""
    return "" if location is None else f"{Path(location[0]).name}:{location[1]}"
