"""Shape rules, data type rules and promotion that the families of primitives share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from .. import dtypes
from ..dtypes import DType
from ..errors import DTypeError, ShapeError
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
    if not -rank <= axis < rank:
        raise ShapeError(
            what, required=f"an axis in [{-rank}, {rank})", received=f"axis {axis}",
            hint=f"the array has {rank} axes",
        )  # fmt: skip
    return axis % rank


def normalize_axes(axis: int | Sequence[int] | None, rank: int, what: str) -> tuple[int, ...]:
    """Return the axes counted from the front, ascending; None means all."""
    if axis is None:
        return tuple(range(rank))
    listed = (axis,) if isinstance(axis, int) else tuple(axis)
    axes = sorted(normalize_axis(a, rank, what) for a in listed)
    if len(set(axes)) != len(axes):
        raise ShapeError(what, required="each axis once", received=str(listed))
    return tuple(axes)


# --- promotion: what the user gives becomes nodes of one type --------------------------------


def promoted(inputs: Sequence[Any]) -> tuple[Tensor, ...]:
    """Bring inputs to their common data type; Python numbers take the tensors' type."""
    if all([isinstance(x, Tensor) for x in inputs]) and len({x.dtype for x in inputs}) == 1:
        return tuple(inputs)
    nodes = [x if _is_number(x) else as_tensor(x) for x in inputs]
    kinds = [x.dtype for x in nodes if isinstance(x, Tensor)]
    common = reduce(dtypes.promote, kinds) if kinds else None
    for x in nodes:
        if not isinstance(x, Tensor):
            common = _with_number(common, x)
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


def promoted_numeric(inputs: Sequence[Any]) -> tuple[Tensor, ...]:
    """Bring inputs to a common type that is not bool (bools count as int64)."""
    nodes = promoted(inputs)
    if nodes[0].dtype is dtypes.bool:
        return tuple([_as(x, dtypes.int64) for x in nodes])
    return nodes


def _is_number(x: Any) -> bool:
    return isinstance(x, bool | int | float) and not hasattr(x, "dtype")


def _with_number(common: DType | None, x: Any) -> DType:
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
