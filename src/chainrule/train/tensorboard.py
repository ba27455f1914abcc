"""A log that TensorBoard reads."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from ..errors import MissingDependencyError
from .callbacks import Callback
from .history import Record
from .run import Run

_NO_SCALARS = ("kind", "epoch", "step")


class TensorBoard(Callback):
    """Write the numbers of all records into event files: ``tensorboard --logdir FOLDER``.

    Needs the package tensorboard (``pip install 'chainrule[tensorboard]'``). After a resume
    TensorBoard drops what an earlier process wrote beyond the checkpoint.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self._library = _Library()
        self._writer: Any = None

    def on_fit_start(self, run: Run) -> None:
        """Open a file, and tell the step from which its events count."""
        self._writer = self._library.EventFileWriter(str(self.folder))
        start = self._library.SessionLog(status=self._library.SessionLog.START)
        self._write(run.step + 1, session_log=start)

    def on_log(self, run: Run, record: Record) -> None:
        """Write the record of a step."""
        self._scalars("step", record)

    def on_epoch_end(self, run: Run, record: Record) -> None:
        """Write the record of an epoch, and all so far to the disk."""
        self._scalars("epoch", record)
        self._writer.flush()

    def on_fit_end(self, run: Run) -> None:
        """Close the file."""
        if self._writer is not None:
            self._writer.close()

    def _scalars(self, kind: str, record: Record) -> None:
        summary = self._library.Summary
        values = [
            summary.Value(tag=f"{kind}/{name}", simple_value=value)
            for name, value in record.items()
            if name not in _NO_SCALARS and isinstance(value, int | float)
        ]
        self._write(record["step"], summary=summary(value=values))

    def _write(self, step: int, **content: Any) -> None:
        event = self._library.Event(wall_time=time.time(), step=step, **content)
        self._writer.add_event(event)


class _Library:
    """The parts of the tensorboard package that are used, imported only when asked for."""

    def __init__(self) -> None:
        try:
            from tensorboard.compat.proto.event_pb2 import Event, SessionLog
            from tensorboard.compat.proto.summary_pb2 import Summary
            from tensorboard.summary.writer.event_file_writer import EventFileWriter
        except ImportError:
            raise MissingDependencyError(
                "TensorBoard", required="the package tensorboard",
                hint="pip install 'chainrule[tensorboard]'",
            ) from None  # fmt: skip
        self.Event, self.SessionLog = Event, SessionLog
        self.Summary, self.EventFileWriter = Summary, EventFileWriter
