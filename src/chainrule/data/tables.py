"""Tables in text files: one row a sample, one column the target, the others the features."""

from __future__ import annotations

import csv as text
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import nan
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from ..dtypes import Array
from ..errors import ArgumentError, DataError
from .dataset import ArrayDataset
from .files import file_errors

Column = str | int
Task = Literal["auto", "classification", "regression"]
Row = tuple[int, list[str]]  # line number, cells
Targets = tuple[Array, Sequence[str] | None]  # values, names of the classes


def csv(
    path: str | os.PathLike[str],
    target: Column = -1,
    features: Sequence[Column] | None = None,
    *,
    delimiter: str = ",",
    header: bool | None = None,
    dtype: npt.DTypeLike = np.float32,
    classes: Sequence[str] | None = None,
    task: Task = "auto",
) -> ArrayDataset:
    """Read a table of numbers: inputs (N, F), and int64 labels (N,) or float values (N, 1).

    ``target`` and ``features`` are names or positions; features default to all other columns.
    By default the first line is a header if a column is named or none of its cells is a number.
    The task "auto" is classification if the targets are text, or are the whole numbers
    0 ... K - 1, each of them present; ``classes`` fixes the class order, so that two files agree.
    Raises DataError, naming line, column and value, for text or nothing where a number belongs,
    for rows of different lengths and for labels that are in no class.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "pets.csv").write_text("weight,kind\\n4,cat\\n30,dog\\n5,cat\\n")
    ...     pets = csv(folder + "/pets.csv", target="kind")
    >>> pets.inputs.tolist(), pets.targets.tolist(), pets.classes
    ([[4.0], [30.0], [5.0]], [0, 1, 0], ('cat', 'dog'))
    """
    number = np.dtype(dtype)
    if number.kind not in "iuf" or len(delimiter) != 1 or task not in get_args(Task):
        raise ArgumentError(
            "csv",
            required="a number type as dtype, one character as delimiter, "
            f"one of {', '.join(get_args(Task))} as task",
            received=f"{number}, {delimiter!r}, {task!r}",
        )
    if header is None and any(isinstance(column, str) for column in (target, *(features or ()))):
        header = True
    layout, rows = _take_header(_rows(path, delimiter), header, os.fspath(path))
    goal, columns = _choose(layout, target, features)
    inputs, cells, lines = [], [], []
    for line, row in rows:
        inputs.append(_features(row, columns, number, layout, line))
        cells.append(row[goal].strip())
        lines.append(line)
    if not inputs:
        raise DataError(layout.file, required="at least one row of data", received="none")
    targets, names = _targets(_TargetColumn(layout, goal, cells, lines), classes, task)
    if targets.dtype.kind == "f":
        targets = targets.astype(number if number.kind == "f" else np.float32)[:, None]
    return ArrayDataset(np.stack(inputs), targets, names, name=Path(path).stem)


@dataclass(frozen=True)
class _Layout:
    """The columns of a file: how many, their names if there is a header, errors that name them."""

    file: str
    width: int
    header: list[str] | None

    def index(self, column: Column) -> int:
        names = self.header or []
        if isinstance(column, str):
            if names.count(column) == 1:
                return names.index(column)
        elif -self.width <= column < self.width:
            return column % self.width
        choices = ", ".join(map(repr, names)) or f"0 to {self.width - 1} (no header)"
        received = repr(column) + (" twice" if names.count(str(column)) > 1 else "")
        raise DataError(f"{self.file}: column", required=f"one of {choices}", received=received)

    def error(self, line: int, column: int, required: str, cell: str) -> DataError:
        name = repr(self.header[column]) if self.header else str(column)
        return DataError(
            f"{self.file}: line {line}, column {name}",
            required=required,
            received=repr(cell.strip()) if cell.strip() else "an empty cell",
        )


@dataclass(frozen=True)
class _TargetColumn:
    """The cells of the target column with the lines they stand on."""

    layout: _Layout
    column: int
    cells: list[str]
    lines: list[int]

    def check(self, good: Array, required: str) -> None:
        """Raise an error that names the first row that is not good."""
        for i in np.flatnonzero(~good):
            raise self.layout.error(self.lines[i], self.column, required, self.cells[i])


def _rows(path: str | os.PathLike[str], delimiter: str) -> Iterator[Row]:
    """Yield the lines that are not blank, all of one width."""
    name = os.fspath(path)
    width = 0
    with (
        file_errors(name, "a readable table"),
        open(path, newline="", encoding="utf-8-sig") as file,
    ):
        reader = text.reader(file, delimiter=delimiter)
        try:
            for row in filter(None, reader):
                width = width or len(row)
                if len(row) != width:
                    raise DataError(
                        f"{name}: line {reader.line_num}",
                        required=f"{width} columns like the first line",
                        received=str(len(row)),
                    )
                yield reader.line_num, row
        except (text.Error, UnicodeDecodeError) as error:
            raise DataError(
                f"{name}: after line {reader.line_num}",
                required="a table in UTF-8 text",
                received=str(error),
            ) from None


def _take_header(
    rows: Iterator[Row], header: bool | None, file: str
) -> tuple[_Layout, Iterator[Row]]:
    """Return the layout and the rows of data."""
    first = next(rows, None)
    if first is None:
        raise DataError(file, required="at least one row of data", received="an empty file")
    _, cells = first
    if header is None:
        header = bool(np.isnan(_numbers(cells)).all())
    if header:
        return _Layout(file, len(cells), [cell.strip() for cell in cells]), rows
    return _Layout(file, len(cells), None), chain([first], rows)


def _choose(
    layout: _Layout, target: Column, features: Sequence[Column] | None
) -> tuple[int, list[int]]:
    """Return the positions of the target and of the features."""
    goal = layout.index(target)
    if features is not None:
        columns = [layout.index(column) for column in features]
    else:
        columns = [i for i in range(layout.width) if i != goal]
    if not columns:
        raise DataError(
            layout.file,
            required="at least one feature column beside the target",
            received=f"{layout.width} column",
            hint="is the delimiter right?",
        )
    return goal, columns


def _number(cell: str) -> float:
    """Return the finite number in a cell, else NaN."""
    try:
        value = float(cell)
    except ValueError:
        return nan
    return value if abs(value) < np.inf else nan


def _numbers(cells: Sequence[str]) -> Array:
    return np.array([_number(cell) for cell in cells], np.float64)


def _features(
    row: list[str], columns: list[int], dtype: np.dtype[np.generic], layout: _Layout, line: int
) -> Array:
    values = _numbers([row[i] for i in columns])
    with np.errstate(all="ignore"):  # what does not fit is found and reported below
        converted = values.astype(dtype)
    exact = dtype.kind == "f" or converted == values
    for i in np.flatnonzero(~(np.isfinite(values) & np.isfinite(converted) & exact)):
        raise layout.error(line, columns[i], f"a {dtype} number", row[columns[i]])
    return converted


def _targets(column: _TargetColumn, classes: Sequence[str] | None, task: Task) -> Targets:
    """Return int64 labels with the names of their classes, or float64 values."""
    column.check(np.array([cell != "" for cell in column.cells]), "a target")
    if classes is not None:
        return _labels(column, classes), classes
    values = _numbers(column.cells)
    is_number = ~np.isnan(values)
    if task == "regression" or (task == "auto" and is_number.any()):
        column.check(is_number, "a number as target")
    if task == "regression":
        return values, None
    if not is_number.all():
        texts, labels = np.unique(column.cells, return_inverse=True)
        return labels.astype(np.int64), [str(name) for name in texts]
    found, labels = np.unique(values, return_inverse=True)
    counts_up = len(found) > 1 and np.array_equal(found, np.arange(len(found)))
    if task == "auto" and not counts_up:
        return values, None
    return labels.astype(np.int64), [np.format_float_positional(v, trim="-") for v in found]


def _labels(column: _TargetColumn, classes: Sequence[str]) -> Array:
    """Look the targets up among the names of the classes, or take them as class indices."""
    index = {name: i for i, name in enumerate(classes)}
    known = np.array([cell in index for cell in column.cells])
    if known.any():
        column.check(known, f"one of the classes {', '.join(classes)}")
        return np.array([index[cell] for cell in column.cells], np.int64)
    values = _numbers(column.cells)
    allowed = np.isin(values, np.arange(len(classes)))
    column.check(allowed, f"one of the classes {', '.join(classes)}, or 0 to {len(classes) - 1}")
    return values.astype(np.int64)
