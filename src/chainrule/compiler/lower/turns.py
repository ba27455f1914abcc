"""What turns of loops have in common: a gradient's turn finds what its forward turn computed.

The gradient of a loop runs each step again from its saved carry. Here the loops are written out, so
that a node of the step run again equals one that was lowered before: the same operation on the same
formulas. Its value is taken, whether it lies in memory or is a formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...graph import PICK, Tensor
from ..ir.expr import Place
from ..ir.kernels import Array
from .lowering import Lowering, native
from .value import Value, of_array


def lower_node(low: Lowering, node: Tensor) -> None:
    """Lower a node of a step, or find its value."""
    inputs = [low.values[id(i)] for i in node.inputs]
    key = _key(node, inputs)
    if key in low.known:
        first, value, _ = low.known[key]
        low.share_uses(first, node)
        low.values[id(node)] = low.settled(node, value)
        return
    low.lower(node, node.inputs)
    if key is not None:
        low.known[key] = node, low.values[id(node)], inputs


def store_row(low: Lowering, stack: Array, t: int, value: Value) -> None:
    """Store a turn's row of a stack."""
    offset = stack.offset + t * stack.strides[0]
    row = Array(stack.buffer, stack.shape[1:], stack.strides[1:], offset)
    low.store(row, value)
    if value.array is not None:
        low.rows[of_array(row).expr] = value


def row_of(low: Lowering, x: Value, t: int) -> Value:
    """Return a row of an array: the value that a turn before has stored there, if one has."""
    row = x.change(x.shape[1:], lambda p: Place(p.offset + t * p.coefs[0], p.coefs[1:]))
    found = low.rows.get(row.expr, row)
    return found if found.shape == row.shape else row


def _key(node: Tensor, inputs: Sequence[Any]) -> Any:
    """Return what makes nodes of two turns equal; None if nothing does."""
    op = node.op
    if op is None or op is PICK or node.tuple_types is not None or not native(op):
        return None
    attributes = tuple(sorted(node.attributes.items()))
    try:
        hash(attributes)
    except TypeError:
        return None
    formulas = [(v.shape, v.steps, tuple(map(id, v.pieces.values()))) for v in inputs]
    return op.name, attributes, repr(node.attributes), node.dtype.name, tuple(formulas)
