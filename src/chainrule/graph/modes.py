"""Switches of the running thread: is the graph recorded, are anomalies hunted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ContextDecorator, contextmanager
from types import TracebackType
from typing import Any, Literal


class _Modes(threading.local):
    grad = True
    anomalies = False
    guarded = False  # is the loss that is computed checked by who computes it?
    trace: Any = None  # see trace.py
    tapes: tuple[Any, ...] = ()  # see tape.py
    call: Any = None  # of the module that runs now: nn.calls.Call


MODES = _Modes()


class _Switch(ContextDecorator):
    """A context manager and decorator that sets one switch and puts it back."""

    def __init__(self, name: str, value: bool) -> None:
        self._name = name
        self._value = value
        self._before: list[bool] = []

    def __enter__(self) -> None:
        self._before.append(getattr(MODES, self._name))
        setattr(MODES, self._name, self._value)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> Literal[False]:
        setattr(MODES, self._name, self._before.pop())
        return False


def no_grad() -> _Switch:
    """Switch recording off: results inside have no history (context manager or decorator).

    >>> from chainrule import tensor
    >>> x = tensor([1.0, 2.0], requires_grad=True)
    >>> with no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """
    return _Switch("grad", False)


def enable_grad() -> _Switch:
    """Switch recording on inside of ``no_grad``."""
    return _Switch("grad", True)


def detect_anomalies(enabled: bool = True) -> _Switch:
    """Hunt NaN and infinity: raise AnomalyError at the first node that produces one.

    Values are checked in the forward sweep, gradients in the backward sweep. With ``False`` the
    hunt pauses inside of the block.

    >>> from chainrule import log, tensor
    >>> with detect_anomalies():
    ...     log(tensor([1.0, -1.0]))
    Traceback (most recent call last):
        ...
    chainrule.errors.AnomalyError: log: produced 1 NaN of 2 values...
    """
    return _Switch("anomalies", enabled)


def guarded_loss() -> _Switch:
    """Say that the caller checks a loss by himself: no warning if it is not finite."""
    return _Switch("guarded", True)


@contextmanager
def grad_mode(enabled: bool) -> Iterator[None]:
    """Set recording to ``enabled`` inside of the block."""
    with _Switch("grad", enabled):
        yield
