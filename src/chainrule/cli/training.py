"""``chainrule train``: from a model's name to a folder with checkpoints, curves and mistakes."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..data import DataLoader, Dataset, split
from ..errors import ArgumentError, CheckpointError, DataError
from ..models import RECIPES, Recipe
from ..nn import Module
from ..ops.random import manual_seed
from ..optim import OneCycleLR
from ..train import (
    Callback,
    Curves,
    Run,
    RunReport,
    TensorBoard,
    Trainer,
    TrainingInterrupted,
    has_checkpoint,
    read_checkpoint,
    save_mistakes,
)
from .config import CONFIG, RunConfig, read_config
from .neighbour import MODEL as NEIGHBOUR
from .runs import load_split, new_config, new_folder, resolve

_VALIDATION = 0.1  # of the training samples choose the best checkpoint
_SIGNAL = 128  # a program that a signal stopped returns this and the signal's number


@dataclass(frozen=True)
class TrainOptions:
    """The options of ``chainrule train``."""

    model: str
    data: str
    data_dir: Path | None
    output: Path | None
    epochs: int | None
    batch_size: int | None
    lr: float | None
    limit: int | None
    seed: int
    tensorboard: bool
    compile: bool
    quiet: bool


def start_run(options: TrainOptions) -> int:
    """Train a model from the beginning; return the exit code."""
    manual_seed(options.seed)  # a model's file may draw its weights as soon as it is read
    recipe = resolve(options.model)
    lr = _rate(options.lr, recipe)
    folder = new_folder(options.output, options.model, options.data)
    train = load_split(options.data, options.data_dir, "train", options.limit)
    if train.num_classes is None and options.model in RECIPES:
        raise DataError(
            f"data set {options.data!r}", required="classes as targets", received="numbers",
            hint="a Python file may define a model and a loss for them",
        )  # fmt: skip
    config = new_config(
        options.model, options.data, options.data_dir, train, limit=options.limit, lr=lr,
        epochs=recipe.epochs if options.epochs is None else options.epochs,
        batch_size=options.batch_size or recipe.batch_size, seed=options.seed,
        tensorboard=options.tensorboard, compile=options.compile,
    )  # fmt: skip
    trainer, model = make_trainer(config, recipe, folder)
    trainer.schedule = _schedule(trainer, recipe, config.lr, _steps(config, train))
    config.write(folder)
    if not options.quiet:
        print(f"{options.model}: {model.num_parameters():,} parameters, {recipe.summary}")
    return _fit(config, recipe, folder, trainer, train, resume=False, quiet=options.quiet)


def resume_run(folder: Path, *, epochs: int | None, quiet: bool) -> int:
    """Go on with a run that was stopped, or train it for more epochs; return the exit code."""
    config = read_config(folder)
    if config.model == NEIGHBOUR:
        raise CheckpointError(str(folder), required="a run that can go on", received=NEIGHBOUR)
    manual_seed(config.seed)
    recipe = resolve(config.model)
    train = load_split(config.data, config.data_dir, "train", config.limit)
    trainer, _ = make_trainer(config, recipe, folder)
    if epochs is not None and epochs != config.epochs:
        config = replace(config, epochs=epochs)
        config.write(folder)
    steps, planned = _steps(config, train), _planned_steps(folder)
    trainer.schedule = _schedule(trainer, recipe, config.lr, planned or steps)
    if planned not in (None, steps):
        trainer.callbacks.append(_Replan(_schedule(trainer, recipe, config.lr, steps)))
    resume = has_checkpoint(folder)
    return _fit(config, recipe, folder, trainer, train, resume=resume, quiet=quiet)


def make_trainer(config: RunConfig, recipe: Recipe, folder: Path) -> tuple[Trainer, Module]:
    """Build the model and the trainer of a run."""
    manual_seed(config.seed)
    model = recipe.build(config.input_shape, config.outputs)
    optimizer = recipe.make_optimizer(model.parameters(), lr=config.lr)
    about = {"chainrule_train": config.model, "data": config.data, "limit": config.limit}
    callbacks: list[Callback] = [Curves(folder / "curves.png"), RunReport(**about)]
    if config.tensorboard:
        callbacks.append(TensorBoard(folder / "tensorboard"))
    trainer = Trainer(
        model, recipe.loss, optimizer, seed=config.seed, transform=config.normalize(),
        metrics=["accuracy"] if config.is_classifier else ["mse"], callbacks=callbacks,
        compile=config.compile,
    )  # fmt: skip
    return trainer, model


# --- the learning rate ---------------------------------------------------------------------


def _rate(given: float | None, recipe: Recipe) -> float:
    if given is None:
        return float(recipe.lr)
    if not 0 < given < math.inf:
        raise ArgumentError("--lr", required="a number > 0", received=str(given))
    if recipe.optimizer is not None:
        raise ArgumentError(
            "--lr", required="a model that leaves the optimizer to chainrule",
            received=f"{recipe.name}, which makes its own",
        )  # fmt: skip
    return given


def _steps(config: RunConfig, train: Dataset) -> int:
    kept = len(_held_out(train)[0])
    return math.ceil(kept / config.batch_size) * config.epochs


def _schedule(trainer: Trainer, recipe: Recipe, lr: float, steps: int) -> OneCycleLR | None:
    """Let the learning rate rise and fall over the run, unless the user made the optimizer."""
    if not steps or recipe.optimizer is not None:
        return None
    return OneCycleLR(trainer.optimizer, lr, steps, pct_start=recipe.rise, cycle_momentum=False)


def _planned_steps(folder: Path) -> int | None:
    """Return the number of steps for which the schedule of a run's checkpoint was made."""
    if not has_checkpoint(folder):
        return None
    schedule = read_checkpoint(folder).state.get("schedule")
    return schedule["config"]["total_steps"] if isinstance(schedule, Mapping) else None


class _Replan(Callback):
    """Once a run is where it was, let its rate follow the schedule of a longer or shorter run."""

    def __init__(self, schedule: OneCycleLR | None) -> None:
        self.schedule = schedule

    def on_fit_start(self, run: Run) -> None:
        """Exchange the schedule, at the same step."""
        if self.schedule is not None:
            self.schedule.go_to({"count": run.step})
            run.trainer.schedule = self.schedule


# --- running -------------------------------------------------------------------------------


def _fit(
    config: RunConfig, recipe: Recipe, folder: Path, trainer: Trainer, train: Dataset, *,
    resume: bool, quiet: bool,
) -> int:  # fmt: skip
    training, validation = _held_out(train)
    augment = recipe.augment
    loader = None if augment is None else DataLoader(
        training, config.batch_size, shuffle=True, seed=config.seed,
        transform=augment(config.input_shape),
    )  # fmt: skip
    try:
        trainer.fit(
            training if loader is None else loader, config.epochs, validation,
            batch_size=config.batch_size, checkpoint=folder, resume=resume,
            progress=False if quiet else "auto",
        )  # fmt: skip
    except TrainingInterrupted as stopped:
        print(f"\n{stopped.what}; everything is saved in {folder}")
        print(f"go on with: chainrule train --resume {shlex.quote(str(folder))}")
        return _SIGNAL + stopped.signal
    _conclude(config, folder, trainer, quiet=quiet)
    return 0


def _held_out(train: Dataset) -> tuple[Dataset, Dataset | None]:
    """Keep some training samples aside, to choose the best checkpoint by."""
    if len(train) * _VALIDATION < 1:
        return train, None
    training, validation = split(train, (1 - _VALIDATION, _VALIDATION))
    return training, validation


def _conclude(config: RunConfig, folder: Path, trainer: Trainer, *, quiet: bool) -> None:
    """Measure the best weights on the test set and draw what they get wrong."""
    if has_checkpoint(folder):
        trainer.load(folder, "best")
    test = load_split(config.data, config.data_dir, "test")
    (report,) = (found for found in trainer.callbacks if isinstance(found, RunReport))
    print(describe_results("test", report.conclude(test), len(test)))
    left = [
        f"report in {folder / 'report.html'}",
        f"curves in {folder / 'curves.png'}",
        f"checkpoints and {CONFIG} in {folder}",
    ]
    if config.is_classifier and len(config.input_shape) == 3:
        wrong = save_mistakes(trainer, test, folder / "mistakes.png")
        left.insert(0, f"{wrong:,} misclassified, the surest in {folder / 'mistakes.png'}")
    if not quiet:
        print("\n".join(left))


def describe_results(split: str, values: Mapping[str, float], samples: int) -> str:
    """Return one line with the loss and the metrics."""
    parts = [f"loss {values['loss']:.4f}"]
    if "accuracy" in values:
        parts.insert(0, f"accuracy {values['accuracy']:.2%}")
    parts += [f"{k} {v:.4f}" for k, v in values.items() if k not in ("loss", "accuracy")]
    return f"{split} {', '.join(parts)} on {samples:,} samples"
