"""graph.compile(): a symbolic graph's forward and backward sweep as native programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..autodiff import vjp
from ..autodiff.reverse import check_gradient_arrives, seed_of
from ..errors import GradientError, GraphError
from ..graph import PICK, ComputationalGraph, Tensor, TensorLike, apply, constant, no_grad
from ..graph.computational_graph import Result, readable
from .function import CompiledFunction, compile


class CompiledGraph:
    """A graph whose sweeps are native; ``forward`` and ``backward`` are those of the graph.

    Nodes inside get no ``.value`` and no ``.grad``: for these there is the graph itself. Made by
    ``ComputationalGraph.compile``. ``evaluate`` and ``differentiate`` are the compiled functions.
    """

    def __init__(self, graph: ComputationalGraph, **options: Any) -> None:
        self.graph = graph
        self.evaluate: CompiledFunction = compile(self._evaluate, **options)
        self.differentiate: CompiledFunction = compile(self._differentiate, **options)
        self._fed: list[Tensor] | None = None
        self._outputs: list[Tensor] = []

    def forward(self, *values: Any, **named: TensorLike) -> Result:
        """Return the outputs' values for inputs by position, by name, or as one mapping."""
        fed = self.graph.feed(values, named)
        inputs = [constant(fed[id(node)], node.dtype) for node in self.graph.inputs]
        with no_grad():
            outputs = self.evaluate(*inputs)
        self._fed, self._outputs = inputs, outputs
        results = [readable(output) for output in outputs]
        return results[0] if self.graph.single else tuple(results)

    def backward(
        self, gradients: TensorLike | Sequence[TensorLike] | None = None
    ) -> dict[str, Result]:
        """Return the gradient of each named input, for the values of the last ``forward``."""
        if self._fed is None:
            raise GraphError(
                "backward", required="values of the inputs", received="a graph that has not run",
                hint="call forward(...) first",
            )  # fmt: skip
        graph = self.graph
        check_gradient_arrives(graph.nodes_topologically_sorted(), graph.outputs)
        found = self.differentiate(self._fed, self._seeds(gradients))
        wanted = [node for node in graph.inputs if node.requires_grad]
        return {str(n.name): readable(g) for n, g in zip(wanted, found, strict=True)}

    def _seeds(self, gradients: Any) -> list[Any]:
        """Return dL/d(output), of the shape and type of each output."""
        outputs = self._outputs
        if gradients is None:
            return [
                seed_of(output, None) if output.dtype.is_floating else None for output in outputs
            ]
        given = [gradients] if self.graph.single else list(gradients)
        if len(given) != len(outputs):
            raise GradientError(
                "backward", required=f"{len(outputs)} gradients, one for each output",
                received=str(len(given)),
            )  # fmt: skip
        return [g if g is None else seed_of(o, g) for o, g in zip(outputs, given, strict=True)]

    def _evaluate(self, *inputs: Tensor) -> list[Tensor]:
        """Apply the graph's operations anew."""
        made: dict[int, Any] = {
            id(node): value for node, value in zip(self.graph.inputs, inputs, strict=True)
        }
        for node in self.graph:
            if id(node) in made:
                continue
            if node.op is None:
                made[id(node)] = node
            elif node.op is PICK:
                made[id(node)] = made[id(node.inputs[0])][node.attributes["index"]]
            else:
                given = tuple([made[id(source)] for source in node.inputs])
                made[id(node)] = apply(node.op, given, node.attributes)
        return [made[id(output)] for output in self.graph.outputs]

    def _differentiate(self, inputs: list[Tensor], seeds: list[Any]) -> list[Tensor]:
        wants = [node.requires_grad for node in self.graph.inputs]

        def of_wanted(*given: Tensor) -> list[Tensor]:
            following = iter(given)
            pairs = zip(wants, inputs, strict=True)
            return self._evaluate(*[next(following) if w else x for w, x in pairs])

        chosen = [x for w, x in zip(wants, inputs, strict=True) if w]
        return list(vjp(of_wanted, *chosen)[1](seeds))
