"""Reductions, and the positions of extremes."""

from __future__ import annotations

from typing import Any

from ...graph import Tensor
from ..ir.expr import cast
from ..ir.kernels import Array
from .lowering import Lowering, lowers
from .value import Value, of_array, whole


def _axes(axis: int | tuple[int, ...] | None, rank: int) -> list[int]:
    listed = range(rank) if axis is None else (axis,) if isinstance(axis, int) else axis
    return sorted(k % rank for k in listed)


def _reduced(reducer: str) -> Any:
    def rule(
        low: Lowering, node: Tensor, x: Value, *, axis: Any = None, keepdims: bool = False
    ) -> Value:
        x = low.plain(x)
        axes = _axes(axis, len(x.shape))
        x = whole(x.shape, cast(x.expr, node.dtype))
        if not axes:
            return x
        return _with_axes(low.reduce(reducer, x, axes, node.dtype), node, axes, keepdims)

    return rule


def _with_axes(result: Array, node: Tensor, axes: list[int], keepdims: bool) -> Value:
    strides = iter(result.strides)
    full = [0 if keepdims and k in axes else next(strides) for k in range(len(node.shape))]
    return of_array(Array(result.buffer, node.shape, tuple(full)))


for _name in ("sum", "prod", "max", "min", "any", "all"):
    lowers(_name)(_reduced(_name))


@lowers("argmax", "argmin")
def position(
    low: Lowering, node: Tensor, x: Value, *, axis: int | None = None, keepdims: bool = False
) -> Value:
    """The place of the first extreme element."""
    x = low.plain(x)
    axes = _axes(axis, len(x.shape))
    name = node.op.name if node.op is not None else ""
    return _with_axes(low.reduce(name, x, axes, node.dtype), node, axes, keepdims)
