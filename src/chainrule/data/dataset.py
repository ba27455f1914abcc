"""Data sets: samples with their targets, gathered a batch at a time by an array of indices."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ..dtypes import Array
from ..errors import ArgumentError, DataError
from .checks import check_labels, checked_indices
from .randomness import permutation

Batch = tuple[Array, Array]


class Dataset(ABC):
    """A finite number of samples, each an input array with a target.

    A subclass defines ``__len__`` and ``batch``; all else follows. ``classes`` holds the names of
    the classes where the targets are class indices, else None.
    """

    name: str = "data"
    classes: tuple[str, ...] | None = None

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of samples."""

    @abstractmethod
    def batch(self, indices: npt.ArrayLike) -> Batch:
        """Gather samples: indices (B,) -> inputs (B, *input_shape), targets (B, ...)."""

    def __getitem__(self, index: int | slice | npt.ArrayLike) -> tuple[Any, Any]:
        """Return one sample (an integer) or a batch (a slice or an array of integers)."""
        if isinstance(index, slice):
            return self.batch(np.arange(len(self))[index])
        inputs, targets = self.batch(np.atleast_1d(np.asarray(index)))
        return (inputs, targets) if np.ndim(index) else (inputs[0], targets[0])

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return (self[i] for i in range(len(self)))

    def in_memory(self) -> tuple[Array, Array, Array] | None:
        """Return (inputs, targets, rows) if sample i is inputs[rows[i]], targets[rows[i]].

        None where samples have to be read or made; then ``batch`` is the only way to them.
        """
        return None

    @property
    def inputs(self) -> Array:
        """All inputs as one array, (N, *input_shape)."""
        return self.batch(np.arange(len(self)))[0]

    @property
    def targets(self) -> Array:
        """All targets as one array, (N, ...)."""
        return self.batch(np.arange(len(self)))[1]

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one input, without the batch axis."""
        return self.batch([0])[0].shape[1:]

    @property
    def num_classes(self) -> int | None:
        """The number of classes, or None where the targets are not class indices."""
        return None if self.classes is None else len(self.classes)

    def __repr__(self) -> str:
        kind = "" if self.num_classes is None else f", {self.num_classes} classes"
        shape = f", inputs {self.input_shape}" if len(self) else ""
        return f"{type(self).__name__}({self.name!r}, {len(self)} samples{shape}{kind})"


class ArrayDataset(Dataset):
    """Inputs (N, ...) and targets (N, ...) in memory, in the type they have: uint8 stays uint8.

    One-dimensional integer targets that are all >= 0 are class indices and become int64; where
    ``classes`` names the classes they must lie in 0 ... len(classes) - 1. Raises DataError for
    arrays that are not numbers, lengths that differ and labels out of range.

    >>> data = ArrayDataset([[0.0, 1.0], [2.0, 3.0]], [0, 1], classes=["no", "yes"])
    >>> data.input_shape, data.num_classes
    ((2,), 2)
    >>> data[1]
    (array([2., 3.], dtype=float32), np.int64(1))
    """

    def __init__(
        self,
        inputs: npt.ArrayLike,
        targets: npt.ArrayLike,
        classes: Sequence[str] | None = None,
        name: str | None = None,
    ) -> None:
        self.name = name or "data"
        self.classes = None if classes is None else tuple(classes)
        self._inputs = _numbers(inputs, f"{self.name}: inputs")
        self._targets = _numbers(targets, f"{self.name}: targets")
        if len(self._inputs) != len(self._targets):
            raise DataError(
                self.name,
                required="as many targets as inputs",
                received=f"{len(self._inputs)} inputs, {len(self._targets)} targets",
            )
        self._num_classes = _count_classes(self._targets, self.classes, self.name)
        if self._num_classes is not None:
            self._targets = self._targets.astype(np.int64, copy=False)

    def __len__(self) -> int:
        return len(self._inputs)

    def batch(self, indices: npt.ArrayLike) -> Batch:
        """Gather samples: indices (B,) -> copies of inputs (B, ...) and targets (B, ...)."""
        chosen = checked_indices(indices, len(self), self.name)
        return self._inputs[chosen], self._targets[chosen]

    def in_memory(self) -> tuple[Array, Array, Array] | None:
        """Return the arrays themselves; None in a subclass that makes its batches otherwise."""
        if type(self).batch is not ArrayDataset.batch:
            return None
        return self._inputs, self._targets, np.arange(len(self))

    @property
    def inputs(self) -> Array:
        """The array of all inputs itself, (N, *input_shape)."""
        return self._inputs

    @property
    def targets(self) -> Array:
        """The array of all targets itself, (N, ...)."""
        return self._targets

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one input, without the batch axis."""
        return self._inputs.shape[1:]

    @property
    def num_classes(self) -> int | None:
        """The number of classes: of the names, else the largest label + 1; None if no classes."""
        return self._num_classes


class Subset(Dataset):
    """Some samples of another data set, chosen by indices (N,); nothing is copied.

    >>> whole = ArrayDataset([[1.0], [2.0], [3.0]], [0, 1, 1])
    >>> Subset(whole, [2, 0]).inputs.tolist()
    [[3.0], [1.0]]
    """

    def __init__(self, dataset: Dataset, indices: npt.ArrayLike) -> None:
        self.dataset = dataset
        self.indices = checked_indices(indices, len(dataset), dataset.name)
        self.name = dataset.name
        self.classes = dataset.classes

    def __len__(self) -> int:
        return len(self.indices)

    def batch(self, indices: npt.ArrayLike) -> Batch:
        """Gather samples: indices (B,) into this subset -> inputs (B, ...), targets (B, ...)."""
        return self.dataset.batch(self.indices[checked_indices(indices, len(self), self.name)])

    def in_memory(self) -> tuple[Array, Array, Array] | None:
        """Return the whole data set's arrays, and the rows of the chosen samples."""
        whole = self.dataset.in_memory()
        if whole is None or type(self).batch is not Subset.batch:
            return None
        inputs, targets, rows = whole
        return inputs, targets, rows[self.indices]

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one input, without the batch axis."""
        return self.dataset.input_shape

    @property
    def num_classes(self) -> int | None:
        """The number of classes of the whole data set."""
        return self.dataset.num_classes


def split(dataset: Dataset, parts: Sequence[float], seed: int = 0) -> tuple[Subset, ...]:
    """Cut a data set into disjoint random parts, given as fractions or as numbers of samples.

    Fractions are floats with a sum <= 1, sizes are integers with a sum <= len(dataset); what is
    left over is in no part. Raises ArgumentError for anything else.

    >>> whole = ArrayDataset(np.zeros((10, 1)), np.zeros(10))
    >>> [len(part) for part in split(whole, (0.8, 0.2))]
    [8, 2]
    """
    n, parts = len(dataset), tuple(parts)
    are_sizes = all(isinstance(part, int | np.integer) for part in parts)
    # The tolerance forgives fractions such as 0.7 + 0.2 + 0.1 that are not exact in binary.
    limit = n if are_sizes else 1 + 1e-9
    if not (parts and min(parts) >= 0 and sum(parts) <= limit):
        raise ArgumentError(
            "split",
            required=f"fractions >= 0 with a sum <= 1, or sizes >= 0 with a sum <= {n}",
            received=repr(parts),
        )
    bounds = np.rint(np.cumsum((0, *parts)) * (1 if are_sizes else n)).astype(np.int64)
    order = permutation(n, seed)
    return tuple(Subset(dataset, order[start:stop]) for start, stop in pairwise(bounds))


def _numbers(values: npt.ArrayLike, what: str) -> Array:
    """Make an array of numbers with a sample axis; Python's own floats become float32."""
    try:
        array = np.asarray(values)
    except ValueError:  # rows of different lengths
        raise DataError(what, required="one shape for all samples") from None
    if array.dtype.kind not in "biuf" or array.ndim == 0:
        raise DataError(
            what,
            required="an array of numbers, one row a sample",
            received=f"{array.dtype.name} of shape {array.shape}",
        )
    is_python = not isinstance(values, np.ndarray | np.generic)
    return array.astype(np.float32) if is_python and array.dtype == np.float64 else array


def _count_classes(targets: Array, classes: tuple[str, ...] | None, name: str) -> int | None:
    """Return the number of classes that the targets index, or None if they are values."""
    are_labels = targets.ndim == 1 and targets.dtype.kind in "biu"
    if classes is None:
        known = are_labels and targets.size > 0 and targets.min() >= 0
        return int(targets.max()) + 1 if known else None
    if not are_labels:
        raise DataError(
            f"{name}: targets",
            required="one integer label a sample, since classes are named",
            received=f"{targets.dtype.name} of shape {targets.shape}",
        )
    check_labels(targets, len(classes), name)
    return len(classes)
