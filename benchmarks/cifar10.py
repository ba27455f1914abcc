"""ResNet-9 on CIFAR-10 with one recipe in chainrule and in PyTorch: minutes for the whole training.

Both train the same network from the same weights, on the same augmented batches, with the recipe
of ``chainrule train resnet9``. A few steps of each mode are timed in turn, several rounds; an
epoch's minutes are its number of steps times the median step.

    python benchmarks/cifar10.py FOLDER        (with torch installed)
"""
# ruff: noqa: E402  (threads are limited before the frameworks are imported)

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections import OrderedDict
from collections.abc import Callable
from itertools import count
from typing import Any

MODES = ["eager", "channels_last", "compile", "compile_channels_last"]
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("folder", help="with CIFAR-10's binary files")
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--steps", type=int, default=4, help="steps of a mode in a round")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--peers", nargs="*", default=["eager", "channels_last"], choices=[*MODES])
args = parser.parse_args()
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(args.threads)))

import cifar10_batches
import numpy as np
import torch

import chainrule as cr
from chainrule import models, nn

recipe = models.recipe("resnet9")
Step = Callable[[Any, Any], float]


def chainrule_step(model: nn.Module) -> Step:
    optimizer = recipe.make_optimizer(model.parameters())

    @cr.compile(threads=args.threads)
    def step(images: Any, labels: Any) -> cr.Tensor:
        loss = recipe.loss(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return lambda images, labels: step(images, labels).item()


def torch_model() -> Any:
    """PyTorch's network, with the names of chainrule's."""
    t = torch.nn

    def conv(i: int, o: int, *pool: Any) -> Any:
        convolution = t.Conv2d(i, o, 3, padding=1, bias=False)
        return t.Sequential(convolution, *pool, t.BatchNorm2d(o), t.ReLU())

    class Residual(t.Module):  # type: ignore[misc, name-defined]
        def __init__(self, width: int) -> None:
            super().__init__()
            self.body = t.Sequential(conv(width, width), conv(width, width))

        def forward(self, x: Any) -> Any:
            return x + self.body(x)

    class Head(t.Linear):  # type: ignore[misc, name-defined]
        def forward(self, x: Any) -> Any:
            return super().forward(x.amax((2, 3))) * 0.125

    return t.Sequential(OrderedDict(
        stem=conv(3, 32),
        stage1=t.Sequential(conv(32, 64, t.MaxPool2d(2)), Residual(64)),
        stage2=conv(64, 256, t.MaxPool2d(2)),
        stage3=t.Sequential(conv(256, 256, t.MaxPool2d(2)), Residual(256)),
        fc=Head(256, 10, bias=False),
    ))  # fmt: skip


def torch_step(mode: str, state: dict[str, Any]) -> Step:
    torch.set_num_threads(args.threads)
    model = torch_model()
    model.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
    layout = torch.channels_last if "channels_last" in mode else torch.contiguous_format
    model = model.to(memory_format=layout)
    decays = {True: recipe.weight_decay, False: 0.0}  # weights, vectors
    groups = [
        {"params": [p for p in model.parameters() if (p.ndim > 1) == many], "weight_decay": decay}
        for many, decay in decays.items()
    ]
    optimizer = torch.optim.SGD(groups, recipe.lr, recipe.momentum, nesterov=True, fused=True)

    def loss_of(x: Any, y: Any) -> Any:
        return torch.nn.functional.cross_entropy(model(x), y, label_smoothing=0.2)

    function = torch.compile(loss_of) if mode.startswith("compile") else loss_of

    def step(images: Any, labels: Any) -> float:
        x = torch.from_numpy(images).to(memory_format=layout)
        optimizer.zero_grad(set_to_none=True)
        loss = function(x, torch.from_numpy(labels))
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return step


def main() -> None:
    cr.manual_seed(0)
    model = models.build("resnet9")
    state = {name: np.array(value) for name, value in model.state_dict().items()}
    steps = {"chainrule": chainrule_step(model)}
    steps |= {f"torch {mode}": torch_step(mode, state) for mode in args.peers}
    train, normalize = cifar10_batches.load(args.folder)
    stream = cifar10_batches.batches(train, normalize, recipe.batch_size, count())
    first = next(stream)
    losses = {name: step(*first) for name, step in steps.items()}  # compiles, and must agree
    print("loss of the first step:", ", ".join(f"{n} {v:.5f}" for n, v in losses.items()))
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    augmenting = []
    for _ in range(args.rounds):
        began = time.perf_counter()
        chosen = [next(stream) for _ in range(args.steps)]
        augmenting.append((time.perf_counter() - began) / args.steps)
        for name, step in steps.items():
            for batch in chosen:
                began = time.perf_counter()
                step(*batch)
                seconds[name].append(time.perf_counter() - began)
    per_epoch = 45_000 / recipe.batch_size
    extra = statistics.median(augmenting)
    ours = statistics.median(seconds["chainrule"])
    print(f"a batch of {recipe.batch_size} is made in {extra * 1e3:.0f} ms, the same for all")
    for name, values in seconds.items():
        step_time = statistics.median(values)
        minutes = (step_time + extra) * per_epoch * recipe.epochs / 60
        print(
            f"{name:24} {step_time * 1e3:8.0f} ms a step  {step_time / ours:5.2f} x  "
            f"{minutes:6.1f} minutes for {recipe.epochs} epochs of 45,000 images"
        )


if __name__ == "__main__":
    main()
