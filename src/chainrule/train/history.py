"""The history of a run: a record of every epoch, and of every few steps, as lines of JSON."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import ArgumentError, CheckpointError
from .durable import replace_file

FILE = "history.jsonl"
Record = dict[str, Any]


class History:
    """What training has recorded: ``epochs`` and ``steps``, lists of dicts.

    An epoch's record has ``epoch`` (from 1), ``step``, ``loss``, the metrics, the same with
    ``validation_`` before them, ``learning_rate``, ``seconds``, ``samples_per_second``. A step's
    record has ``epoch``, ``step``, ``loss`` (mean since the record before) and ``learning_rate``.
    ``history["loss"]`` is the list of the epochs' values, NaN where one is missing; ArgumentError
    if no epoch has such a value.

    >>> history = History([{"kind": "epoch", "epoch": 1, "loss": 0.5}])
    >>> history["loss"]
    [0.5]
    """

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.epochs: list[Record] = []
        self.steps: list[Record] = []
        for record in records:
            self.append(record)

    def append(self, record: Record) -> None:
        """Add a record, of the kind ``"epoch"`` or ``"step"``."""
        (self.epochs if record["kind"] == "epoch" else self.steps).append(record)

    def __getitem__(self, name: str) -> list[Any]:
        if self.epochs and not any(name in record for record in self.epochs):
            raise ArgumentError(
                "history", required=f"one of {', '.join(self.names)}", received=repr(name)
            )
        values = [record.get(name) for record in self.epochs]
        return [math.nan if value is None else value for value in values]

    def __len__(self) -> int:
        return len(self.epochs)

    @property
    def names(self) -> list[str]:
        """The names of all numbers that the epochs have."""
        numbers = (
            name
            for record in self.epochs
            for name, value in record.items()
            if isinstance(value, int | float)
        )
        return list(dict.fromkeys(numbers))

    @classmethod
    def read(cls, folder: str | os.PathLike[str]) -> History:
        """Return the history in the folder of a run; CheckpointError if there is none."""
        path = Path(folder) / FILE
        try:
            return cls(intact_records(path.read_bytes())[0])
        except OSError as error:
            raise CheckpointError(
                str(path), required="the history of a run", received=error.strerror
            ) from None

    def __repr__(self) -> str:
        last = self.epochs[-1] if self.epochs else {}
        body = ", ".join(f"{k}={v:.4g}" for k, v in last.items() if isinstance(v, float))
        return f"History({len(self)} epochs{': ' if body else ''}{body})"


def intact_records(data: bytes) -> tuple[list[Record], int]:
    """Return the records before the first line that was left unfinished, and their length."""
    records: list[Record] = []
    length = 0
    for line in data.splitlines(keepends=True):
        try:
            record = json.loads(line) if line.endswith(b"\n") else None
        except ValueError:
            record = None
        if not isinstance(record, dict) or "kind" not in record:
            break
        records.append(record)
        length += len(line)
    return records, length


class HistoryFile:
    """The file to which a run appends its records, after those that it already has."""

    def __init__(self, folder: Path, before: bytes = b"") -> None:
        self.path = folder / FILE
        self.records, length = intact_records(before)
        replace_file(self.path, before[:length])
        # Unbuffered: a killed process loses no line that it has written.
        self._file = self.path.open("ab", buffering=0)

    def append(self, record: Record) -> None:
        """Write one line; numbers that JSON does not have become null."""
        plain = {name: _json_number(value) for name, value in record.items()}
        self._file.write((json.dumps(plain) + "\n").encode())

    def position(self) -> int:
        """Return the length of the file, all of it on the disk."""
        os.fsync(self._file.fileno())
        return self.path.stat().st_size

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _json_number(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
