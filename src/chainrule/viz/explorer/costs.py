"""What a node costs: operations and bytes, from shapes alone."""

from __future__ import annotations

import math
from typing import Any

from ...graph import PICK, PRIMITIVES, Shape, Tensor

_REDUCTIONS = frozenset({
    "sum", "prod", "max", "min", "any", "all", "argmax", "argmin", "cumulative_sum",
    "cumulative_prod", "scatter", "put_along_axis", "fold_windows",
})  # fmt: skip
_MOVES = frozenset({"cast", "identity", "stop_gradient"})


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
    if out is None or node.op is None or node.op is PICK or None in shapes:
        return None
    return _count(node.op.name, out, [s for s in shapes if s is not None], node.attributes)


def _count(name: str, out: Shape, shapes: list[Shape], attributes: Any) -> int | None:
    record = PRIMITIVES.get(name)
    if record is None or name == "linear_recurrence":
        return None
    if name == "matmul":
        return 2 * math.prod(out) * shapes[0][-1]
    if name == "convolve":
        return 2 * math.prod(out) * math.prod(shapes[1][1:])
    if name == "einsum":
        letters = attributes["subscripts"].partition("->")[0].split(",")
        lengths = {c: n for word, s in zip(letters, shapes, strict=True)
                   for c, n in zip(word.strip(), s, strict=False)}  # fmt: skip
        return len(shapes) * math.prod(lengths.values())
    if name in _REDUCTIONS:
        return math.prod(shapes[0])
    return math.prod(out) if record.scalar is not None and name not in _MOVES else 0


def traffic(node: Tensor) -> int | None:
    """Return the bytes of a node's inputs and of its result, each read or written once."""
    total = 0
    for each in (node, *node.inputs):
        shape = shape_of(each)
        if shape is None:
            return None
        total += math.prod(shape) * each.dtype.itemsize
    return total
