"""``chainrule eval`` and ``chainrule predict``: what a trained run knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from .. import functional as F
from ..data import Dataset, read_image
from ..dtypes import Array
from ..errors import DataError, ShapeError
from ..ops.random import manual_seed
from ..train import Trainer
from .config import RunConfig, read_config
from .neighbour import MODEL as NEIGHBOUR
from .neighbour import report, trained_neighbour
from .runs import class_name, load_split, resolve
from .training import describe_results, make_trainer


def evaluate_run(
    folder: Path,
    data: str | None,
    data_dir: Path | None,
    split: str,
    *,
    best: bool,
    compile: bool = True,
) -> None:
    """Print loss and metrics of a run on one part of a data set."""
    config = replace(read_config(folder), compile=compile)
    if data is None and data_dir is None:
        # Of its own training samples the run may have seen the first ones only.
        limit = config.limit if split == "train" else None
        samples = load_split(config.data, config.data_dir, split, limit)
    else:
        samples = load_split(data or config.data, data_dir, split)
        _require_same_kind(samples, config)
    if config.model == NEIGHBOUR:
        report(split, trained_neighbour(config), samples, np.arange(len(samples)))
    else:
        results = trained(config, folder, best=best).evaluate(samples)
        print(describe_results(split, results, len(samples)))


def _require_same_kind(samples: Dataset, config: RunConfig) -> None:
    """Samples of another data set must look like the run's own, their classes included."""
    classes = None if samples.classes is None else tuple(samples.classes)
    for what, required, received in (
        ("inputs of shape", config.input_shape, samples.input_shape),
        ("classes", _listed(config.classes), _listed(classes)),
    ):
        if required != received:
            raise DataError(
                f"data set {samples.name!r}", required=f"{what} {required}, as in training",
                received=str(received),
            )  # fmt: skip


def _listed(classes: Sequence[str] | None) -> str:
    return "none" if classes is None else ", ".join(classes)


def trained(config: RunConfig, folder: Path, *, best: bool) -> Trainer:
    """Return the trainer of a run, with the weights that it found."""
    manual_seed(config.seed)
    trainer, _ = make_trainer(config, resolve(config.model), folder)
    trainer.load(folder, "best" if best else "last")
    return trainer


def predict_images(
    folder: Path, paths: Sequence[Path], *, top: int, invert: bool, compile: bool = True
) -> None:
    """Print the classes that a run sees in image files, the likeliest first."""
    config = replace(read_config(folder), compile=compile)
    shape = config.input_shape
    if len(shape) != 3 or shape[0] not in (1, 3) or not config.is_classifier:
        raise DataError(
            str(folder), required="a run that classifies images, grey or of 3 colours",
            received=f"inputs of shape {shape}" + ("" if config.is_classifier else ", no classes"),
        )  # fmt: skip
    images = np.stack([_pixels(path, shape, invert) for path in paths])
    if config.model == NEIGHBOUR:
        labels = trained_neighbour(config).predict(images)
        told = [class_name(config.classes, int(label)) for label in labels]
    else:
        scores = trained(config, folder, best=True).predict(images)
        told = [_ranking(row, config.classes, top) for row in _probabilities(scores, config)]
    for path, text in zip(paths, told, strict=True):
        print(f"{path}: {text}")


def _pixels(path: Path, shape: tuple[int, ...], invert: bool) -> Array:
    channels, height, width = shape
    pixels = read_image(path, (height, width), "L" if channels == 1 else "RGB")
    return 255 - pixels if invert else pixels


def _probabilities(scores: Array, config: RunConfig) -> Array:
    """Turn scores (N, C) into probabilities; one score a sample is that of class 1 against 0."""
    if config.outputs == 2 and scores.size == len(scores):
        column = scores.reshape(-1, 1)
        scores = np.concatenate([np.zeros_like(column), column], axis=1)
    if scores.shape[1:] != (config.outputs,):
        raise ShapeError(
            "predict", required=f"scores (N, {config.outputs})", received=f"{scores.shape}"
        )
    return F.softmax(scores).numpy()


def _ranking(probabilities: Array, classes: Sequence[str] | None, top: int) -> str:
    best = np.argsort(-probabilities, kind="stable")[:top]
    return ", ".join(f"{class_name(classes, int(k))} {probabilities[k]:.1%}" for k in best)
