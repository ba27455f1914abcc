"""What a compiled function tells about its program: kernels, work, time, memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..compiler.ir import Kernel, print_kernel
from .program import LoadedProgram
from .work import flops, traffic

_WIDTH = 88
_COLUMNS = ("kernel", "flops", "bytes", "us", "GFLOP/s", "GB/s", "index notation")


class Report:
    """The figures of one program; ``str()`` shows them as text."""

    def __init__(self, program: LoadedProgram) -> None:
        build = program.compilation
        self._what, self._threads = build.what, program.executable.threads
        self._plan, self._seconds = build.memory_plan(), program.seconds
        times = program.profile()
        kernels = build.compiled.program.kernels
        self._rows = [_row(n, k, t) for n, (k, t) in enumerate(zip(kernels, times, strict=True))]

    def table(self) -> list[dict[str, Any]]:
        """Return a dict for each kernel: number, flops, bytes, seconds, rates, index notation."""
        return self._rows

    def __str__(self) -> str:
        total = sum(row["seconds"] for row in self._rows)
        lines = [
            f"{self._what}: {len(self._rows)} kernels, {_threads(self._threads)}, "
            f"{total * 1e6:,.1f} us",
            "memory: " + ", ".join(f"{part} {n:,}" for part, n in self._plan.items()) + " bytes",
            f"compiled in {sum(self._seconds.values()):.3f} s: "
            + ", ".join(f"{stage} {seconds:.3f}" for stage, seconds in self._seconds.items()),
            *_aligned([_COLUMNS, *map(_cells, self._rows)]),
        ]
        return "\n".join(lines)

    __repr__ = __str__


def _row(number: int, kernel: Kernel, seconds: float) -> dict[str, Any]:
    operations, moved = flops(kernel), traffic(kernel)
    return {
        "kernel": number, "flops": operations, "bytes": moved, "seconds": seconds,
        "gflops": _rate(operations, seconds), "gbytes": _rate(moved, seconds),
        "notation": print_kernel(kernel),
    }  # fmt: skip


def _rate(amount: int, seconds: float) -> float:
    return amount / seconds * 1e-9 if seconds else math.nan


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        str(row["kernel"]), f"{row['flops']:,}", f"{row['bytes']:,}", f"{row['seconds'] * 1e6:.1f}",
        f"{row['gflops']:.1f}", f"{row['gbytes']:.1f}", _short(row["notation"]),
    )  # fmt: skip


def _short(notation: str) -> str:
    """Return a kernel's text on one line."""
    text = "; ".join(" ".join(line.split()) for line in notation.strip().splitlines())
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Align all columns at the right, but the last one at the left."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(_COLUMNS) - 1)]
    return [
        "  ".join([cell.rjust(n) for cell, n in zip(row, widths, strict=False)] + [row[-1]])
        for row in rows
    ]
