"""The compiled program of a graph: its kernels, and which nodes each of them computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...autodiff import vjp
from ...dtypes import Array
from ...graph import PICK, Tensor, active_trace, apply, constant
from ...jit import compile
from .costs import flops, shape_of
from .data import Flow
from .hierarchy import Tree, plant


def can_compile(flow: Flow) -> bool:
    """Whether the shapes of a graph's inputs are known."""
    return all(shape_of(flow.nodes[k]) is not None for k in flow.inputs)


def program(flow: Flow) -> dict[str, Any]:
    """Compile a graph's forward and backward sweep; return what its report says of each kernel.

    Kernels tell the numbers of the nodes that they compute, or help to differentiate.
    """
    sweeps = _Sweeps(flow)
    compiled = compile(sweeps.run)
    compiled(*sweeps.arguments())
    report: Any = compiled.report()
    kernels = [
        {
            "number": row["kernel"], "name": row["nodes"][0], "phase": row["phase"],
            "seconds": row["seconds"], "flops": row["flops"], "bytes": row["bytes"],
            "share": row["of_peak"], "operations": list(dict.fromkeys(row["nodes"])),
            "nodes": sorted({int(path) for path in row["paths"] if path}),
            "notation": row["notation"],
        }
        for row in report.table()
    ]  # fmt: skip
    for kernel in kernels:
        kernel["name"] = _name(flow, kernel)
    return {
        "kernels": kernels, "threads": report.threads, "memory": report.memory_plan,
        "compileSeconds": sum(report.compile_seconds.values()),
    }  # fmt: skip


def _name(flow: Flow, kernel: dict[str, Any]) -> str:
    """Return what most of a kernel's work is; of the backward sweep, its main operation."""
    if kernel["phase"] != "forward" or not kernel["nodes"]:
        return str(kernel["name"])
    heaviest = max(kernel["nodes"], key=lambda k: flops(flow.nodes[k]) or 0)
    op = flow.nodes[heaviest].op
    return op.name if op is not None else str(kernel["name"])


def kernel_tree(flow: Flow, program: dict[str, Any]) -> Tree:
    """Return the tree with a box for each kernel of the forward sweep.

    A node that several kernels compute anew, or in parts, stands in the first of them that does not
    run before those of its inputs: so no two boxes wait for each other. What only moves data, and
    what was the same as another node, stands with what it uses, or else with its first user.
    """
    forward = [kernel for kernel in program["kernels"] if kernel["phase"] == "forward"]
    computing: list[list[int]] = [[] for _ in flow.nodes]
    for box, kernel in enumerate(forward):
        for node in kernel["nodes"]:
            computing[node].append(box)
    homes: list[int | None] = [None] * len(flow.nodes)
    for number in range(len(flow.nodes)):
        given = [homes[source] for source, _ in flow.into(number)]
        latest = max((home for home in given if home is not None), default=None)
        homes[number] = min(
            (box for box in computing[number] if latest is None or box >= latest), default=latest
        )
    users: list[list[int | None]] = [[] for _ in flow.nodes]
    for number in reversed(range(len(flow.nodes))):
        found = [home for home in users[number] if home is not None]
        shared = flow.nodes[number].op is None and len(set(found)) > 1
        if homes[number] is None and found and not shared and number not in flow.inputs:
            homes[number] = min(found)
        for source, _ in flow.into(number):
            users[source].append(homes[number])
    facts = [
        {"kind": "kernel", "name": kernel["name"], "type": f"kernel {kernel['number']}",
         "kernel": kernel["number"], "ms": 1e3 * kernel["seconds"], "parameters": 0}
        for kernel in forward
    ]  # fmt: skip
    root = {"kind": "root", "name": "", "type": ""}
    return plant(
        len(flow.nodes), homes, [None] * len(forward), facts, root, flow.leaves, all_boxes=True
    )


class _Sweeps:
    """A graph's operations, applied anew so that each remembers the node that it stands for."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        leaves = [node for node in flow.nodes if node.op is None]
        self.inputs = [node for node in leaves if node.symbolic or node.requires_grad]
        self.wanted = [node for node in self.inputs if node.requires_grad]
        self.outputs = [o for o in flow.graph.outputs if o.requires_grad and o.dtype.is_floating]

    def arguments(self) -> list[Tensor]:
        """Return values of the inputs and parameters, and ones as gradients of the outputs."""
        values = [_stored(node) for node in self.inputs]
        if self.wanted:
            made = self._forward([constant(v, n.dtype)
                                  for v, n in zip(values, self.inputs, strict=True)])  # fmt: skip
            values += [np.ones_like(made[id(output)].data) for output in self.outputs]
        nodes = [*self.inputs, *self.outputs]
        return [constant(v, n.dtype) for v, n in zip(values, nodes, strict=False)]

    def run(self, *given: Tensor) -> list[Tensor]:
        """Return the outputs, then the gradients of what wants one."""
        inputs, seeds = given[: len(self.inputs)], given[len(self.inputs) :]
        if not seeds:
            made = self._forward(inputs)
            return [made[id(output)] for output in self.flow.graph.outputs]
        results: list[Tensor] = []

        def of_wanted(*chosen: Tensor) -> list[Tensor]:
            following = iter(chosen)
            values = [next(following) if node.requires_grad else x
                      for node, x in zip(self.inputs, inputs, strict=True)]  # fmt: skip
            made = self._forward(values)
            results.extend(made[id(output)] for output in self.flow.graph.outputs)
            return [made[id(output)] for output in self.outputs]

        pairs = zip(self.inputs, inputs, strict=True)
        pull = vjp(of_wanted, *[x for node, x in pairs if node.requires_grad])[1]
        return [*results, *pull(list(seeds))]

    def _forward(self, inputs: Sequence[Tensor]) -> dict[int, Any]:
        made: dict[int, Any] = {
            id(node): value for node, value in zip(self.inputs, inputs, strict=True)
        }
        trace = active_trace()
        for number, node in enumerate(self.flow.nodes):
            if id(node) in made:
                continue
            if node.op is None:
                made[id(node)] = node
            elif node.op is PICK:
                made[id(node)] = made[id(node.inputs[0])][node.attributes["index"]]
            elif trace is None:
                made[id(node)] = self._apply(node, made)
            else:
                with trace.within(str(number)):
                    made[id(node)] = self._apply(node, made)
        return made

    def _apply(self, node: Tensor, made: dict[int, Any]) -> Any:
        assert node.op is not None
        return apply(node.op, tuple([made[id(i)] for i in node.inputs]), node.attributes)


def _stored(node: Tensor) -> Array:
    return node.data if node.has_value else np.zeros(shape_of(node) or (), node.dtype.storage)
