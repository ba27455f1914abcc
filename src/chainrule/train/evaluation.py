"""What a model gives for a data set: batches in order, in evaluation mode, without gradients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from ..data import ArrayDataset, DataLoader, Dataset
from ..errors import ArgumentError
from ..graph import Tensor
from ..nn import Module

Data = Dataset | DataLoader | tuple[npt.ArrayLike, npt.ArrayLike]


def training_loader(data: Data, batch_size: int, seed: int) -> DataLoader:
    """Return the loader that the user gave, or one that shuffles the data."""
    if isinstance(data, DataLoader):
        return data
    return DataLoader(as_dataset(data), batch_size, shuffle=True, seed=seed)


def evaluation_loader(data: Data, batch_size: int) -> DataLoader:
    """Return a loader of all samples in order, with the transforms that the user's loader has."""
    if isinstance(data, DataLoader):
        return DataLoader(
            data.dataset, batch_size, seed=data.seed, transform=data.transform,
            target_transform=data.target_transform, prefetch=data.prefetch,
        )  # fmt: skip
    return DataLoader(as_dataset(data), batch_size)


def prediction_loader(data: Any, batch_size: int) -> DataLoader:
    """Return a loader of the inputs of data, or of an array of inputs without targets."""
    if isinstance(data, Dataset | DataLoader | tuple):
        return evaluation_loader(data, batch_size)
    inputs = data.value if isinstance(data, Tensor) else np.asarray(data)
    count = len(inputs) if inputs.ndim else 0
    return DataLoader(ArrayDataset(inputs, np.zeros(count, np.int64)), batch_size)


def as_dataset(data: Any) -> Dataset:
    """Return a data set as it is, or the one that a pair of arrays makes."""
    if isinstance(data, Dataset):
        return data
    if isinstance(data, tuple | list) and len(data) == 2:
        return ArrayDataset(_array(data[0]), _array(data[1]))
    raise ArgumentError(
        "data", required="a Dataset, a DataLoader or a pair of arrays (inputs, targets)",
        received=type(data).__name__,
    )  # fmt: skip


def _array(values: Any) -> npt.ArrayLike:
    array: npt.ArrayLike = values.value if isinstance(values, Tensor) else values
    return array


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """Switch a model to evaluation inside of the block; each module gets its own mode back."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
