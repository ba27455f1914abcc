"""Images that a text file lists, one line an image: its path, a space, its label."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..dtypes import Array
from ..errors import DataError
from .checks import Pair
from .dataset import ArrayDataset
from .files import file_errors
from .folder import read_images


def image_list(
    path: str | os.PathLike[str],
    root: str | os.PathLike[str] | None = None,
    size: Pair | None = None,
    mode: str | None = None,
    classes: Sequence[str] | None = None,
) -> ArrayDataset:
    """Read the images that a text file lists: uint8 (N, C, H, W), and int64 labels (N,).

    A line is ``PATH LABEL``; the path may contain spaces and is relative to ``root``, by default
    the folder of the list. Labels that are not all whole numbers become float32 targets (N, 1).
    ``size`` and ``mode`` as in image_folder. Raises DataError, naming the line, for what is no such
    list. In Caffe: the layer ImageData and its source.

    >>> import PIL.Image
    >>> PIL.Image.new("L", (3, 2), 255).save("a cat.png")
    >>> _ = Path("train.txt").write_text("a cat.png 1\\n")
    >>> data = image_list("train.txt")
    >>> data.inputs.shape, data.targets.tolist()
    ((1, 1, 2, 3), [1])
    """
    name = os.fspath(path)
    with file_errors(name, "a list of images"):
        text = Path(path).expanduser().read_bytes()
    folder = Path(path).expanduser().parent if root is None else Path(root).expanduser()
    files, labels = [], []
    for number, line in enumerate(_decoded(text, name).split("\n"), start=1):
        if line.strip():
            file, label = _parts(line.strip(), f"{name}, line {number}")
            files.append(folder / file)
            labels.append(label)
    if not files:
        raise DataError(name, required="lines of a path, a space and a label", received="none")
    return ArrayDataset(
        read_images(files, size, mode), _targets(labels), classes, name=Path(path).stem
    )


def _decoded(text: bytes, name: str) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise DataError(name, required="text in UTF-8", received="other bytes") from None


def _parts(line: str, where: str) -> tuple[str, float]:
    """Return path and label: what stands before and after the last space."""
    file, _, label = line.rpartition(" ")
    try:
        value = float(label)
    except ValueError:
        value = float("nan")
    if not file.strip() or not np.isfinite(value):
        raise DataError(
            where, required="a path, a space and a number, the label", received=repr(line)
        )
    return file.rstrip(), value


def _targets(labels: Sequence[float]) -> Array:
    values = np.array(labels)
    whole = (values == np.floor(values)) & (abs(values) < 2**53)
    return values.astype(np.int64) if whole.all() else values.astype(np.float32)[:, None]
