"""What a node costs: operations and bytes, from shapes alone."""

from __future__ import annotations

import math

from ...graph import Primitive, Shape, Tensor, TensorType
from ...ops.notation import scalar_operations


def shape_of(node: Tensor) -> Shape | None:
    """Return a node's shape: that of the value it holds, or what is known before it has one."""
    if node.tuple_types is not None:
        return None
    return node.data.shape if node.has_value else node.type.shape


def flops(node: Tensor) -> int | None:
    """Return how many operations a node is; a multiply-add counts as two, exp as one.

    None where a shape, or what the operation does inside, is not known; 0 for what only moves data.

    >>> flops(cr.input("x", shape=(2, 3)) @ cr.input("w", shape=(3, 5)))
    60
    """
    out = shape_of(node)
    shapes = [shape_of(source) for source in node.inputs]
    if not isinstance(node.op, Primitive) or out is None or None in shapes:
        return None
    types = [TensorType(i.dtype, s) for i, s in zip(node.inputs, shapes, strict=True)]
    return scalar_operations(node.op, types, node.attributes, math.prod(out))


def traffic(node: Tensor) -> int | None:
    """Return the bytes of a node's inputs and of its result, each read or written once."""
    total = 0
    for each in (node, *node.inputs):
        shape = shape_of(each)
        if shape is None:
            return None
        total += math.prod(shape) * each.dtype.itemsize
    return total
