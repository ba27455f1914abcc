"""Elementwise operations: the record's scalar body, on formulas; nothing is computed."""

from __future__ import annotations

from typing import Any

from ...graph import Tensor
from ..ir.expr import cast
from .elements import ELEMENT_FUNCTIONS, Element
from .lowering import Lowering, filled, lowers
from .value import Value, common_steps, refined


@lowers("elementwise")
def elementwise(low: Lowering, node: Tensor, *inputs: Value, **attributes: Any) -> Value:
    """Melt the operation into its inputs' formulas, piece by piece."""
    values = [
        v if v.shape == node.shape else low.broadcast(v, node.shape) for v in inputs
    ]  # fmt: skip
    steps = common_steps(values)
    parts = [refined(v, steps) if v.steps != steps else v.pieces for v in values]
    body = node.op.scalar  # type: ignore[union-attr]
    pieces = {}
    for residues in parts[0]:
        elements = [Element(part[residues]) for part in parts]
        result = body(ELEMENT_FUNCTIONS, *elements, **attributes)
        if not isinstance(result, Element):
            result = Element(filled((), result, node.dtype).expr)
        pieces[residues] = cast(result.expr, node.dtype)
    return Value(node.shape, pieces, steps)
