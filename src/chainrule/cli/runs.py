"""What a run is made of, by name: its model, its data, its folder, its configuration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..data import NAMES, ArrayDataset, Dataset, Normalize, Subset, load
from ..errors import ArgumentError, CheckpointError, DataError
from ..models import RECIPES, Recipe, from_file, recipe
from ..train import has_checkpoint
from .config import RunConfig

_SAMPLES = 10_000  # so many tell the mean and the spread of the inputs


def resolve(model: str) -> Recipe:
    """Return the recipe of a model's name, or of the Python file that defines it."""
    return from_file(model) if is_file(model) else recipe(model)


def is_file(model: str) -> bool:
    """Whether a model is a Python file, and not a name."""
    return model not in RECIPES and (model.endswith(".py") or Path(model).is_file())


def same_model(model: str, other: str) -> bool:
    """Whether two names mean one model; files are the same if their paths are."""
    return model == other or (is_file(model) and str(Path(model).resolve()) == other)


def load_split(
    data: str, data_dir: str | Path | None, split: str, limit: int | None = None
) -> Dataset:
    """Return one part of a data set, or "all" of it, cut to ``limit`` samples."""
    if split not in ("train", "test", "all"):
        raise ArgumentError("--split", required="train, test or all", received=split)
    parts = [load(data, part, data_dir) for part in ("train", "test") if split in (part, "all")]
    dataset = parts[0] if len(parts) == 1 else _joined(parts)
    if len(dataset) == 0:
        raise DataError(f"data set {data!r}", required="samples", received=f"none in {split!r}")
    if limit is not None and limit < len(dataset):
        return Subset(dataset, np.arange(limit))
    return dataset


def _joined(parts: Sequence[Dataset]) -> Dataset:
    inputs = np.concatenate([part.inputs for part in parts])
    targets = np.concatenate([part.targets for part in parts])
    return ArrayDataset(inputs, targets, parts[0].classes, parts[0].name)


def new_folder(output: Path | None, model: str, data: str) -> Path:
    """Return the folder for a new run: the one given, unless it holds one, or a fresh one."""
    if output is None:
        stem, number = f"{Path(model).stem}-{Path(data).stem}", 1
        while (folder := Path("runs") / f"{stem}-{number}").exists():
            number += 1
        return folder
    if output.exists() and not output.is_dir():
        raise ArgumentError("--output", required="a folder", received=f"the file {output}")
    if has_checkpoint(output):
        raise CheckpointError(
            str(output), required="a folder without a run", received="one with a run",
            hint=f"go on with it by: chainrule train --resume {output}",
        )  # fmt: skip
    return output


def class_name(classes: Sequence[str] | None, label: int) -> str:
    """Return a class's name, or its number where it has none."""
    return str(label) if classes is None else classes[label]


def new_config(
    model: str, data: str, data_dir: Path | None, train: Dataset, **options: Any
) -> RunConfig:
    """Return the configuration of a new run; files are named so that any folder finds them."""
    from .. import __version__

    if data in NAMES:
        directory = None if data_dir is None else str(data_dir.resolve())
    else:
        data, directory = str(Path(data_dir or "", data).expanduser().resolve()), None
    outputs = train.num_classes
    return RunConfig(
        __version__, str(Path(model).resolve()) if is_file(model) else model, data, directory,
        train.input_shape, int(train.targets[0].size) if outputs is None else outputs,
        None if train.classes is None else tuple(train.classes), _statistics(train).config(),
        **options,
    )  # fmt: skip


def _statistics(dataset: Dataset) -> Normalize:
    """Return the transform that brings the inputs to mean 0 and spread 1 by channel."""
    step = max(1, len(dataset) // _SAMPLES)
    return Normalize.fit(dataset.batch(np.arange(0, len(dataset), step))[0])
