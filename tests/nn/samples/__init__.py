"""Samples of every Module class in ``chainrule.nn``: a test fails for a class without any.

One family file each, mirroring ``chainrule.nn``: it holds ``SAMPLES``; ``record`` says what a
sample is. Tests take ``ALL`` and so find a new family by themselves.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from .record import Sample

__all__ = ["ALL", "MODES", "Sample"]

FAMILIES = sorted({m.name for m in pkgutil.iter_modules(__path__)} - {"record"})
ALL: list[Sample] = [
    sample for name in FAMILIES for sample in import_module(f"{__name__}.{name}").SAMPLES
]
MODES = [(sample, mode) for sample in ALL for mode in sample.modes]
