"""Which modules are being called right now: what nodes remember, errors name, observers see."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import ChainruleError
from ..graph import MODES
from ..graph.location import describe, user_location

if TYPE_CHECKING:
    from .module import Module

Observer = Callable[["Module", Any], None]


class Call:
    """One call of a module: ``module``, and ``outer``, the call that it is a part of (or None).

    Every node that is made while it runs remembers it as ``node.call``, in eager and in symbolic
    graphs alike. A module that is called twice has two calls.

    >>> model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    >>> y = model(cr.input("x", shape=(1, 2)))
    >>> y.call
    <call of Sequential.1 (ReLU)>
    >>> y.call.path, y.call.outer.module is model, y.call.outer.outer
    ('1', True, None)
    """

    __slots__ = ("module", "outer")

    def __init__(self, module: Module, outer: Call | None) -> None:
        self.module = module
        self.outer = outer

    @property
    def name(self) -> str:
        """How the module is called in the one whose call is around it: ``0``, ``branch.conv``.

        The outermost module has none, ``""``; one that is not held by the other, its class's.
        """
        if self.outer is None:
            return ""
        modules = self.outer.module.named_modules()
        found = (name for name, module in modules if module is self.module and name)
        return next(found, f"<{type(self.module).__name__}>")

    @property
    def path(self) -> str:
        """The names from the outermost module to this one: ``encoder.0.branch.conv``."""
        names = []
        call = self
        while call.outer is not None:
            names.append(call.name)
            call = call.outer
        return ".".join(reversed(names))

    @property
    def outermost(self) -> Call:
        """The call that all is a part of."""
        call = self
        while call.outer is not None:
            call = call.outer
        return call

    def __repr__(self) -> str:
        root = type(self.outermost.module).__name__
        return f"<call of {path_of(root, self.path, self.module)}>"


class _Observing(threading.local):
    observer: Observer | None = None


OBSERVING = _Observing()


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """Call ``observer(module, output)`` after every call of a module inside the block."""
    before = OBSERVING.observer
    OBSERVING.observer = observer
    try:
        yield
    finally:
        OBSERVING.observer = before


def path_of_calls() -> str:
    """Return where the innermost running module is: ``Sequential.2 (Linear)``."""
    call: Call = MODES.call
    return path_of(type(call.outermost.module).__name__, call.path, call.module)


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
