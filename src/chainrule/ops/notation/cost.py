"""What an operation costs: counted from its index notation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ...graph import Opaque, Primitive, TensorType
from .elementwise import notation_of
from .records import Binary, Call, Choice, Expression, Read, Reduce, Unary


def multiply_adds(
    primitive: Primitive, types: Sequence[TensorType], attributes: Mapping[str, Any], outputs: int
) -> int:
    """Return how many products an operation adds up: those of matrix products and convolutions.

    ``outputs`` is the number of elements that it makes. Products with padding count, as they do
    in what is published of networks. Operations without notation count as 0.

    >>> from chainrule.graph import PRIMITIVES, TensorType
    >>> types = [TensorType(dtypes.float32, (2, 3)), TensorType(dtypes.float32, (3, 5))]
    >>> multiply_adds(PRIMITIVES["matmul"], types, {}, 10)
    30
    """
    notation = notation_of(primitive, types, attributes)
    if isinstance(notation, Opaque) or not isinstance(notation.value, Reduce):
        return 0
    total = notation.value
    body = total.body.then if isinstance(total.body, Choice) else total.body
    product = isinstance(body, Binary) and body.operator == "*" and total.reducer == "sum"
    return outputs * _count(total) if product else 0


def scalar_operations(
    primitive: Primitive, types: Sequence[TensorType], attributes: Mapping[str, Any], outputs: int
) -> int:
    """Return how many scalar operations an operation takes; a multiply-add counts as two.

    A function such as exp counts as one, arithmetic of indices as none.

    >>> from chainrule.graph import PRIMITIVES, TensorType
    >>> scalar_operations(PRIMITIVES["add"], [TensorType(dtypes.float32, (4,))] * 2, {}, 4)
    4
    """
    notation = notation_of(primitive, types, attributes)
    if isinstance(notation, Opaque):
        return 0
    if notation.loops is not None:  # a scatter adds every term
        return math.prod(n for _, n in notation.loops) * (1 + _operations(notation.value))
    return outputs * _operations(notation.value)


def _count(total: Reduce) -> int:
    return math.prod(n for _, n in total.loops)


def _operations(expression: Expression) -> int:
    if isinstance(expression, Read):
        return 0  # the rest is arithmetic of indices
    if isinstance(expression, Choice):
        return max(_operations(expression.then), _operations(expression.otherwise))
    inside = sum(map(_operations, expression.parts()))
    if isinstance(expression, Reduce):
        return _count(expression) * (inside + 1)
    return inside + isinstance(expression, Binary | Unary | Call)
