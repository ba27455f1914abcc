"""Shape rules, data type rules and promotion that the families of primitives share."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from .. import dtypes
from ..dtypes import DType
from ..errors import ArgumentError, DTypeError, ShapeError
from ..graph import Shape, Tensor, as_tensor
from ..graph.registry import call
from ..settings import DEFAULT_FLOAT


def broadcast_shapes(*shapes: Shape, what: str = "broadcast") -> Shape:
    """Return the shape that all shapes broadcast to (axes are aligned at the right).

    >>> broadcast_shapes((3, 1), (2, 1, 4))
    (2, 3, 4)
    """
    rank = max(map(len, shapes), default=0)
    padded = [(1,) * (rank - len(s)) + s for s in shapes]
    result = []
    for lengths in zip(*padded, strict=True):
        longest = {n for n in lengths if n != 1}
        if len(longest) > 1:
            raise ShapeError(
                what, required="shapes that broadcast: equal lengths or 1, aligned at the right",
                received=" and ".join(map(str, shapes)),
            )  # fmt: skip
        result.append(longest.pop() if longest else 1)
    return tuple(result)


def unbroadcast(g: Tensor, like: Tensor) -> Tensor:
    """Sum a gradient over the axes along which ``like`` was broadcast: broadcasting's adjoint."""
    target, shape = like.shape, g.shape
    if shape != target:
        extra = len(shape) - len(target)
        stretched = [extra + k for k, n in enumerate(target) if n == 1 and shape[extra + k] != 1]
        axes = (*range(extra), *stretched)
        g = call("sum", g, axis=axes, keepdims=True)
        if extra:
            g = call("reshape", g, target)
    return g


def normalize_axis(axis: int, rank: int, what: str) -> int:
    """Return the axis counted from the front; ShapeError if there is no such axis."""
    at = as_integer(axis, f"{what}, axis")
    if not -rank <= at < rank:
        raise ShapeError(
            what, required=f"an axis in [{-rank}, {rank})", received=f"axis {at}",
            hint=f"the array has {rank} axes",
        )  # fmt: skip
    return at % rank


def normalize_axes(axis: int | Sequence[int] | None, rank: int, what: str) -> tuple[int, ...]:
    """Return the axes counted from the front, ascending; None means all."""
    if axis is None:
        return tuple(range(rank))
    listed = as_integers(axis, f"{what}, axis")
    axes = sorted(normalize_axis(a, rank, what) for a in listed)
    if len(set(axes)) != len(axes):
        raise ShapeError(what, required="each axis once", received=str(listed))
    return tuple(axes)


# --- static arguments ------------------------------------------------------------------------


def as_integer(given: Any, what: str) -> int:
    """Return an integer of any type as Python's; ArgumentError for what is none."""
    try:
        return operator.index(given)
    except TypeError:
        raise ArgumentError(what, required="an integer", received=repr(given)) from None


def as_integers(given: Any, what: str) -> tuple[int, ...]:
    """Return an integer, or a sequence of them, as a tuple.

    >>> as_integers(3, "size"), as_integers([1, 2], "size")
    ((3,), (1, 2))
    """
    try:
        return (operator.index(given),)
    except TypeError:
        each = given if isinstance(given, Iterable) else [given]
        return tuple([as_integer(n, what) for n in each])


def positive_numbers(given: Any, rank: int | None, what: str) -> tuple[int, ...]:
    """Return one number >= 1 for each of ``rank`` axes (None: as many as given)."""
    numbers = as_integers(given, what)
    if len(numbers) == 1:
        numbers *= rank or 1
    if not numbers or len(numbers) != (rank or len(numbers)) or min(numbers) < 1:
        raise ArgumentError(
            what, required="a number >= 1" + (f", or {rank} of them" if rank else ""),
            received=str(given),
        )  # fmt: skip
    return numbers


def number_pairs(given: Any, rank: int, what: str) -> tuple[tuple[int, int], ...]:
    """Return a pair (before, after) for each axis; a number stands for twice itself.

    >>> number_pairs(1, 2, "pad"), number_pairs([1, (0, 2)], 2, "pad")
    (((1, 1), (1, 1)), ((1, 1), (0, 2)))
    """
    each = given if isinstance(given, Iterable) else [given] * rank
    pairs = [as_integers(p, what) for p in each]
    if len(pairs) != rank or any(len(pair) not in (1, 2) for pair in pairs):
        raise ArgumentError(
            what, required=f"{rank} pairs (before, after), one for each axis, or one number",
            received=str(given),
        )  # fmt: skip
    return tuple((pair[0], pair[-1]) for pair in pairs)


# --- promotion: what the user gives becomes nodes of one type --------------------------------


def promoted(inputs: Sequence[Any]) -> tuple[Tensor, ...]:
    """Bring inputs to their common data type; Python numbers take the tensors' type."""
    if all([isinstance(x, Tensor) for x in inputs]) and len({x.dtype for x in inputs}) == 1:
        return tuple(inputs)
    nodes = [x if is_number(x) else as_tensor(x) for x in inputs]
    kinds = [x.dtype for x in nodes if isinstance(x, Tensor)]
    common = reduce(dtypes.promote, kinds) if kinds else None
    for x in nodes:
        if not isinstance(x, Tensor):
            common = with_number(common, x)
    return tuple([_as(x, common) for x in nodes])


def promoted_floating(inputs: Sequence[Any]) -> tuple[Tensor, ...]:
    """Bring inputs to a common floating type; integers become the default float."""
    nodes = promoted(inputs)
    if nodes[0].dtype.is_floating:
        return nodes
    return tuple([_as(x, DEFAULT_FLOAT) for x in nodes])


def promoted_integer(inputs: Sequence[Any]) -> tuple[Tensor, ...]:
    """Bring inputs to a common integer type or bool."""
    nodes = promoted(inputs)
    if nodes[0].dtype.is_floating:
        raise DTypeError("bitwise", required="integers or bools", received=str(nodes[0].dtype))
    return nodes


def as_bools(inputs: Sequence[Any]) -> tuple[Tensor, ...]:
    """Cast inputs to bool: zero is false."""
    return tuple([_as(x, dtypes.bool) for x in inputs])


def as_indices(x: Any, what: str) -> Tensor:
    """Return positions as a node of an integer type; DTypeError for anything else."""
    empty = isinstance(x, list | tuple) and not x  # NumPy would take it for floats
    node = as_tensor(np.zeros(0, np.int64) if empty else x)
    if not node.dtype.is_integer:
        raise DTypeError(what, required="indices that are integers", received=str(node.dtype))
    return node


def promoted_numeric(inputs: Sequence[Any]) -> tuple[Tensor, ...]:
    """Bring inputs to a common type that is not bool (bools count as int64)."""
    nodes = promoted(inputs)
    if nodes[0].dtype is dtypes.bool:
        return tuple([_as(x, dtypes.int64) for x in nodes])
    return nodes


def is_number(x: Any) -> bool:
    """Return whether x is a plain Python number, whose type is weak."""
    return isinstance(x, bool | int | float) and not hasattr(x, "dtype")


def with_number(common: DType | None, x: Any) -> DType:
    """Give a Python number the tensors' type if its kind allows it (it is weak)."""
    kind = dtypes.bool if isinstance(x, bool) else dtypes.int64 if isinstance(x, int) else None
    if kind is None:
        return common if common is not None and common.is_floating else DEFAULT_FLOAT
    if common is None or (common is dtypes.bool and kind is dtypes.int64):
        return kind
    if common.is_integer and kind is dtypes.int64:
        limits = dtypes.iinfo(common)
        if not limits.min <= x <= limits.max:
            raise DTypeError(
                "promotion", required=f"a number that {common} can hold", received=str(x),
                hint="cast the tensor with .astype(...)",
            )  # fmt: skip
    return common


def _as(x: Any, kind: DType | None) -> Tensor:
    node = as_tensor(x, None if isinstance(x, Tensor) else kind)
    if kind is None or node.dtype is kind:
        return node
    result: Tensor = call("astype", node, kind)
    return result


# --- rules ---------------------------------------------------------------------------------


def broadcast(*shapes: Shape, **_: Any) -> Shape:
    """Shape rule of elementwise operations."""
    if len(shapes) == 1 or all([s == shapes[0] for s in shapes]):
        return shapes[0]
    return broadcast_shapes(*shapes, what="elementwise operation")


def to_bool(*_: DType, **__: Any) -> DType:
    """Data type rule of comparisons."""
    return dtypes.bool


def to_index(*_: DType, **__: Any) -> DType:
    """Data type rule of operations that return positions."""
    return dtypes.int64


# --- index notation --------------------------------------------------------------------------


def index_names(rank: int, letter: str = "i") -> list[str]:
    """Return the names of a result's indices: i0, i1, ..."""
    return [f"{letter}{k}" for k in range(rank)]


def broadcast_reads(out: Sequence[str], shape: Shape) -> list[str]:
    """Return where a broadcast array is read: aligned at the right, index 0 along length 1.

    >>> broadcast_reads(["i0", "i1", "i2"], (1, 5))
    ['0', 'i2']
    """
    aligned = out[len(out) - len(shape) :]
    return ["0" if n == 1 else name for name, n in zip(aligned, shape, strict=True)]
