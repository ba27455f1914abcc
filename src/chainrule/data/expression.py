"""Transforms as operations on tensors, so that a compiled program can do them on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..graph import Tensor
from ..ops import astype, reshape
from .transforms import Compose, Flatten, Normalize, ToFloat

_Rule = Callable[[Any, Tensor], Tensor]


def is_expressible(transform: Any) -> bool:
    """Whether ``express`` can do a transform: it draws no random numbers and is one of those here.

    >>> from chainrule.data import Lambda
    >>> is_expressible(Compose([ToFloat(), Flatten()])), is_expressible(Lambda(abs))
    (True, False)
    """
    if type(transform) is Compose:
        return all(map(is_expressible, transform.transforms))
    return type(transform) in _RULES


def express(transform: Any, batch: Tensor) -> Tensor:
    """Transform a batch to the bits that the transform itself gives.

    >>> express(Normalize(mean=0.5, std=0.5), tensor([[0, 255]], cr.uint8))
    tensor([[-1.,  1.]])
    """
    return _RULES[type(transform)](transform, batch)


def _compose(transform: Compose, batch: Tensor) -> Tensor:
    for part in transform.transforms:
        batch = express(part, batch)
    return batch


def _to_float(transform: ToFloat, batch: Tensor) -> Tensor:
    batch = _floating(batch)
    scaled: Tensor = batch * _number(transform.scale, batch)
    return scaled


def _normalize(transform: Normalize, batch: Tensor) -> Tensor:
    batch = _floating(batch)
    factor = transform.scale / np.asarray(transform.std)
    shift = np.asarray(transform.mean) / transform.std
    result: Tensor = batch * _number(factor, batch) - _number(shift, batch)
    return result


def _flatten(transform: Flatten, batch: Tensor) -> Tensor:
    del transform
    return reshape(batch, (batch.shape[0], -1))


def _floating(batch: Tensor) -> Tensor:
    return batch if batch.dtype.is_floating else astype(batch, dtypes.float32)


def _number(value: Any, batch: Tensor) -> Any:
    """Return one number for all channels, or one for each along axis 1, in the batch's type."""
    array = np.asarray(value, batch.dtype.compute)
    return array.reshape((-1, *(1,) * (len(batch.shape) - 2))) if array.ndim else array


_RULES: dict[type, _Rule] = {
    Compose: _compose, ToFloat: _to_float, Normalize: _normalize, Flatten: _flatten,
}  # fmt: skip
