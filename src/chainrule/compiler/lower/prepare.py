"""Before lowering: equal nodes become one, and what every node's result is used by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...graph import Primitive, Tensor, topological_order


class Prepared:
    """The nodes to lower in order; equal ones share their value."""

    def __init__(self, roots: Sequence[Tensor]) -> None:
        self.same: dict[int, Tensor] = {}  # by id of a node: the first one that is equal to it
        self.order: list[Tensor] = []
        self.consumers: dict[int, list[Tensor]] = {}
        known: dict[Any, Tensor] = {}
        for node in topological_order(roots):
            first = known.setdefault(self._key(node), node)
            self.same[id(node)] = first
            if first is node:
                self.order.append(node)
                for source in dict.fromkeys(map(id, node.inputs)):
                    self.consumers.setdefault(id(self.same[source]), []).append(node)
        for root in roots:
            self.consumers.setdefault(id(self.same[id(root)]), []).append(root)

    def _key(self, node: Tensor) -> Any:
        """Return what makes two nodes equal: operation, inputs and attributes."""
        if not isinstance(node.op, Primitive) or node.requires_grad is None:
            return id(node)
        try:
            attributes = tuple(sorted(node.attributes.items()))
            hash(attributes)
        except TypeError:
            return id(node)
        inputs = tuple([id(self.same[id(i)]) for i in node.inputs])
        return (node.op.name, attributes, inputs, node.dtype.name, repr(node.attributes))
