"""Data sets by name, as the command line gives them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ..errors import DataError
from ..settings import data_directory
from .checks import checked_split
from .cifar import cifar10
from .dataset import ArrayDataset, Dataset, split
from .download import fetch
from .folder import image_folder
from .mnist import fashion_mnist, mnist
from .tables import csv

Directory = str | os.PathLike[str]
_REMOTE: dict[str, Callable[[str, Directory], ArrayDataset]] = {
    "fashion-mnist": fashion_mnist,
    "cifar10": cifar10,
}
_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_TRAIN_FRACTION = 0.8

NAMES = ("mnist", *_REMOTE)


def load(name: str, split: str = "train", directory: Directory | None = None) -> Dataset:
    """Return the "train" or "test" part of a data set by its name or path.

    ``name`` is mnist, fashion-mnist, cifar10, a .csv or .tsv file whose last column is the target,
    or a folder of images (``NAME/CLASS/IMAGE``, or ``NAME/train/CLASS/IMAGE`` beside
    ``NAME/test``). Named sets are read from ``directory``; without one, mnist comes with the
    package and the others are downloaded once into the folder that CHAINRULE_DATA_DIR names. Of
    a file or folder without parts, a fixed random fifth of the samples is the test part.
    Raises DataError for names that are none of these and for bad files.

    >>> load("mnist", "test")
    ArrayDataset('mnist', 10000 samples, inputs (1, 28, 28), 10 classes)
    """
    checked_split(split)
    if name == "mnist":
        return mnist(split, directory)
    if name in _REMOTE:
        folder = fetch(name, data_directory() / name) if directory is None else directory
        return _REMOTE[name](split, folder)
    path = Path(directory or "", name).expanduser()
    if path.suffix.lower() in _DELIMITERS:
        return _part(csv(path, delimiter=_DELIMITERS[path.suffix.lower()]), split)
    if path.is_dir():
        return _images(path, split)
    raise DataError(
        f"data set {name!r}",
        required=f"one of {', '.join(NAMES)}, a .csv or .tsv file, or a folder of images",
        received="another kind of file" if path.exists() else "no such name, file or folder",
    )


def _images(path: Path, part: str) -> Dataset:
    if not (path / "train").is_dir() or not (path / "test").is_dir():
        return _part(image_folder(path), part)
    train = image_folder(path / "train")
    if part == "train":
        return train
    channels, height, width = train.input_shape
    mode = "L" if channels == 1 else "RGB"
    return image_folder(path / "test", (height, width), mode, train.classes)


def _part(dataset: Dataset, part: str) -> Dataset:
    train, test = split(dataset, (_TRAIN_FRACTION, 1 - _TRAIN_FRACTION))
    return train if part == "train" else test
