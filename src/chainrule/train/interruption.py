"""Ctrl-C and SIGTERM: finish the step, save, and say how to go on."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from ..errors import ChainruleError
from .history import History

_NAMES = {signal.SIGINT: "Ctrl-C"}


class TrainingInterrupted(ChainruleError, KeyboardInterrupt):  # noqa: N818  (not an error)
    """Training was asked to stop, and did so in good order.

    ``history`` is what was recorded, ``checkpoint`` the folder of the checkpoint that was saved
    (None where training saves none), ``signal`` the signal that asked.
    """

    def __init__(
        self, signal: signal.Signals, where: str, history: History, checkpoint: Path | None,
        folder: Path | None,
    ) -> None:  # fmt: skip
        if folder is None:
            hint = "nothing was saved: give fit a folder, checkpoint=..., to be able to go on"
        else:
            hint = f"saved in {str(folder)!r}: go on with fit(..., resume=True)"
        cause = _NAMES.get(signal, signal.name)
        super().__init__(f"training interrupted by {cause} after {where}", hint=hint)
        self.signal = signal
        self.history = history
        self.checkpoint = checkpoint


class Interruption:
    """Context manager that notes SIGINT and SIGTERM instead of letting them break a step.

    A second signal breaks it all the same. Outside of the main thread, where Python delivers no
    signals, nothing is changed.
    """

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            # A handler that was not installed from Python reads as None and cannot be put back.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        self._before.clear()

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.signal is not None:
            raise KeyboardInterrupt
        self.signal = signal.Signals(number)
