"""``chainrule time``: how long each layer takes in a compiled training step."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..dtypes import Array
from ..graph import Tensor
from ..jit import CompiledFunction, compile
from ..jit.report import Report
from ..models import Recipe
from ..nn import Module
from ..nn.calls import path_of
from ..ops.random import manual_seed
from .inspection import dimensions
from .runs import resolve

if TYPE_CHECKING:
    from rich.table import Table

PHASES = ("forward", "backward", "update")
_WIDEST = 1_000
_OUTSIDE = "(loss)"  # what no module computes


@dataclass(frozen=True)
class TimeOptions:
    """What to time: the shape of the samples, how many, on how many threads, how often."""

    shape: str | None
    classes: int | None
    batch_size: int | None
    threads: int | None
    repeats: int
    regression: bool
    seed: int


@dataclass
class Layer:
    """What one layer did in a step; seconds of each phase."""

    name: str
    parameters: int = 0
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PHASES, 0.0))
    flops: int = 0
    bytes: int = 0

    @property
    def total(self) -> float:
        """Seconds of all phases."""
        return sum(self.seconds.values())

    def rate(self, amount: int) -> float:
        """Return an amount of operations or bytes a second, in 10^9."""
        return amount / self.total * 1e-9 if self.total else 0.0

    def of_peak(self, report: Report) -> float:
        """Return the share of the machine's peak that the layer reaches."""
        return report.peak.share(self.flops, self.bytes, self.total)

    def add(self, row: dict[str, Any]) -> None:
        """Add a kernel, as a report lists it."""
        self.seconds[row["phase"]] += row["seconds"]
        self.flops += row["flops"]
        self.bytes += row["bytes"]


def time_model(model: str, options: TimeOptions, as_json: bool) -> None:
    """Compile a training step of a model on random samples, run it, and print what it took."""
    recipe = resolve(model)
    dims, classes = dimensions(recipe, options.shape, options.classes)
    batch = options.batch_size or recipe.batch_size
    manual_seed(options.seed)
    network = recipe.build(dims, classes).train()
    step = _step(recipe, network, options.threads)
    random = np.random.Generator(np.random.Philox(options.seed))
    images = random.standard_normal((batch, *dims), np.float32)
    targets = _targets(random, batch, classes, options.regression)
    whole = _seconds_of_step(step, images, targets, options.repeats)
    report = Report(step.program, options.repeats)
    layers = _layers(network, report.table())
    if as_json:
        print(json.dumps(_figures(model, batch, whole, layers, report), indent=1))
    else:
        _show(f"{model}, batch of {batch}", whole, layers, report)


def _step(recipe: Recipe, network: Module, threads: int | None) -> CompiledFunction:
    optimizer = recipe.make_optimizer(network.parameters())

    def step(images: Tensor, targets: Tensor) -> Tensor:
        loss = recipe.loss(network(images), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return compile(step, threads=threads)


def _targets(random: np.random.Generator, batch: int, classes: int, regression: bool) -> Array:
    if regression:
        return random.standard_normal((batch, classes), np.float32)
    return random.integers(0, classes, batch)


def _seconds_of_step(step: CompiledFunction, images: Array, targets: Array, repeats: int) -> float:
    """Return the mean seconds of a step, all kernels one after the other as in training."""
    step(images, targets)
    began = time.perf_counter()
    for _ in range(repeats):
        step(images, targets)
    return (time.perf_counter() - began) / repeats


def _layers(network: Module, rows: Iterable[dict[str, Any]]) -> list[Layer]:
    """Return the layers that computed something or have parameters, in the order of the model."""
    root = type(network).__name__
    layers: dict[str, Layer] = {}
    for path, module in network.named_modules():
        own = sum(p.size for p in module.parameters(recurse=False))
        name = path_of(root, path, module)
        layers[name] = Layer(f"{path} {type(module).__name__}".strip(), own)
    layers[""] = Layer(_OUTSIDE)
    for row in rows:
        layers.setdefault(row["layer"], Layer(row["layer"])).add(row)
    return [layer for layer in layers.values() if layer.total or layer.parameters]


def _sum(layers: Iterable[Layer]) -> Layer:
    total = Layer("all kernels")
    for layer in layers:
        total.parameters += layer.parameters
        total.flops += layer.flops
        total.bytes += layer.bytes
        for phase in PHASES:
            total.seconds[phase] += layer.seconds[phase]
    return total


# --- output ----------------------------------------------------------------------------------


def _figures(
    model: str, batch: int, whole: float, layers: list[Layer], report: Report
) -> dict[str, Any]:
    peak = report.peak
    return {
        "model": model, "batch_size": batch, "threads": report.threads, "step_seconds": whole,
        "peak_gflops": peak.gflops, "peak_gbytes": peak.gbytes,
        "layers": [_row(layer, report) for layer in layers], "total": _row(_sum(layers), report),
        "kernels": report.table(), "memory": report.memory_plan,
        "compile_seconds": report.compile_seconds, "notes": report.notes,
    }  # fmt: skip


def _row(layer: Layer, report: Report) -> dict[str, Any]:
    rates = {"gflops": layer.rate(layer.flops), "gbytes": layer.rate(layer.bytes)}
    return asdict(layer) | rates | {"of_peak": layer.of_peak(report)}


def _show(title: str, whole: float, layers: list[Layer], report: Report) -> None:
    from rich.console import Console

    console = Console()
    table = _table(layers, report)
    wanted = console.measure(table, options=console.options.update(max_width=_WIDEST)).maximum
    console.width = max(console.width, wanted)  # rather a line that wraps than a column that is cut
    threads = f"{report.threads} thread{'s' if report.threads > 1 else ''}"
    console.print(f"{title}, {threads}; this machine's peak: {report.peak}", highlight=False)
    console.print(table)
    total = _sum(layers).total
    console.print(
        f"one step {whole * 1e3:,.3f} ms; kernel by kernel {total * 1e3:,.3f} ms; "
        f"compiled in {sum(report.compile_seconds.values()):.2f} s",
        highlight=False,
    )
    console.print(
        "A kernel counts for the layer and the phase of its main node: an update that is fused "
        "into the gradient's kernel is part of backward.", style="dim", highlight=False,
    )  # fmt: skip


def _table(layers: list[Layer], report: Report) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("layer", no_wrap=True)
    for head in ("params", *PHASES, "ms", "time", "GFLOP/s", "GB/s", "of peak"):
        table.add_column(head, justify="right", no_wrap=True)
    whole = _sum(layers)
    for layer in layers:
        table.add_row(*_cells(layer, whole.total, report))
    table.add_section()
    table.add_row(*_cells(whole, whole.total, report), style="bold")
    return table


def _cells(layer: Layer, whole: float, report: Report) -> list[str]:
    seconds = layer.total
    phases = [layer.seconds[phase] for phase in PHASES]
    return [
        layer.name, f"{layer.parameters:,}" if layer.parameters else "",
        *(f"{s * 1e3:.3f}" if s else "" for s in phases), f"{seconds * 1e3:.3f}",
        f"{seconds / whole:.0%}" if whole else "", f"{layer.rate(layer.flops):.1f}",
        f"{layer.rate(layer.bytes):.1f}", f"{layer.of_peak(report):.0%}",
    ]  # fmt: skip
