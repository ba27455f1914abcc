"""How state lies in memory: the weights of convolutions taps first, outputs last, as kernels read.

NumPy's strides say so to Python, which sees the axes as ever; nothing is converted.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...graph import Tensor
from .prepare import Prepared


def state_orders(
    prepared: Prepared, updates: Sequence[tuple[Tensor, Tensor]]
) -> dict[int, tuple[int, ...]]:
    """Return the order of axes of every leaf that does not lie row by row (by id).

    A leaf that was given an order before keeps it; what is updated together lies alike.
    """
    orders: dict[int, tuple[int, ...]] = {}
    for node in prepared.order:
        if node.op is not None and node.op.name == "convolve":
            weight = prepared.same[id(node.inputs[1])]
            if weight.op is None and not weight.symbolic:
                orders[id(weight)] = (*range(2, len(weight.shape)), 1, 0)
    shapes = {leaf.shape: orders[id(leaf)] for leaf, _ in updates if id(leaf) in orders}
    for leaf, _ in updates:
        if leaf.shape in shapes and len(leaf.shape) > 2:
            orders[id(leaf)] = shapes[leaf.shape]
    return orders
