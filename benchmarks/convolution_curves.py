"""Training curves with direct convolutions and with fewer multiplications, on CIFAR-10.

A small residual network (ResNet-9, a quarter as wide) is trained with the recipe of
``chainrule train resnet9``, but for two epochs and in smaller batches, from several seeds, each
twice: ``convolution="exact"`` and ``"fast"``, on the same batches from the same weights. Prints the
test losses and accuracies as a markdown table, and how far the two are apart beside how far seeds
are; draws the curves.

    python benchmarks/convolution_curves.py FOLDER [--plot FILE]
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cifar10_batches
import numpy as np

import chainrule as cr
from chainrule import data, functional, models, nn, optim
from chainrule.models.resnet9 import resnet9

MODES = ("exact", "fast")
BATCH, RATE = 128, 0.15
recipe = models.recipe("resnet9")
Batch = tuple[Any, Any]


@dataclass
class Run:
    """One seed in one mode: what was measured along the way."""

    losses: list[float] = field(default_factory=list)  # of each step
    tests: list[tuple[float, float]] = field(default_factory=list)  # loss and accuracy


def compiled(model: nn.Module, mode: str, steps: int) -> tuple[Callable[..., Any], ...]:
    """Return a step of training and a test of one batch, compiled in a mode."""
    optimizer = recipe.make_optimizer(model.parameters())
    schedule = optim.OneCycleLR(optimizer, RATE, total_steps=steps)

    @cr.compile(convolution=mode)
    def step(images: Any, labels: Any) -> cr.Tensor:
        loss = recipe.loss(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    @cr.compile(convolution=mode)
    def test(images: Any, labels: Any) -> tuple[cr.Tensor, cr.Tensor]:
        scores = model(images)
        right = cr.mean(cr.astype(cr.argmax(scores, axis=1) == labels, cr.float32))
        return functional.cross_entropy(scores, labels), right

    def train(images: Any, labels: Any) -> float:
        loss = step(images, labels).item()
        schedule.step()
        return loss

    return train, test


def measure(model: nn.Module, test: Callable[..., Any], held: list[Batch]) -> tuple[float, float]:
    """Return the mean loss and the accuracy of the test images."""
    model.eval()
    with cr.no_grad():
        found = [[value.item() for value in test(*batch)] for batch in held]
    model.train()
    loss, right = np.mean(found, axis=0)
    return float(loss), float(right)


def run(seed: int, mode: str, args: Any, sets: tuple[Any, Any], held: list[Batch]) -> Run:
    """Train from one seed in one mode."""
    train_set, normalize = sets
    cr.manual_seed(seed)
    model = resnet9(width=args.width)
    steps = args.epochs * (len(train_set) // BATCH)
    train, test = compiled(model, mode, steps)
    found, every = Run(), max(1, steps // (args.tests * args.epochs))
    cr.manual_seed(seed)  # of the batches, which are the same in both modes
    batches = cifar10_batches.batches(train_set, normalize, BATCH, range(args.epochs))
    for number, batch in enumerate(batches, 1):
        found.losses.append(train(*batch))
        if number % every == 0:
            found.tests.append(measure(model, test, held))
            print(f"seed {seed} {mode:5} step {number}/{steps}: test loss %.4f, accuracy %.4f"
                  % found.tests[-1], flush=True)  # fmt: skip
    return found


def summary(runs: dict[tuple[int, str], Run]) -> str:
    """Return the last tests as a markdown table, and both distances."""
    seeds = sorted({seed for seed, _ in runs})
    lines = ["| seed | test loss, exact | fast | test accuracy, exact | fast |",
             "|--:|--:|--:|--:|--:|"]  # fmt: skip
    for seed in seeds:
        (a, b), (c, d) = (runs[seed, mode].tests[-1] for mode in MODES)
        lines.append(f"| {seed} | {a:.4f} | {c:.4f} | {b:.2%} | {d:.2%} |")
    first, second = ([[test[k] for test in run.tests] for run in runs.values()] for k in (0, 1))
    for name, values in (("loss", first), ("accuracy", second)):
        table = dict(zip(runs, np.array(values), strict=True))
        modes = np.mean([np.abs(table[s, "exact"] - table[s, "fast"]) for s in seeds])
        pairs = [(a, b) for a in seeds for b in seeds if a < b]
        apart = np.mean([np.abs(table[a, m] - table[b, m]) for a, b in pairs for m in MODES])
        ends = {m: statistics.mean(table[s, m][-1] for s in seeds) for m in MODES}
        lines.append(
            f"\ntest {name}: exact and fast {modes:.4f} apart, two seeds {apart:.4f} (means over "
            f"all tests); at the end {ends['exact']:.4f} exact, {ends['fast']:.4f} fast"
        )
    return "\n".join(lines)


def draw(runs: dict[tuple[int, str], Run], file: Path) -> None:
    """Draw the losses of all runs, smoothed over ten steps."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    for (seed, mode), found in runs.items():
        smooth = np.convolve(found.losses, np.ones(10) / 10, "valid")
        axes.plot(smooth, color=f"C{seed}", linestyle="-" if mode == "exact" else "--",
                  linewidth=1, label=f"seed {seed}, {mode}")  # fmt: skip
    axes.set(xlabel="step", ylabel="training loss, mean of 10 steps")
    axes.legend(frameon=False)
    figure.savefig(file, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", help="with CIFAR-10's binary files")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--tests", type=int, default=3, help="in an epoch")
    parser.add_argument("--width", type=int, default=8, help="channels of the first layer")
    parser.add_argument("--plot", type=Path, help="file of a drawing of the curves")
    args = parser.parse_args()
    train, normalize = cifar10_batches.load(args.folder)
    loader = data.DataLoader(data.load("cifar10", "test", args.folder), 500, transform=normalize)
    held = [(x.astype(np.float32), y.astype(np.int64)) for x, y in loader]
    runs = {
        (seed, mode): run(seed, mode, args, (train, normalize), held)
        for seed in range(args.seeds) for mode in MODES
    }  # fmt: skip
    print(summary(runs))
    if args.plot:
        draw(runs, args.plot)


if __name__ == "__main__":
    main()
