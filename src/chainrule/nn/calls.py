"""Which modules are being called right now: the path that errors name, and observers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..errors import ChainruleError
from ..graph.location import describe, user_location

if TYPE_CHECKING:
    from .module import Module

Observer = Callable[["Module", Any], None]


class _Calls(threading.local):
    def __init__(self) -> None:
        self.stack: list[Module] = []  # the outermost first
        self.observer: Observer | None = None


CALLS = _Calls()


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """Call ``observer(module, output)`` after every call of a module inside the block."""
    before = CALLS.observer
    CALLS.observer = observer
    try:
        yield
    finally:
        CALLS.observer = before


def path_of_calls() -> str:
    """Return where the innermost running module is: ``Sequential.2 (Linear)``."""
    stack = CALLS.stack
    names = []
    for parent, child in pairwise(stack):
        found = (name for name, module in parent.named_modules() if module is child and name)
        names.append(next(found, f"<{type(child).__name__}>"))
    return path_of(type(stack[0]).__name__, ".".join(names), stack[-1])


def path_of(root: str, path: str, module: Module) -> str:
    """Return how a module below a root (the name of its class) is called: by path and class."""
    return f"{root}.{path} ({type(module).__name__})" if path else root


def tell_where(error: Exception) -> None:
    """Add the path of the running module to an error, once: the innermost module speaks."""
    if vars(error).setdefault("told_where", False):
        return
    vars(error)["told_where"] = True
    path = f"in {path_of_calls()}"
    if isinstance(error, ChainruleError):
        error.where = ", ".join(filter(None, [error.where or describe(user_location()), path]))
    else:
        error.add_note(path)
