"""Transforms of batches: NumPy array in, NumPy array out, all randomness from the generator given.

A transform is a frozen dataclass, so it prints, compares and travels as JSON by itself:
``from_config(t.config()) == t``. Only the classes known here by name are made from a config,
so that a checkpoint can bring its transforms along and holds no code.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from math import prod
from typing import Any, ClassVar, Self

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError, DataError, ShapeError
from .checks import check_labels

_KIND = "transform"  # the key that names the class in a config
_ROWS = 4096  # samples converted to float64 at a time


@dataclass(frozen=True)
class Transform(ABC):
    """Base of all transforms; a subclass is a frozen dataclass whose fields are JSON values.

    >>> class Negative(Transform):
    ...     def __call__(self, batch, rng):
    ...         return -batch
    >>> from_config({"transform": "Negative"})
    Negative()
    """

    registry: ClassVar[dict[str, type[Transform]]] = {}

    def __init_subclass__(cls) -> None:
        cls.registry[cls.__name__] = cls

    @abstractmethod
    def __call__(self, batch: Array, rng: np.random.Generator) -> Array:
        """Transform a batch (N, ...) -> (N, ...); the batch given is left as it is."""

    def config(self) -> dict[str, Any]:
        """Return the class name and the fields as JSON values."""
        values = {field.name: _plain(getattr(self, field.name)) for field in fields(self)}
        return {_KIND: type(self).__name__, **values}

    @classmethod
    def restore(cls, values: dict[str, Any]) -> Self:
        """Make the transform from the fields of its config."""
        return cls(**values)


def from_config(config: Mapping[str, Any]) -> Transform:
    """Make the transform that a config describes; DataError if it describes none.

    >>> from_config({"transform": "ToFloat", "scale": 0.5})
    ToFloat(scale=0.5)
    """
    values = dict(config) if isinstance(config, Mapping) else {}
    name = values.pop(_KIND, None)
    kind = Transform.registry.get(name) if isinstance(name, str) else None
    if kind is None:
        known = ", ".join(sorted(Transform.registry))
        raise DataError("transform", required=f"one of {known}", received=repr(name))
    try:
        return kind.restore(values)
    except DataError:
        raise
    except (TypeError, ValueError) as error:
        raise DataError(f"transform {name}", required="valid fields", received=str(error)) from None


def _plain(value: Any) -> Any:
    if isinstance(value, Transform):
        return value.config()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


@dataclass(frozen=True)
class Compose(Transform):
    """Several transforms, one after the other.

    >>> Compose([ToFloat(), Flatten()])
    Compose(transforms=(ToFloat(scale=0.00392156862745098), Flatten()))
    """

    transforms: Sequence[Transform]

    def __post_init__(self) -> None:
        object.__setattr__(self, "transforms", tuple(self.transforms))
        for transform in self.transforms:
            if not isinstance(transform, Transform):
                raise ArgumentError(
                    "Compose",
                    required="transforms",
                    received=repr(transform),
                    hint="put a function into Lambda(...)",
                )

    def __call__(self, batch: Array, rng: np.random.Generator) -> Array:
        """Transform a batch by each in turn."""
        for transform in self.transforms:
            batch = transform(batch, rng)
        return batch

    @classmethod
    def restore(cls, values: dict[str, Any]) -> Self:
        """Make the transforms of the list, then the composition."""
        return cls([from_config(item) for item in values.pop("transforms", None)], **values)


@dataclass(frozen=True)
class ToFloat(Transform):
    """Multiply by ``scale`` in floating point, float32 for integers: (N, ...) -> (N, ...).

    >>> ToFloat()(np.array([[0, 255]], np.uint8), np.random.default_rng(0))
    array([[0., 1.]], dtype=float32)
    """

    scale: float = 1 / 255

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", float(self.scale))

    def __call__(self, batch: Array, rng: np.random.Generator) -> Array:
        """Transform a batch."""
        dtype = _float_type(batch)
        result: Array = np.multiply(batch, dtype.type(self.scale), dtype=dtype)
        return result


@dataclass(frozen=True)
class Normalize(Transform):
    """``(scale * x - mean) / std`` in floating point, by channel: (N, C, ...) -> (N, C, ...).

    ``mean`` and ``std`` are numbers, or one number for each channel (axis 1). The default scale
    brings bytes to 0 ... 1 first; give ``scale=1`` for features that are not bytes.

    >>> Normalize(mean=0.5, std=0.5)(np.array([[0, 255]], np.uint8), np.random.default_rng(0))
    array([[-1.,  1.]], dtype=float32)
    """

    mean: float | Sequence[float]
    std: float | Sequence[float]
    scale: float = 1 / 255

    def __post_init__(self) -> None:
        for name in ("mean", "std"):
            value = np.asarray(getattr(self, name), np.float64).tolist()
            object.__setattr__(self, name, tuple(value) if isinstance(value, list) else value)
        lengths = {np.size(value) for value in (self.mean, self.std)}
        if len(lengths - {1}) > 1 or not np.all(np.asarray(self.std) > 0):
            raise ArgumentError(
                "Normalize",
                required="std > 0, one mean and std for all channels or for each",
                received=f"mean={self.mean}, std={self.std}",
            )

    def __call__(self, batch: Array, rng: np.random.Generator) -> Array:
        """Transform a batch."""
        dtype = _float_type(batch)
        factor, shift = self.scale / np.asarray(self.std), np.asarray(self.mean) / self.std
        channels = np.broadcast_shapes(factor.shape, shift.shape)
        if channels not in ((), (1,), batch.shape[1:2]):
            raise ShapeError(
                "Normalize",
                required=f"{channels[0]} channels on axis 1, one for each mean and std",
                received=f"shape {batch.shape}",
            )
        axes = channels and (-1, *(1,) * (batch.ndim - 2))
        result: Array = np.multiply(batch, factor.astype(dtype).reshape(axes), dtype=dtype)
        result -= shift.astype(dtype).reshape(axes)
        return result

    @classmethod
    def fit(cls, inputs: Array, scale: float | None = None) -> Normalize:
        """Return the Normalize that gives ``inputs`` (N, C, ...) mean 0 and deviation 1 by channel.

        The scale defaults to 1/255 for uint8, else 1; a constant channel is only shifted.

        >>> Normalize.fit(np.array([[1.0, 5.0], [3.0, 5.0]]))
        Normalize(mean=(2.0, 5.0), std=(1.0, 1.0), scale=1.0)
        """
        if inputs.ndim < 2 or inputs.size == 0:
            raise ShapeError(
                "Normalize.fit", required="(N, C, ...), N > 0", received=f"shape {inputs.shape}"
            )
        if scale is None:
            scale = 1 / 255 if inputs.dtype == np.uint8 else 1.0
        mean = _channel_means(inputs, lambda x: x)
        axes = (-1, *(1,) * (inputs.ndim - 2))
        std = np.sqrt(_channel_means(inputs, lambda x: (x - mean.reshape(axes)) ** 2))
        std[std <= 1e-9 * np.abs(mean)] = 1 / scale  # rounding is no deviation
        return cls((mean * scale).tolist(), (std * scale).tolist(), scale)


def _channel_means(inputs: Array, function: Callable[[Array], Array]) -> Array:
    """Return the mean of a function of the inputs for each channel, in float64, piece by piece."""
    axes = tuple(axis for axis in range(inputs.ndim) if axis != 1)
    starts = range(0, len(inputs), _ROWS)
    pieces = (inputs[start : start + _ROWS].astype(np.float64) for start in starts)
    total: Array = sum((function(piece).sum(axes) for piece in pieces), np.zeros(inputs.shape[1]))
    total *= inputs.shape[1] / inputs.size
    return total


def _float_type(batch: Array) -> np.dtype[Any]:
    return batch.dtype if batch.dtype.kind == "f" else np.dtype(np.float32)


@dataclass(frozen=True)
class Flatten(Transform):
    """Make a row of every sample: (N, ...) -> (N, product of the others).

    >>> Flatten()(np.zeros((2, 1, 28, 28)), np.random.default_rng(0)).shape
    (2, 784)
    """

    def __call__(self, batch: Array, rng: np.random.Generator) -> Array:
        """Transform a batch."""
        return batch.reshape(len(batch), prod(batch.shape[1:]))


@dataclass(frozen=True)
class OneHot(Transform):
    """Labels to indicator rows, a transform of targets: int (N,) -> float32 (N, num_classes).

    >>> OneHot(3)(np.array([2, 0]), np.random.default_rng(0)).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """

    num_classes: int

    def __call__(self, batch: Array, rng: np.random.Generator) -> Array:
        """Transform a batch of labels; DataError if one is out of range."""
        if batch.ndim != 1 or batch.dtype.kind not in "iu":
            raise ShapeError(
                "OneHot", required="integer labels (N,)", received=f"{batch.dtype} {batch.shape}"
            )
        check_labels(batch, self.num_classes, "OneHot")
        result: Array = np.eye(self.num_classes, dtype=np.float32)[batch]
        return result


@dataclass(frozen=True)
class Lambda(Transform):
    """Any function of (batch, rng). It is code, so a checkpoint names it but cannot restore it.

    >>> Lambda(lambda batch, rng: batch + 1)(np.zeros(2), np.random.default_rng(0))
    array([1., 1.])
    """

    function: Callable[[Array, np.random.Generator], Array]

    def __call__(self, batch: Array, rng: np.random.Generator) -> Array:
        """Transform a batch."""
        return self.function(batch, rng)

    def config(self) -> dict[str, Any]:
        """Return the name of the function."""
        return {_KIND: "Lambda", "function": getattr(self.function, "__name__", "function")}

    @classmethod
    def restore(cls, values: dict[str, Any]) -> Self:
        """Raise DataError: a function cannot come from a file."""
        raise DataError(
            f"transform Lambda {values.get('function', '')!r}",
            required="a transform class",
            received="a function, which no file can hold",
            hint="write it as a subclass of Transform, or give the transform again",
        )
