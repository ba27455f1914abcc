"""A small training run with everything that has a state, and its bits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

import chainrule as cr
from chainrule import functional as F
from chainrule import nn, optim
from chainrule.data import ArrayDataset, DataLoader
from chainrule.ops.random import Generator, default_generator, manual_seed
from chainrule.train import Callback, History, Run, Trainer

SAMPLES, BATCH = 22, 4
STEPS_PER_EPOCH = 6  # the last batch is smaller
TIMES = ("seconds", "samples_per_second")


def clusters(samples: int = SAMPLES, seed: int = 0) -> ArrayDataset:
    """Three clusters of points in four dimensions."""
    rng = np.random.default_rng(seed)
    labels = np.arange(samples) % 3
    centres = np.array([[2, 0, 0, 1], [0, 2, 0, -1], [0, 0, 2, 0]])
    points = centres[labels] + rng.normal(0, 0.6, (samples, 4))
    return ArrayDataset(points.astype(np.float32), labels)


def jitter(batch: Any, rng: np.random.Generator) -> Any:
    return batch + rng.normal(0, 0.05, batch.shape).astype(batch.dtype)


def loader() -> DataLoader:
    return DataLoader(clusters(), BATCH, shuffle=True, seed=3, transform=jitter)


def network() -> nn.Module:
    return nn.Sequential(
        nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2, generator=Generator(5)),
        nn.Linear(8, 8), nn.Dropout(0.2), nn.Linear(8, 3),
    )  # fmt: skip


def new_trainer(optimizer: str = "SGD", **options: Any) -> Trainer:
    """What a new process would build, the default random generator included."""
    manual_seed(11)
    model = network()
    if optimizer == "SGD":
        made: optim.Optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    else:
        made = getattr(optim, optimizer)(model.parameters(), lr=0.01)
    options.setdefault("schedule", optim.CosineAnnealingLR(made, 40, by="step"))
    options.setdefault("metrics", ["accuracy", "f1"])
    return Trainer(model, F.cross_entropy, made, **options)


def plain_trainer(lr: float = 0.1, **options: Any) -> Trainer:
    """A linear classifier with nothing random in it."""
    manual_seed(11)
    model = nn.Linear(4, 3)
    return Trainer(model, F.cross_entropy, optim.SGD(model.parameters(), lr=lr), **options)


def bits(trainer: Trainer) -> dict[str, Any]:
    """Everything that must be equal if training went the same way."""
    held = {**dict(trainer.model.named_parameters()), **dict(trainer.model.named_buffers())}
    held |= dict(trainer.optimizer.named_slots())
    return {
        "arrays": {name: t.data.tobytes() for name, t in held.items()},
        "groups": trainer.optimizer.group_options(),
        "schedule": None if trainer.schedule is None else trainer.schedule.state_dict(),
        "random": [default_generator().state_dict()]
        + [
            m.generator.state_dict()
            for m in trainer.model.modules()
            if isinstance(m, nn.Dropout) and m.generator is not None
        ],
    }


def timeless(history: History) -> list[dict[str, Any]]:
    records = [*history.epochs, *history.steps]
    return [{k: v for k, v in record.items() if k not in TIMES} for record in records]


def file_history(folder: Path) -> list[dict[str, Any]]:
    return timeless(History.read(folder))


def timeless_state(path: Path) -> dict[str, Any]:
    state: dict[str, Any] = json.loads((path / "state.json").read_text())
    # The bytes of the history contain the digits of times.
    return {k: v for k, v in state.items() if k not in ("seconds", "history")}


class Crash(Exception):  # noqa: N818
    """What ends a process in these tests."""


class CrashAfter(Callback):
    """End the process after a number of steps, before or after the checkpoint of that step."""

    def __init__(self, step: int, *, saved: bool = False) -> None:
        self.step = step
        self.saved = saved

    def on_step_end(self, run: Run) -> None:
        if not self.saved and run.step == self.step:
            raise Crash

    def on_checkpoint(self, run: Run, path: Path) -> None:
        if self.saved and run.step == self.step:
            raise Crash


def weights(trainer: Trainer) -> list[cr.Tensor]:
    return list(trainer.model.parameters())
