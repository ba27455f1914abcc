"""Operations without native form: their NumPy kernel is called on arrays in memory."""

from __future__ import annotations

from typing import Any

from ...errors import ShapeError
from ...graph import Tensor, TensorType
from ..ir.kernels import Array, Call
from .lowering import Lowering, lowers
from .value import Value, of_array


@lowers("call")
def call(low: Lowering, node: Tensor, *inputs: Value, **attributes: Any) -> Any:
    """Store the inputs, call, and read what it returns."""
    arrays = []
    for value in inputs:
        array = low.stored(value).array
        assert array is not None
        arrays.append(array)
    kinds = node.tuple_types or (node.type,)
    outputs = [_output(low, node, kind) for kind in kinds]
    low.program.kernels.append(Call(node.op, attributes, arrays, outputs, node.where))
    values = [of_array(a) for a in outputs]
    return values if node.tuple_types is not None else values[0]


def _output(low: Lowering, node: Tensor, kind: TensorType) -> Array:
    if kind.shape is None:
        raise ShapeError(
            f"compiling {node.label!r}", required="shapes that follow from the inputs' shapes",
            received="a result whose shape depends on values",
            hint="compute it outside of the compiled function", where=node.where,
        )  # fmt: skip
    return low.array(kind.shape, kind.dtype)
