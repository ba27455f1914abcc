"""Measure whole steps of chainrule and other frameworks, interleaved, in processes of their own.

    python benchmarks/run.py --python-of torch=../peers/bin/python --rounds 3
    python benchmarks/run.py --peers chainrule:compile torch:eager,channels_last --workloads lenet
    python benchmarks/run.py --read results.json --write

Every round runs all sides once; the median of the rounds' medians counts, and the ratio is to the
best mode of the best peer, round by round. The first round compiles with empty caches, later ones
find what it left. A peer that is not installed is left out and named.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "peers")]

import common  # noqa: E402  (found by the line above)
import report  # noqa: E402

import models  # noqa: E402

PAGE = HERE.parent / "docs" / "performance.md"
BEGIN, END = "<!-- written by benchmarks/run.py: begin -->", "<!-- end -->"
MODES = {
    "chainrule": ["compile", "loop", "eager"],
    "torch": ["eager", "channels_last", "compile", "compile_channels_last", "compile_freezing"],
    "jax": ["jit"],
    "tinygrad": ["jit"],
    "mlx": ["compile"],
}
MODULES = {"mlx": "mlx.core"}  # what to import where it is not the peer's name
Plan = list[tuple[str, str]]


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--peers",
        nargs="+",
        default=list(MODES),
        metavar="NAME[:MODE,...]",
        help=f"sides, and which modes of them (default: {', '.join(MODES)})",
    )
    parser.add_argument(
        "--workloads",
        nargs="+",
        default=[*models.TRAIN, *models.INFER],
        choices=models.ALL,
        metavar="NAME",
        help=", ".join(models.ALL),
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--budget", type=float, default=4.0, help="seconds of timed steps")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds for one process")
    parser.add_argument("--no-dropout", action="store_true", help="so that all losses must agree")
    parser.add_argument("--python-of", action="append", default=[], metavar="PEER=PYTHON")
    parser.add_argument(
        "--env-of",
        action="append",
        default=[],
        metavar="PEER=NAME=VALUE",
        help="a variable of the environment for one peer",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the results")
    parser.add_argument(
        "--read",
        type=Path,
        nargs="+",
        metavar="FILE",
        default=[],
        help="show kept results instead of measuring",
    )
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    return parser.parse_args(argv)  # fmt: skip


def plan(peers: Sequence[str]) -> Plan:
    """Return the (peer, mode) pairs that the command line asks for."""
    pairs: Plan = []
    for peer in peers:
        name, _, modes = peer.partition(":")
        if name not in MODES:
            raise SystemExit(f"unknown peer {name!r}: choose from {', '.join(MODES)}")
        pairs += [(name, mode) for mode in (modes.split(",") if modes else MODES[name])]
    return pairs


def fits(mode: str, workload: str) -> bool:
    """Whether a mode makes a difference to a workload."""
    described = models.NETS.get(workload)
    if mode == "loop":  # many steps in one call
        return described is not None and not described.infer
    if "channels_last" in mode:
        return described is not None and described.conv
    return mode != "compile_freezing" or (described is not None and described.infer)


class Bench:
    """The processes of one run: which interpreter, which variables, which caches."""

    def __init__(self, options: argparse.Namespace, caches: str) -> None:
        self.options, self.caches = options, Path(caches)
        self.pythons = dict(entry.split("=", 1) for entry in options.python_of)
        self.variables: dict[str, dict[str, str]] = {}
        for entry in options.env_of:
            peer, name, value = entry.split("=", 2)
            self.variables.setdefault(peer, {})[name] = value

    def python(self, peer: str) -> str:
        """Return the interpreter in which the peer is installed."""
        return self.pythons.get(peer, sys.executable)

    def installed(self, peer: str) -> bool:
        """Whether the peer can be imported."""
        command = [self.python(peer), "-c", f"import {MODULES.get(peer, peer)}"]
        return subprocess.run(command, capture_output=True).returncode == 0

    def measure(self, peer: str, mode: str, workload: str) -> report.Record:
        """Run one process; return what it printed, or why it printed nothing."""
        head = {"peer": peer, "mode": mode, "workload": workload}
        options = self.options
        command = [
            self.python(peer), str(HERE / "peers" / f"{peer}_bench.py"), workload, "--mode", mode,
            "--threads", str(options.threads), "--budget", str(options.budget), "--json",
            "--cache", str(self.caches / f"{peer}-{mode}-{workload}"),
            *["--no-dropout"] * options.no_dropout,
        ]  # fmt: skip
        environment = {**os.environ, **self.variables.get(peer, {})}
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, env=environment, timeout=options.timeout
            )
        except subprocess.TimeoutExpired:
            return {**head, "skipped": f"takes more than {options.timeout:.0f} s"}
        if done.returncode:
            said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
            return {**head, "skipped": said[-1]}
        record: report.Record = json.loads(done.stdout.splitlines()[-1])
        return record

    def records(self, pairs: Plan) -> Iterator[report.Record]:
        """Measure workload by workload, round by round, side by side."""
        given_up: set[tuple[str, ...]] = set()
        for workload in self.options.workloads:
            if workload in models.NETS:
                common.load_init(workload)  # made here, so that no peer pays for it
            for turn in range(self.options.rounds):
                for peer, mode in pairs:
                    if fits(mode, workload) and (workload, peer, mode) not in given_up:
                        record = {**self.measure(peer, mode, workload), "round": turn}
                        if "skipped" in record:
                            given_up.add((workload, peer, mode))
                        yield record


# --- what is kept and shown --------------------------------------------------------------


def machine(threads: int) -> str:
    """Return a line that says where the figures come from."""
    name = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            name = line.split(":", 1)[1].strip()
            break
    git = ["git", "-C", str(HERE), "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True).stdout.strip() or "unknown"
    return f"{name}, {os.cpu_count()} cores, {threads} threads, commit {commit}"


def measure(options: argparse.Namespace, console: Console) -> dict[str, object]:
    """Measure everything; results are written after every process, so that none is lost."""
    results: list[report.Record] = []
    kept = {"machine": machine(options.threads), "command": sys.argv[1:], "records": results}
    with tempfile.TemporaryDirectory(prefix="bench_caches_") as caches:
        bench = Bench(options, caches)
        pairs = plan(options.peers)
        missing = [peer for peer in dict(pairs) if not bench.installed(peer)]
        for peer in missing:
            console.print(f"{peer} cannot be imported by {bench.python(peer)}: left out")
        for record in bench.records([pair for pair in pairs if pair[0] not in missing]):
            results.append(record)
            said = record.get("skipped") or f"{record['median_step_ms']:.4g} ms"
            where = f"{record['workload']} {record['round']} {record['peer']} {record['mode']}"
            console.print(f"{where}: {said}", highlight=False, markup=False)
            if options.json:
                options.json.write_text(json.dumps(kept, indent=1) + "\n")
    return kept


def write(page: Path, text: str, begin: str = BEGIN) -> None:
    """Put text between the page's markers, of which the first says who wrote it."""
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, also_found, after = rest.partition(END)
    if not (found and also_found):
        raise SystemExit(f"{page} has no markers {begin} and {END}")
    page.write_text(f"{before}{begin}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Measure or read, show, and write."""
    options, console = parse_args(), Console()
    runs = [json.loads(path.read_text()) for path in options.read]
    runs = runs or [measure(options, console)]
    records = [record for run in runs for record in run["records"]]
    found = report.rows(records)
    random = () if options.no_dropout else [w for w, n in models.TRAIN.items()
                                            if n.describe().random]  # fmt: skip
    versions = dict.fromkeys(f"{r['peer']} {r['version']}" for r in records if "version" in r)
    notes = [
        *dict.fromkeys(run["machine"] for run in runs), ", ".join(versions),
        *report.disagreements(records, random), *report.omissions(records),
    ]  # fmt: skip
    console.print(report.rich_table(found))
    for note in notes:
        console.print(f"- {note}", highlight=False, markup=False)
    if options.write:
        write(PAGE, report.markdown(found, notes))


if __name__ == "__main__":
    main()
