"""Sample calls of every function in ``chainrule.functional``: a test fails for one without any.

One family file each, mirroring ``chainrule.functional``: it holds ``SAMPLES``; ``record`` says
what a sample is. Tests take ``ALL`` and so find a new family by themselves.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from .record import Sample, probabilities, spaced

__all__ = ["ALL", "Sample", "probabilities", "spaced"]

FAMILIES = sorted({m.name for m in pkgutil.iter_modules(__path__)} - {"record"})
ALL: list[Sample] = [
    sample for name in FAMILIES for sample in import_module(f"{__name__}.{name}").SAMPLES
]
