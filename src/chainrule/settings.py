"""Switches that the environment sets: name, default, meaning, in one table."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from . import dtypes


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, its default and what it means."""

    name: str
    default: str
    meaning: str

    def get(self) -> str:
        """Return the value that the environment gives, or the default."""
        return os.environ.get(self.name, self.default)


DATA_DIR = Setting(
    "CHAINRULE_DATA_DIR", "~/.cache/chainrule/data", "where downloaded data sets are kept"
)
ALL = [DATA_DIR]

DEFAULT_FLOAT = dtypes.float32  # of Python floats, of layers and of division of integers


def data_directory() -> Path:
    """Return the folder in which downloaded data sets are kept."""
    return Path(DATA_DIR.get()).expanduser()
