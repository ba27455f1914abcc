"""Data: samples from files and formulas, handed out in batches of NumPy arrays."""

from __future__ import annotations

from .augmentation import (
    CenterCrop,
    Cutout,
    Pad,
    RandomAffine,
    RandomCrop,
    RandomErasing,
    RandomHorizontalFlip,
    RandomVerticalFlip,
)
from .cifar import cifar10
from .dataset import ArrayDataset, Dataset, Subset, split
from .download import fetch
from .folder import image_folder, read_image
from .idx import read_idx, write_idx
from .listing import image_list
from .loader import DataLoader
from .mnist import fashion_mnist, mnist
from .registry import NAMES, load
from .synthetic import blobs, line, moons, spirals, xor
from .tables import csv
from .transforms import (
    Compose,
    Flatten,
    Lambda,
    Normalize,
    OneHot,
    ToFloat,
    Transform,
    from_config,
)

__all__ = [
    "NAMES",
    "ArrayDataset",
    "CenterCrop",
    "Compose",
    "Cutout",
    "DataLoader",
    "Dataset",
    "Flatten",
    "Lambda",
    "Normalize",
    "OneHot",
    "Pad",
    "RandomAffine",
    "RandomCrop",
    "RandomErasing",
    "RandomHorizontalFlip",
    "RandomVerticalFlip",
    "Subset",
    "ToFloat",
    "Transform",
    "blobs",
    "cifar10",
    "csv",
    "fashion_mnist",
    "fetch",
    "from_config",
    "image_folder",
    "image_list",
    "line",
    "load",
    "mnist",
    "moons",
    "read_idx",
    "read_image",
    "spirals",
    "split",
    "write_idx",
    "xor",
]
