"""MNIST, which comes with the package, and Fashion-MNIST, which has the same files.

Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
recognition", Proc. IEEE 86 (1998); H. Xiao, K. Rasul, R. Vollgraf, arXiv:1708.07747.
"""

from __future__ import annotations

import os
from importlib.resources import files
from importlib.resources.abc import Traversable

from ..dtypes import Array
from ..errors import DataError
from .checks import check_labels, checked_split
from .dataset import ArrayDataset
from .files import existing_folder
from .idx import read_idx

FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
DIGITS = tuple("0123456789")
CLOTHES = (
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)


def mnist(split: str = "train", directory: str | os.PathLike[str] | None = None) -> ArrayDataset:
    """Return MNIST: uint8 images (N, 1, 28, 28), int64 labels (N,); 60,000 train, 10,000 test.

    The files inside the package are read, or the user's in ``directory``, plain or with .gz.
    Raises DataError for files that are missing or damaged and for labels beyond 9.

    >>> data = mnist("test")
    >>> data.inputs.shape, data.targets[:5].tolist()
    ((10000, 1, 28, 28), [7, 2, 1, 0, 4])
    """
    folder = files(__package__) / "embedded" / "mnist" if directory is None else directory
    return _read(folder, split, "mnist", DIGITS)


def fashion_mnist(split: str, directory: str | os.PathLike[str]) -> ArrayDataset:
    """Return Fashion-MNIST from its four files in ``directory``, in the same form as MNIST."""
    return _read(directory, split, "fashion-mnist", CLOTHES)


def _read(
    directory: str | os.PathLike[str] | Traversable, split: str, name: str, classes: tuple[str, ...]
) -> ArrayDataset:
    folder = existing_folder(directory) if isinstance(directory, str | os.PathLike) else directory
    image_file, label_file = (_find(folder, file) for file in FILES[checked_split(split)])
    images, labels = read_idx(image_file), read_idx(label_file)
    _check(image_file, images, (28, 28))
    _check(label_file, labels, ())
    check_labels(labels, len(classes), str(label_file))
    return ArrayDataset(images[:, None], labels, classes, name)


def _find(folder: Traversable, name: str) -> Traversable:
    """Return the plain or the compressed file of this name."""
    for candidate in (folder / name, folder / f"{name}.gz"):
        if candidate.is_file():
            return candidate
    raise DataError(str(folder), required=f"a file {name} or {name}.gz", received="neither")


def _check(file: Traversable, values: Array, shape: tuple[int, ...]) -> None:
    if values.dtype != "uint8" or values.shape[1:] != shape:
        wanted = " x ".join(["N", *map(str, shape)])
        received = f"{' x '.join(map(str, values.shape))} {values.dtype}"
        raise DataError(str(file), required=f"{wanted} uint8", received=received)
