"""Seconds of the first step of training, with an empty cache: exact and chosen convolutions.

Each is measured in a process of its own, in turns; medians. In brackets without the run of the step
itself, which is that of the second step. Another version is measured by PYTHONPATH.

    python benchmarks/first_step.py [--rounds 3] [WORKLOAD ...]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORKLOADS = ["cifar_cnn", "resnet18_cifar", "googlenet", "vgg16"]
MODES = ("exact", "auto")


def first_step(workload: str, mode: str) -> tuple[float, float]:
    """Return the seconds of the first and the second step."""
    sys.path.insert(0, str(Path(__file__).parent / "peers"))
    import chainrule_nets

    import chainrule as cr
    import models

    net = models.NETS[workload]
    x, y = net.data()
    runner = chainrule_nets.build(
        net, net.init(), x, y, use_dropout=True, loop=False,
        wrap=lambda function: cr.compile(function, convolution=mode),
    )  # fmt: skip
    marks = [time.perf_counter()]
    for _ in range(2):
        runner.step()
        marks.append(time.perf_counter())
    return marks[1] - marks[0], marks[2] - marks[1]


def measured(workload: str, mode: str) -> tuple[float, float]:
    """Return what a process of its own finds."""
    with tempfile.TemporaryDirectory() as empty:
        found = subprocess.run(
            [sys.executable, __file__, "--one", mode, workload], check=True, text=True,
            capture_output=True, env={**os.environ, "CHAINRULE_CACHE_DIR": empty},
        )  # fmt: skip
    first, second = map(float, found.stdout.split())
    return first, second


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("workloads", nargs="*", default=WORKLOADS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", choices=MODES, help="measure one mode here, not in turns")
    args = parser.parse_args()
    if args.one:
        print(*first_step(args.workloads[0], args.one))
        return
    print("| first step, s | exact | auto |\n| --- | ---: | ---: |")
    for workload in args.workloads:
        rounds = [{mode: measured(workload, mode) for mode in MODES} for _ in range(args.rounds)]
        cells = [
            f"{statistics.median(r[mode][0] for r in rounds):.2f} "
            f"({statistics.median(r[mode][0] - r[mode][1] for r in rounds):.2f})"
            for mode in MODES
        ]
        print(f"| {workload} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
