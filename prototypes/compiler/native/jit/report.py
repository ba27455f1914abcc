"""What a compiled program tells about itself."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ..compiler.text import describe

_WIDTH = 96


class Timings:
    """How long the stages of compilation took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def mark(self, stage: str) -> None:
        """Note that a stage has ended."""
        now = time.perf_counter()
        self.seconds[stage] = now - self._last
        self._last = now

    def describe(self) -> str:
        """Return one line: ``compiled in 0.25 s: trace 0.02, ...``."""
        parts = ", ".join(f"{stage} {seconds:.3f}" for stage, seconds in self.seconds.items())
        return f"compiled in {sum(self.seconds.values()):.3f} s: {parts}"


def kernel_table(kernels: Sequence[Any], units: Sequence[int], clock: Sequence[int]) -> list[str]:
    """Return a line for each kernel: its share of the last run's time, units of work, notation.

    The clock holds the processor's cycle counter after each kernel; the first kernel of a run has
    no time of its own.
    """
    spans = [0, *(max(0, b - a) for a, b in pairwise(clock))][: len(kernels)]
    total = sum(spans) or 1
    lines = []
    for number, (kernel, count, span) in enumerate(zip(kernels, units, spans, strict=True)):
        text = describe(kernel)
        text = text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."
        lines.append(f"{number:4} {span / total:6.1%} {count:6} units  {text}")
    return lines
