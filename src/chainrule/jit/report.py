"""What a compiled function tells about its program: kernels, work, time, memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..compiler.ir import Kernel, Origin, print_kernel
from .program import LoadedProgram
from .roofline import Roofline, roofline
from .work import flops, traffic

_WIDTH = 88
_COLUMNS = ("kernel", "flops", "bytes", "us", "GFLOP/s", "GB/s", "of peak", "index notation")
_KINDS = {"memory": "met before", "disk": "from the cache", "compiled": "compiled anew"}


class Report:
    """The figures of one program; ``str()`` shows them as text, the attributes are for tools.

    ``compile_seconds`` has the seconds of each stage of compilation; ``kernels_found`` says how
    many kernels this process had already ("memory"), were in the cache ("disk") and were
    "compiled"; ``notes`` what was chosen and why; ``peak`` what this machine can do at most.
    """

    def __init__(self, program: LoadedProgram, runs: int = 3) -> None:
        build = program.compilation
        self.what, self.threads = build.what, program.executable.threads
        self.memory_plan, self.compile_seconds = build.memory_plan(), program.seconds
        found = [part.loading.counts() for part in program.parts]
        self.kernels_found = {kind: sum(counts[kind] for counts in found) for kind in found[0]}
        self.notes = list(dict.fromkeys(build.compiled.program.notes))
        times = program.profile(runs)
        self.peak: Roofline = roofline(self.threads)
        kernels = build.compiled.program.kernels
        self._rows = [
            _row(n, k, t, self.peak, n < build.compiled.prologue)
            for n, (k, t) in enumerate(zip(kernels, times, strict=True))
        ]

    def table(self) -> list[dict[str, Any]]:
        """Return a dict for each kernel, in the order in which they run.

        ``kernel`` (its number), ``layer`` (path of the module) and ``phase`` ("forward", "backward"
        or "update") of its main node, ``nodes`` (the operations that were fused into it, the main
        one first), ``paths`` (the modules' of each), ``lines`` (the user's, that made them),
        ``flops``, ``bytes``, ``seconds``, ``gflops`` and ``gbytes`` (a second, 10^9), ``of_peak``
        (the greater share of the machine's two measured peaks; above 1 for data in a cache),
        ``notation``, and ``once``: whether it runs only when parameters have changed.
        """
        return self._rows

    def __str__(self) -> str:
        total = sum(row["seconds"] for row in self._rows if not row["once"])
        once = sum(row["once"] for row in self._rows)
        found = ", ".join(f"{n} {_KINDS[kind]}" for kind, n in self.kernels_found.items() if n)
        stages = self.compile_seconds
        lines = [
            f"{self.what}: {len(self._rows)} kernels, {_threads(self.threads)}, "
            f"{total * 1e6:,.1f} us"
            + (f"; the first {once} run only when parameters have changed" if once else ""),
            f"this machine, measured: {self.peak}",
            "memory: " + ", ".join(f"{k} {n:,}" for k, n in self.memory_plan.items()) + " bytes",
            f"compiled in {sum(stages.values()):.3f} s: "
            + ", ".join(f"{stage} {seconds:.3f}" for stage, seconds in stages.items()),
            f"kernels: {found or 'none'}",
            *(f"note: {note}" for note in self.notes),
        ]
        table = _aligned([_COLUMNS, *map(_cells, self._rows)])
        lines.append(table[0])
        for text, row in zip(table[1:], self._rows, strict=True):
            lines += [text, _indented(row)]
        return "\n".join(lines)

    __repr__ = __str__


def _row(number: int, kernel: Kernel, seconds: float, peak: Roofline, once: bool) -> dict[str, Any]:
    operations, moved = flops(kernel), traffic(kernel)
    origins = kernel.origins or (Origin("unknown"),)
    return {
        "kernel": number, "layer": origins[0].path, "phase": origins[0].phase,
        "nodes": [origin.name for origin in origins],
        "paths": [origin.path for origin in origins],
        "lines": list(dict.fromkeys(origin.line for origin in origins if origin.line)),
        "flops": operations, "bytes": moved, "seconds": seconds,
        "gflops": _rate(operations, seconds), "gbytes": _rate(moved, seconds),
        "of_peak": peak.share(operations, moved, seconds), "notation": print_kernel(kernel),
        "once": once,
    }  # fmt: skip


def _rate(amount: int, seconds: float) -> float:
    return amount / seconds * 1e-9 if seconds else 0.0


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        str(row["kernel"]), f"{row['flops']:,}", f"{row['bytes']:,}", f"{row['seconds'] * 1e6:.1f}",
        f"{row['gflops']:.1f}", f"{row['gbytes']:.1f}", f"{row['of_peak']:.0%}",
        _short("; ".join(" ".join(x.split()) for x in row["notation"].strip().splitlines())),
    )  # fmt: skip


def _indented(row: dict[str, Any]) -> str:
    """Return what a kernel computes: phase, layer, operations, the user's lines."""
    parts = [
        row["phase"], row["layer"], " + ".join(dict.fromkeys(row["nodes"])), ", ".join(row["lines"])
    ]  # fmt: skip
    return "        " + _short("; ".join(filter(None, parts)))


def _short(text: str) -> str:
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Align all columns at the right, but the last one at the left."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(_COLUMNS) - 1)]
    return [
        "  ".join([cell.rjust(n) for cell, n in zip(row, widths, strict=False)] + [row[-1]])
        for row in rows
    ]
