"""``chainrule train nearest-neighbour``: nothing to train, so it is measured at once."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from ..data import Dataset
from ..dtypes import Array
from ..errors import DataError
from ..models import NearestNeighbour
from .config import RunConfig
from .runs import load_split, new_config, new_folder

MODEL = "nearest-neighbour"
_MEASURED = 1000  # so many training samples are enough to show the training accuracy
_PART = 200  # samples are classified between two looks at the clock
_INTERVAL = 5.0  # seconds between two lines of progress


def train_neighbour(
    data: str, data_dir: Path | None, output: Path | None, *, k: int, metric: str,
    limit: int | None, quiet: bool,
) -> int:  # fmt: skip
    """Remember the training set and print training and test accuracy."""
    model = NearestNeighbour(k=k, metric=metric)
    folder = new_folder(output, MODEL, data)
    train = load_split(data, data_dir, "train", limit)
    test = load_split(data, data_dir, "test")
    remember(model, train)
    config = new_config(MODEL, data, data_dir, train, limit=limit, k=k, metric=model.metric)
    config.write(folder)
    if not quiet:
        print(f"{MODEL}, k = {k}, {model.metric}: {len(train):,} samples remembered in {folder}")
    some = np.arange(0, len(train), max(1, len(train) // _MEASURED))
    report("training", model, train, some, quiet=quiet)
    report("test", model, test, np.arange(len(test)), quiet=quiet)
    return 0


def trained_neighbour(config: RunConfig) -> NearestNeighbour:
    """Return the classifier of a run."""
    model = NearestNeighbour(k=config.k, metric=config.metric)
    return remember(model, load_split(config.data, config.data_dir, "train", config.limit))


def remember(model: NearestNeighbour, train: Dataset) -> NearestNeighbour:
    """Fit the classifier to a data set."""
    if train.num_classes is None:
        raise DataError(
            f"data set {train.name!r}", required="classes as targets", received="numbers"
        )
    return model.fit(*train.batch(np.arange(len(train))))


def report(
    what: str, model: NearestNeighbour, data: Dataset, chosen: Array, *, quiet: bool = False
) -> None:
    """Measure and print the accuracy on the chosen samples, with progress if it takes long."""
    start = last = time.monotonic()
    right = 0
    for place in range(0, len(chosen), _PART):
        inputs, targets = data.batch(chosen[place : place + _PART])
        right += int((model.predict(inputs) == targets).sum())
        now, done = time.monotonic(), place + len(inputs)
        if not quiet and now - last >= _INTERVAL and done < len(chosen):
            last, left = now, (now - start) / done * (len(chosen) - done)
            print(f"{what}: {done:,} of {len(chosen):,} samples, {left:.0f} s left", flush=True)
    seconds = time.monotonic() - start
    print(f"{what} accuracy {right / len(chosen):.2%} on {len(chosen):,} samples ({seconds:.1f} s)")
