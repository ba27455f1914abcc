"""CIFAR-10 in its binary layout: records of one label byte and 3 x 32 x 32 pixel bytes.

A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from ..dtypes import Array
from ..errors import DataError
from .checks import check_labels, checked_split
from .dataset import ArrayDataset
from .files import existing_folder, file_errors

SUBFOLDER = "cifar-10-batches-bin"
FILES = {
    "train": tuple(f"data_batch_{i}.bin" for i in range(1, 6)),
    "test": ("test_batch.bin",),
}
META = "batches.meta.txt"
CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
_SHAPE = (3, 32, 32)
_RECORD = 1 + 3 * 32 * 32


def cifar10(split: str, directory: str | os.PathLike[str]) -> ArrayDataset:
    """Return CIFAR-10: uint8 images (N, 3, 32, 32), int64 labels (N,); 50,000 train, 10,000 test.

    ``directory`` holds data_batch_1.bin to data_batch_5.bin and test_batch.bin, or the folder
    cifar-10-batches-bin that does. batches.meta.txt may be missing. Raises DataError for files
    that are missing or not whole records, and for labels beyond 9.
    """
    names = FILES[checked_split(split)]
    folder = existing_folder(directory)
    if (folder / SUBFOLDER).is_dir():
        folder = folder / SUBFOLDER
    batches = [_read_records(folder / name) for name in names]
    return ArrayDataset(
        np.concatenate([images for images, _ in batches]),
        np.concatenate([labels for _, labels in batches]),
        _read_classes(folder / META),
        name="cifar10",
    )


def _read_records(path: Path) -> tuple[Array, Array]:
    with file_errors(path, "a CIFAR-10 binary file"):
        data = np.fromfile(path, np.uint8)
    if data.size == 0 or data.size % _RECORD:
        raise DataError(
            str(path),
            required=f"records of {_RECORD} bytes (1 label, 3 x 32 x 32 pixels)",
            received=f"{data.size} bytes",
        )
    records = data.reshape(-1, _RECORD)
    check_labels(records[:, 0], len(CLASSES), str(path))
    return records[:, 1:].reshape(-1, *_SHAPE), records[:, 0]


def _read_classes(path: Path) -> tuple[str, ...]:
    if not path.exists():
        return CLASSES
    with file_errors(path, "a text file"):
        names = path.read_text(encoding="utf-8", errors="replace").split()
    if len(names) != len(CLASSES):
        raise DataError(str(path), required="10 class names", received=f"{len(names)} names")
    return tuple(names)
