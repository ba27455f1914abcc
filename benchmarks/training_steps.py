"""Time whole training steps of chainrule and PyTorch, interleaved.

    python benchmarks/training_steps.py [--repeats 3] [--threads 2] [WORKLOAD ...]

Every measurement is a process of its own; the sides take turns, and the median of the repeats'
medians is printed, in milliseconds. PyTorch is left out if it is not installed; the proof of the
compiler takes part if it can be found (PYTHONPATH=prototypes/compiler). Same architecture, batch,
loss (cross-entropy) and SGD with momentum on all sides.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

STEPS = {"mlp_small": 300, "mlp_mnist": 100, "lenet": 40, "cifar_cnn": 6}
SHAPES = {
    "mlp_small": (32, 64), "mlp_mnist": (128, 784), "lenet": (64, 1, 28, 28),
    "cifar_cnn": (64, 3, 32, 32),
}  # fmt: skip


def layers(nn: Any, workload: str) -> Any:
    """The network, in the words that both libraries share."""
    if workload == "mlp_small":
        return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    if workload == "mlp_mnist":
        return nn.Sequential(
            nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10)
        )
    if workload == "lenet":
        return nn.Sequential(
            nn.Conv2d(1, 20, 5), nn.MaxPool2d(2), nn.Conv2d(20, 50, 5), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10),
        )  # fmt: skip
    parts, channels = [], 3
    for width in (64, 128, 256):
        for _ in range(2):
            parts += [nn.Conv2d(channels, width, 3, padding=1, bias=False),
                      nn.BatchNorm2d(width), nn.ReLU()]  # fmt: skip
            channels = width
        parts.append(nn.MaxPool2d(2))
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(4096, 10))


def data(workload: str) -> tuple[np.ndarray, np.ndarray]:
    shape = SHAPES[workload]
    random = np.random.default_rng(0)
    return random.standard_normal(shape).astype(np.float32), np.arange(shape[0]) % 10


def chainrule_step(workload: str, compiled: bool, threads: int) -> Callable[[], float]:
    import chainrule as cr
    from chainrule import functional as F
    from chainrule import nn, optim

    model = layers(nn, workload)
    optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    def step(x: Any, y: Any) -> Any:
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    x, y = map(cr.asarray, data(workload))
    if not compiled:
        return lambda: step(x, y).item()
    from native.jit import compile

    program = compile(step, threads=threads)
    return lambda: program(x, y).item()


def torch_step(workload: str, threads: int) -> Callable[[], float]:
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    model = layers(nn, workload)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    x, y = map(torch.from_numpy, data(workload))

    def step() -> float:
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def measure(side: str, workload: str, threads: int) -> float:
    """Median milliseconds of a step, after the first."""
    if side == "torch":
        step = torch_step(workload, threads)
    else:
        step = chainrule_step(workload, side == "compiled", threads)
    step()
    times = []
    for _ in range(STEPS[workload]):
        start = time.perf_counter()
        step()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def in_a_process(side: str, workload: str, threads: int) -> float:
    command = [sys.executable, __file__, "--measure", side, "--threads", str(threads), workload]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads),
                   "OPENBLAS_NUM_THREADS": str(threads)}  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workloads", nargs="*", default=list(STEPS))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(measure(options.measure, options.workloads[0], options.threads))
        return
    others = {"compiled": "native", "torch": "torch"}
    sides = ["eager", *(side for side, module in others.items() if find_spec(module))]
    print("workload    " + "".join(f"{side:>12}" for side in sides))
    for workload in options.workloads:
        runs: dict[str, list[float]] = {side: [] for side in sides}
        for _ in range(options.repeats):
            for side in sides:
                runs[side].append(in_a_process(side, workload, options.threads))
        row = "".join(f"{statistics.median(runs[side]):>9.3f} ms" for side in sides)
        print(f"{workload:12}{row}", flush=True)


if __name__ == "__main__":
    main()
