"""Time every layer and loss that PyTorch has too: forward and all gradients, compiled.

    python benchmarks/layers.py --write
    python benchmarks/layers.py --only 'Pool|Conv2d' --rounds 1 --report

Both sides give the output and the gradients of the inputs and parameters, in float32, in one
process, in turns. A ratio is PyTorch's time in its best mode by chainrule's, the median over the
rounds: below 0.67 a layer takes more than 1.5 times as long. The rows are in layer_rows.py.
"""
# ruff: noqa: E402  (threads are limited before the frameworks are imported)

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "peers")]


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", metavar="REGEX", help="rows with such a name")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--budget", type=float, default=0.1, help="seconds of one side's calls")
    parser.add_argument("--fastest", action="store_true", help="compare the fastest calls instead "
                        "of medians: where other programs run")  # fmt: skip
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--torch-compile", action="store_true", help="also torch.compile (needs a "
                        "C++ compiler, takes long)")  # fmt: skip
    parser.add_argument("--report", action="store_true", help="show what slow rows are made of")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the results")
    parser.add_argument("--read", type=Path, metavar="FILE", help="show kept results")
    parser.add_argument("--write", action="store_true", help="put the table into performance.md")
    return parser.parse_args()


args = parse_args()

import common

common.limit_threads(args.threads)

import layer_rows
import numpy as np
import report
import run
import torch
from layer_rows import Row
from rich.console import Console
from rich.table import Column, Table

import chainrule as cr
from chainrule import nn
from chainrule.graph.trees import flatten_tree

BEGIN = "<!-- written by benchmarks/layers.py: begin -->"
REQUIRED = 1 / 1.5
AGREEMENT = 1e-3  # of results, by the largest number of each
HEADS = ("layer", "chainrule, ms", "PyTorch, ms", "mode", "ratio", "passes")
Call = Callable[[], list[Any]]  # the outputs, and the gradients in the same order on both sides

# --- the two sides -----------------------------------------------------------------------


def leaves(results: Any, kind: type) -> list[Any]:
    """Return the tensors of a structure, one by one."""
    return [leaf for leaf in flatten_tree(results)[0] if isinstance(leaf, kind)]


def learned(row: Row, inputs: Sequence[Any]) -> list[int]:
    """Return the places of the inputs that get gradients."""
    found = [k for k, a in enumerate(inputs) if isinstance(a, np.ndarray) and a.dtype.kind == "f"]
    return found[: row.learned]


class Torch:
    """PyTorch's layer in one of its modes."""

    def __init__(self, row: Row, mode: str) -> None:
        torch.manual_seed(0)
        self.layer, drawn = row.make(torch.nn), row.draw()
        form = torch.contiguous_format
        if mode == "channels_last":
            form = torch.channels_last
            self.layer = self.layer.to(memory_format=form)
        inputs = [torch.tensor(a) if isinstance(a, np.ndarray) else a for a in drawn]
        self.inputs = [a.to(memory_format=form) if getattr(a, "ndim", 0) == 4 else a
                       for a in inputs]  # fmt: skip
        for place in learned(row, drawn):
            self.inputs[place].requires_grad_()
        self.wanted = [self.inputs[k] for k in learned(row, drawn)]
        self.wanted += list(self.layer.parameters())
        outputs = self.differentiable(self.layer(*self.inputs))
        rng = np.random.default_rng(1)
        self.seeds = [torch.tensor(rng.standard_normal(tuple(y.shape)).astype(np.float32))
                      for y in outputs]  # fmt: skip
        self.seeds = [s.to(memory_format=form) if s.ndim == 4 else s for s in self.seeds]
        self.forward = torch.compile(self.layer) if mode == "compile" else self.layer

    @staticmethod
    def differentiable(results: Any) -> list[Any]:
        return [y for y in leaves(results, torch.Tensor) if y.requires_grad]

    def __call__(self) -> list[Any]:
        outputs = self.differentiable(self.forward(*self.inputs))
        gradients = torch.autograd.grad(outputs, self.wanted, self.seeds, allow_unused=True)
        return [*outputs, *gradients]

    def state(self) -> dict[str, np.ndarray]:
        return {name: value.numpy().copy() for name, value in self.layer.state_dict().items()}


class Chainrule:
    """Our layer, compiled, with the state and the seeds of PyTorch's."""

    def __init__(self, row: Row, other: Torch) -> None:
        drawn = row.draw()
        self.layer, places = row.make(nn), learned(row, drawn)
        self.layer.load_state_dict(other.state())
        self.inputs = [cr.tensor(a, requires_grad=k in places) if isinstance(a, np.ndarray) else a
                       for k, a in enumerate(drawn)]  # fmt: skip
        self.seeds = [cr.tensor(seed.numpy()) for seed in other.seeds]
        parameters = list(self.layer.parameters())

        def both(inputs: list[Any], seeds: list[cr.Tensor]) -> list[Any]:
            outputs = [y for y in leaves(self.layer(*inputs), cr.Tensor) if y.requires_grad]
            if len(outputs) == 1:
                outputs[0].backward(seeds[0])
            else:
                sums = [(y * s).sum() for y, s in zip(outputs, seeds, strict=True)]
                sum(sums[1:], sums[0]).backward()
            wanted = [*(inputs[k] for k in places), *parameters]
            gradients = [leaf.grad for leaf in wanted]
            for leaf in wanted:
                leaf.grad = None
            return [*outputs, *gradients]

        self.compiled = cr.compile(both)

    def __call__(self) -> list[Any]:
        return self.compiled(self.inputs, self.seeds)


def disagreement(row: Row, ours: list[Any], theirs: list[Any], outputs: int) -> str:
    """Say which result differs, or nothing; results of random layers are not compared."""
    if row.compared == "none":
        return ""
    last = outputs if row.compared == "values" else len(theirs)
    for place, (a, b) in enumerate(zip(ours[:last], theirs[:last], strict=True)):
        if a is None or b is None:
            continue
        x, y = a.numpy(), b.detach().numpy()
        if x.shape != y.shape:
            return f"result {place} has shape {x.shape}, PyTorch's {y.shape}"
        far = float(np.abs(x - y).max(initial=0)) / max(1e-3, float(np.abs(y).max(initial=0)))
        if not far <= AGREEMENT:
            return f"result {place} of {len(theirs)} differs by {far:.2g}"
    return ""


# --- measuring ---------------------------------------------------------------------------


def time_ms(call: Call) -> float:
    """Return the median time of calls (or the least), after one that is not counted."""
    call()
    times: list[float] = []
    end = time.perf_counter() + args.budget
    while len(times) < 3 or (len(times) < 1000 and time.perf_counter() < end):
        start = time.perf_counter()
        kept = call()
        times.append(1e3 * (time.perf_counter() - start))
        del kept
    return min(times) if args.fastest else statistics.median(times)


def measure(row: Row) -> dict[str, Any]:
    """Time a row in all modes; return its figures."""
    modes = ["eager", *["channels_last"] * row.images, *["compile"] * args.torch_compile]
    sides: dict[str, Call] = {mode: Torch(row, mode) for mode in modes}
    ours = Chainrule(row, sides["eager"])  # type: ignore[arg-type]
    count = len(ours.seeds)
    differs = disagreement(row, ours(), sides["eager"](), count)
    rounds = []
    for _ in range(args.rounds):
        rounds.append({"chainrule": time_ms(ours), **{m: time_ms(c) for m, c in sides.items()}})
    best = min(modes, key=lambda mode: statistics.median(turn[mode] for turn in rounds))
    ratios = [turn[best] / turn["chainrule"] for turn in rounds]
    record = {"mode": best, "ratio": statistics.median(ratios), "least": min(ratios),
              "largest": max(ratios), "differs": differs, "rounds": rounds}  # fmt: skip
    if args.report and record["ratio"] < REQUIRED:
        print(f"\n{row.label}\n{ours.compiled.report()}\n")
    return record


def records(rows: Sequence[Row], console: Console) -> Iterator[dict[str, Any]]:
    """Measure row by row; one that cannot be measured says why."""
    for row in rows:
        head = {"family": row.family, "layer": row.label}
        try:
            record = {**head, **measure(row)}
        except Exception as error:  # whatever it is, it is said in the table
            said = (str(error).strip().splitlines() or [""])[0]
            record = {**head, "skipped": f"{type(error).__name__}: {said}"}
        console.print(f"{row.label}: {record.get('skipped') or format(record['ratio'], '.2f')}"
                      f" {record.get('differs', '')}", highlight=False, markup=False)  # fmt: skip
        yield record


# --- showing -----------------------------------------------------------------------------


def cells(record: dict[str, Any]) -> list[str]:
    """Return a row of the table."""
    if "skipped" in record:
        return [record["layer"], "-", "-", "-", "-", "not measured"]
    middle = {side: statistics.median(turn[side] for turn in record["rounds"])
              for side in ("chainrule", record["mode"])}  # fmt: skip
    ratio = tuple(record[name] for name in ("ratio", "least", "largest"))
    passes = "yes" if record["ratio"] >= REQUIRED else "**no**"
    times = (report.number(time) for time in middle.values())
    return [record["layer"], *times, record["mode"], report.ratio(ratio), passes]


def families(found: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Group records by family."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for record in found:
        grouped.setdefault(record["family"], []).append(record)
    return grouped


def notes(kept: dict[str, Any]) -> list[str]:
    """Return what has to be said beside the table."""
    found = kept["records"]
    measured = [record for record in found if "ratio" in record]
    slow = [record for record in measured if record["ratio"] < REQUIRED]
    middle = f", median ratio {statistics.median(r['ratio'] for r in measured):.2f}"
    return [
        kept["machine"],
        f"{len(measured)} rows{middle if measured else ''}, {len(slow)} of them below 0.67",
        *(f"{r['layer']}: not measured: {r['skipped']}" for r in found if "skipped" in r),
        *(f"{r['layer']}: other results than PyTorch's: {r['differs']}"
          for r in measured if r["differs"]),
        *(f"{name}: no row yet" for name in kept["forgotten"]),
    ]  # fmt: skip


def markdown(kept: dict[str, Any]) -> str:
    """Return one table a family and the notes, for a page."""
    head = [f"| {' | '.join(HEADS)} |", "| --- | ---: | ---: | --- | ---: | --- |"]
    lines: list[str] = []
    for family, found in families(kept["records"]).items():
        lines += [f"**{family.capitalize()}**", "", *head]
        lines += [f"| {' | '.join(cells(record))} |" for record in found]
        lines.append("")
    return "\n".join([*lines, *(f"- {note}" for note in notes(kept))])


def show(kept: dict[str, Any], console: Console) -> None:
    """Print the tables."""
    for family, found in families(kept["records"]).items():
        table = Table(Column(HEADS[0], no_wrap=True), *HEADS[1:], title=family)
        for record in found:
            table.add_row(*cells(record))
        console.print(table)
    for note in notes(kept):
        console.print(f"- {note}", highlight=False, markup=False)


def main() -> None:
    """Measure or read, show, and write."""
    console = Console()
    warnings.filterwarnings("ignore", category=UserWarning)
    torch.set_num_threads(args.threads)
    if args.read:
        kept = json.loads(args.read.read_text())
    else:
        rows = [row for row in layer_rows.all_rows() if re.search(args.only, row.label)]
        kept = {"machine": f"{run.machine(args.threads)}, torch {torch.__version__}",
                "command": sys.argv[1:], "forgotten": layer_rows.forgotten(nn, torch.nn),
                "records": list(records(rows, console))}  # fmt: skip
    if args.json:
        args.json.write_text(json.dumps(kept, indent=1) + "\n")
    show(kept, console)
    if args.write:
        run.write(run.PAGE, markdown(kept), BEGIN)


if __name__ == "__main__":
    main()
