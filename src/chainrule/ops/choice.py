"""Choice, type and identity: where, cast, clip, stop_gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import dtypes
from ..dtypes import Array, DType
from ..errors import GraphError
from ..graph import NotDifferentiable, Tensor, as_tensor, function, primitive
from .rules import broadcast, promoted, unbroadcast


def _where_prepare(inputs: Sequence[Any]) -> tuple[Tensor, ...]:
    condition = as_tensor(inputs[0])
    if condition.dtype is not dtypes.bool:
        condition = astype(condition, dtypes.bool)
    return (condition, *promoted(inputs[1:]))


def _second_dtype(*kinds: DType) -> DType:
    return kinds[1]


_LARGE = 4096  # elements from which choosing by bits beats NumPy's branch for each of them


def _choose(condition: Array, x: Array, y: Array) -> Array:
    """Choose without branches, which are slow where the condition is irregular, as in a relu."""
    mask = np.negative(condition.view(np.int8)).astype(np.int32)  # all bits where it is true
    left, right = x.view(np.int32), y.view(np.int32)
    if y.ndim == 0 and not right.any():
        return np.bitwise_and(left, mask).view(x.dtype)
    if x.ndim == 0 and not left.any():
        return np.bitwise_and(right, ~mask).view(x.dtype)
    return (((left ^ right) & mask) ^ right).view(x.dtype)


@primitive(
    shape=broadcast,
    dtype=_second_dtype,
    prepare=_where_prepare,
    vjp=(
        None,
        lambda g, z, c, x, y: unbroadcast(where(c, g, 0.0), x),
        lambda g, z, c, x, y: unbroadcast(where(c, 0.0, g), y),
    ),
    scalar=lambda s, c, x, y: s.where(c, x, y),
)
def where(condition: Array, x: Array, y: Array) -> Array:
    """Choose elementwise: x where the condition is true, y elsewhere.

    >>> where(tensor([True, False]), 1.0, tensor([5.0, 6.0]))
    tensor([1., 6.])
    """
    if condition.size >= _LARGE and x.dtype == y.dtype == np.float32:
        return _choose(condition, x, y)
    return np.where(condition, x, y)


def _cast_dtype(kind: DType, *, dtype: DType) -> DType:
    return dtype


@primitive(
    dtype=_cast_dtype,
    vjp=(lambda g, y, x, dtype: astype(g, x.dtype),),
    scalar=lambda s, x, dtype: s.cast(x, dtype),
)
def cast(x: Array, *, dtype: DType) -> Array:
    """Convert to another data type; floats become integers by truncation.

    >>> cast(tensor([1.7, -1.7]), dtype=dtypes.int32)
    tensor([ 1, -1], dtype=int32)
    """
    return x if dtype.compute == x.dtype else x.astype(dtype.compute)


@function
def astype(x: Any, dtype: dtypes.DTypeLike) -> Tensor:
    """Return x converted to another data type (x itself if it has that type).

    >>> astype([1.5, 2.5], "int64")
    tensor([1, 2])
    """
    node, kind = as_tensor(x), dtypes.dtype(dtype)
    return node if node.dtype is kind else cast(node, dtype=kind)


@primitive(vjp=(lambda g, y, x: g,), scalar=lambda s, x: x)
def identity(x: Array) -> Array:
    """Return the same value as a node of its own.

    >>> identity(tensor([1.0]))
    tensor([1.])
    """
    return x


@primitive(vjp=NotDifferentiable("gradients stop here by request"), scalar=lambda s, x: x)
def stop_gradient(x: Array) -> Array:
    """Return the same value, through which no gradient flows.

    >>> x = tensor([3.0], requires_grad=True)
    >>> (x * stop_gradient(x)).backward()
    >>> x.grad
    tensor([3.])
    """
    return x


@function
def detach(x: Tensor) -> Tensor:
    """Return the value of x without its history.

    >>> detach(tensor([1.0], requires_grad=True)).requires_grad
    False
    """
    return stop_gradient(x)


@function
def positive(x: Any) -> Tensor:
    """Return x itself: +x.

    >>> positive(tensor([1.0]))
    tensor([1.])
    """
    return as_tensor(x)


@function
def clip(x: Any, min: Any = None, max: Any = None) -> Tensor:
    """Limit x to [min, max]; the derivative is 1 inside, at the bounds too, and 0 outside.

    >>> clip(tensor([-2.0, 0.5, 7.0]), 0.0, 1.0)
    tensor([0. , 0.5, 1. ])
    """
    node = as_tensor(x)
    if min is not None:
        node = where(node < min, min, node)
    if max is not None:
        node = where(node > max, max, node)
    return node


@function
def refuse_setitem(x: Tensor, index: Any, value: Any) -> None:
    """Explain that tensors are not written in place."""
    raise GraphError(
        "tensor[...] = value", required="tensors that do not change", received=x.where,
        hint="use chainrule.where, chainrule.scatter_add or tensor.assign(new_value)",
    )  # fmt: skip
