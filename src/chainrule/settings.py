"""Switches that the environment sets: name, default, meaning, in one table."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from . import dtypes
from .errors import ArgumentError


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
CACHE_DIR = Setting(
    "CHAINRULE_CACHE_DIR", "~/.cache/chainrule/kernels", "where compiled kernels are kept"
)
CACHE_MB = Setting(
    "CHAINRULE_CACHE_MB", "256", "how many megabytes of compiled kernels are kept; 0 keeps none"
)
ALL = [DATA_DIR, CACHE_DIR, CACHE_MB]

DEFAULT_FLOAT = dtypes.float32  # of Python floats, of layers and of division of integers


def data_directory() -> Path:
    """Return the folder in which downloaded data sets are kept."""
    return Path(DATA_DIR.get()).expanduser()


def cache_directory() -> Path:
    """Return the folder in which compiled kernels are kept."""
    return Path(CACHE_DIR.get()).expanduser()


def cache_bytes() -> int:
    """Return how many bytes of compiled kernels are kept on disk."""
    text = CACHE_MB.get()
    try:
        return max(0, int(float(text) * 1024**2))
    except (ValueError, OverflowError):
        raise ArgumentError(
            CACHE_MB.name, required="a number of megabytes", received=repr(text)
        ) from None
