"""Kernels as text in index notation."""

from __future__ import annotations

from typing import Any


def describe(kernel: Any) -> str:
    """Return a kernel as one line of index notation."""
    return repr(kernel)
