"""Propagation: from the pattern of each operation to the pattern of a traced function."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from ...graph import PICK, Primitive, Shape, Tensor, topological_order
from .algebra import compose, union
from .local import local_pattern
from .pattern import Pattern

Found = Pattern | None  # None: it does not depend on the input at all


def dependencies(output: Tensor, source: Tensor) -> Found:
    """Return which elements of ``output`` may depend on which of ``source``, None for no path."""
    order = topological_order([output], follow=lambda node: node.requires_grad)
    patterns: dict[int, Any] = {id(source): Pattern.identity(source.shape)}
    for node in order:
        if id(node) in patterns or node.op is None:
            continue
        if node.op is PICK:
            patterns[id(node)] = _picked(node, patterns)
            continue
        arriving = [patterns.get(id(i)) for i in node.inputs]
        if any(p is not None for p in arriving):
            patterns[id(node)] = _through(node, arriving)
    found: Found = patterns.get(id(output))
    return found


def _picked(node: Tensor, patterns: Mapping[int, Any]) -> Found:
    whole = patterns.get(id(node.inputs[0]))
    found: Found = None if whole is None else whole[node.attributes["index"]]
    return found


def _through(node: Tensor, arriving: Sequence[Any]) -> Any:
    """Follow the inputs' patterns through one operation; a list for several results."""
    if node.tuple_types is not None:
        return [_result(node, kind.shape or (), arriving) for kind in node.tuple_types]
    return _result(node, node.shape, arriving)


def _result(node: Tensor, shape: Shape, arriving: Sequence[Any]) -> Found:
    found = []
    for k, (source, pattern) in enumerate(zip(node.inputs, arriving, strict=True)):
        if pattern is None or not source.size or not math.prod(shape) or not _has_slope(node, k):
            continue
        if _keeps_order(node):
            found.append(pattern)
        elif (local := local_pattern(node, shape, k)) is not None:
            found.append(compose(local, pattern))
    return reduce(union, found) if found else None


def _has_slope(node: Tensor, k: int) -> bool:
    """Whether the operation has a derivative with respect to input k that is not zero."""
    rules = node.op.vjp if isinstance(node.op, Primitive) else None
    return not isinstance(rules, tuple) or rules[k] is not None


def _keeps_order(node: Tensor) -> bool:
    """Whether each result element depends on the input element with the same flat index."""
    op = node.op
    if not isinstance(op, Primitive):
        return False
    return op.name == "reshape" or (op.scalar is not None and len(node.inputs) == 1)
