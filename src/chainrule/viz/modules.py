"""The graph of a model, run on a symbolic input."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .. import dtypes
from ..dtypes import DTypeLike
from ..graph import ComputationalGraph, Shape, Tensor, input


def model_graph(
    model: Callable[[Tensor], Any], input_shape: Shape, *, name: str = "input",
    dtype: DTypeLike = dtypes.float32,
) -> ComputationalGraph:  # fmt: skip
    """Return the graph that a model makes of one input of shape ``input_shape`` (batch included).

    The model is a function or an ``nn.Module``; the parameters and buffers of a module are called
    by their paths. A model that normalises batches must be in evaluation, ``model.eval()``. Raises
    ShapeError where the input does not fit the model.

    >>> graph = model_graph(nn.Linear(3, 2), (1, 3))
    >>> sorted(set(graph.names.values()) & {"input", "weight", "bias"})
    ['bias', 'input', 'weight']
    """
    result = model(input(name, input_shape, dtype))
    outputs = result if isinstance(result, Tensor) else tuple(result)
    graph = ComputationalGraph(outputs)
    taken = {graph.names[id(node)] for node in graph if node.op is not None or node.symbolic}
    for path, tensor in _named_tensors(model):
        if id(tensor) in graph.names and path not in taken:
            graph.names[id(tensor)] = path
    return graph


def _named_tensors(model: Any) -> Iterator[tuple[str, Tensor]]:
    for kind in ("named_parameters", "named_buffers"):
        if hasattr(model, kind):
            yield from getattr(model, kind)()
