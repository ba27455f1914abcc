"""From measurements to tables: medians, ratios to the best peer, agreement of the losses."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

Record = dict[str, Any]  # what a peer's script prints, or why there is nothing, and the round

# How many times the speed of the best peer the project asks for.
REQUIRED = {
    "mlp_small": 10.0, "mlp_mnist": 1.3, "mlp_wide": 1.5, "lenet": 2.5, "cifar_cnn": 2.5,
    "resnet18_cifar": 2.5, "googlenet": 3.0, "vgg16": 2.5, "lstm": 1.5, "gpt_tiny": 1.5,
    "resnet18_infer_b1": 2.0, "vgg16_infer_b1": 2.0,
}  # fmt: skip
AGREEMENT = 1e-3  # largest relative difference of the first losses
COMPARED_LOSSES = 3  # later ones may drift apart, where training amplifies rounding
HEADS = ("workload", "ratio", "required", "first step, s", "again, s", "memory, MB", "of PyTorch's")


@dataclass(frozen=True)
class Side:
    """One peer in one mode on one workload: the measured rounds."""

    peer: str
    mode: str
    rounds: dict[int, Record]

    def median(self, field: str) -> float:
        """Return the median over the rounds."""
        return statistics.median(record[field] for record in self.rounds.values())

    @property
    def ms(self) -> float:
        """Milliseconds of a step."""
        return self.median("median_step_ms")

    @property
    def first_s(self) -> float:
        """Seconds to the end of the first step, compiling included, with empty caches."""
        return float(self.rounds[min(self.rounds)]["first_step_s"])

    @property
    def first_again_s(self) -> float | None:
        """The same with what earlier processes left in the caches; None after a single round."""
        later = [self.rounds[r]["first_step_s"] for r in sorted(self.rounds)[1:]]
        return statistics.median(later) if later else None

    @property
    def memory_mb(self) -> float:
        """Peak memory above what the import takes."""
        return self.median("peak_rss_mb") - self.median("import_rss_mb")

    def speed_of(self, other: Side) -> tuple[float, float, float] | None:
        """Return time of the other divided by own time, round by round: median, least, largest."""
        ratios = [
            other.rounds[r]["median_step_ms"] / self.rounds[r]["median_step_ms"]
            for r in self.rounds
            if r in other.rounds
        ]
        return (statistics.median(ratios), min(ratios), max(ratios)) if ratios else None


@dataclass(frozen=True)
class Row:
    """A workload: the best mode of every peer, chainrule among them."""

    workload: str
    best: dict[str, Side]

    @property
    def own(self) -> Side | None:
        """chainrule's side."""
        return self.best.get("chainrule")

    @property
    def rival(self) -> Side | None:
        """The fastest of the others."""
        others = [side for name, side in self.best.items() if name != "chainrule"]
        return min(others, key=lambda side: side.ms, default=None)

    @property
    def ratio(self) -> tuple[float, float, float] | None:
        """How many times the best peer's speed chainrule has: median, least, largest."""
        return self.own.speed_of(self.rival) if self.own and self.rival else None

    @property
    def required(self) -> float | None:
        """The ratio that the project asks for."""
        return REQUIRED.get(self.workload, 1.0 if "_infer" in self.workload else None)

    @property
    def memory_ratio(self) -> float | None:
        """chainrule's memory divided by PyTorch's."""
        torch = self.best.get("torch")
        return self.own.memory_mb / torch.memory_mb if self.own and torch else None


def rows(records: Iterable[Record]) -> list[Row]:
    """Collect measurements by workload, in the order in which they were made."""
    sides: dict[str, dict[tuple[str, str], Side]] = {}
    for record in records:
        if "median_step_ms" in record:
            key = record["peer"], record["mode"]
            side = sides.setdefault(record["workload"], {}).setdefault(key, Side(*key, {}))
            side.rounds[record["round"]] = record
    return [Row(workload, _best(found.values())) for workload, found in sides.items()]


def _best(sides: Iterable[Side]) -> dict[str, Side]:
    best: dict[str, Side] = {}
    for side in sides:
        if side.peer not in best or side.ms < best[side.peer].ms:
            best[side.peer] = side
    return best


# --- what has to be said beside the table ------------------------------------------------


def disagreements(records: Iterable[Record], random: Sequence[str] = ()) -> list[str]:
    """Name the peers whose first losses are not those of the first; ``random`` ones may differ."""
    first: dict[str, Record] = {}
    found = []
    for record in records:
        workload = record["workload"]
        if "losses" not in record or workload in random:
            continue
        wanted = first.setdefault(workload, record)
        pairs = list(zip(wanted["losses"], record["losses"], strict=False))[:COMPARED_LOSSES]
        if not all(math.isclose(a, b, rel_tol=AGREEMENT) for a, b in pairs):
            who = f"{workload}: {record['peer']} {record['mode']} and {wanted['peer']}"
            found.append(f"{who} {wanted['mode']} have different losses")
    return list(dict.fromkeys(found))


def omissions(records: Iterable[Record]) -> list[str]:
    """Name what was not measured, and why."""
    return list(dict.fromkeys(
        f"{record['workload']}: {record['peer']} {record['mode']}: {record['skipped']}"
        for record in records if "skipped" in record
    ))  # fmt: skip


# --- tables ------------------------------------------------------------------------------


def number(value: float | None) -> str:
    """Write three digits, or as many as stand before the point."""
    if value is None:
        return "-"
    if value == 0 or value >= 100:
        return f"{value:.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def _side(side: Side | None) -> str:
    return "-" if side is None else f"{number(side.ms)} ({side.mode})"


def ratio(found: tuple[float, float, float] | None) -> str:
    """Write the median, and the range where there is one."""
    if found is None:
        return "-"
    median, least, largest = map(number, found)
    return median if least == largest else f"{median} ({least} to {largest})"


def cells(found: Sequence[Row]) -> list[list[str]]:
    """Return the table as text, the heads first."""
    peers = ["chainrule", *dict.fromkeys(p for row in found for p in row.best if p != "chainrule")]
    lines = [[HEADS[0], *(f"{peer}, ms" for peer in peers), *HEADS[1:]]]
    for row in found:
        own = row.own
        lines.append([
            row.workload, *(_side(row.best.get(peer)) for peer in peers),
            ratio(row.ratio), number(row.required), number(own and own.first_s),
            number(own and own.first_again_s), number(own and own.memory_mb),
            number(row.memory_ratio),
        ])  # fmt: skip
    return lines


def rich_table(found: Sequence[Row]) -> Table:
    """Return the table for a terminal; a ratio that is as required is green, another red."""
    heads, *lines = cells(found)
    table = Table(*heads)
    for row, line in zip(found, lines, strict=True):
        place = heads.index("ratio")
        if row.ratio and row.required:
            colour = "green" if row.ratio[0] >= row.required else "red"
            line[place] = f"[{colour}]{line[place]}[/]"
        table.add_row(*line)
    return table


def markdown(found: Sequence[Row], notes: Sequence[str]) -> str:
    """Return the table and what has to be said with it for a page."""
    heads, *lines = cells(found)
    rule = ["---", *["---:"] * (len(heads) - 1)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in [heads, rule, *lines])
    return "\n".join([table, "", *(f"- {note}" for note in notes)])
