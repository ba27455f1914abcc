"""How long each node takes, computed with NumPy."""

from __future__ import annotations

import time

from ...graph import ComputationalGraph
from ...graph.apply import decoded, evaluate
from ...graph.types import TensorType


def node_milliseconds(graph: ComputationalGraph) -> dict[int, float]:
    """Compute every operation of a graph that has run once more; return the milliseconds of each.

    Keys are the nodes' numbers in topological order.

    >>> graph = cr.ComputationalGraph(cr.exp(cr.input("x")))
    >>> graph.forward(x=0.0)
    1.0
    >>> list(node_milliseconds(graph))
    [1]
    """
    found = {}
    for number, node in enumerate(graph):
        if node.op is None or node.op.name == "pick":
            continue
        arrays = [decoded(source) for source in node.inputs]
        types = [
            source.tuple_types or TensorType(source.dtype, source.data.shape)
            for source in node.inputs
        ]
        began = time.perf_counter()
        evaluate(node.op, arrays, node.op.infer(types, node.attributes), node.attributes)
        found[number] = 1e3 * (time.perf_counter() - began)
    return found
