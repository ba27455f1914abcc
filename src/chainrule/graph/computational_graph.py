"""ComputationalGraph: forward in topological order, backward in reverse, as textbooks draw it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .. import dtypes
from ..dtypes import Array
from ..errors import ArgumentError, ChainruleError, GraphError, ShapeError
from .apply import decoded, evaluate
from .location import describe
from .order import topological_order
from .registry import call
from .tensor import Tensor, TensorLike, as_tensor
from .types import TensorType

Result = Any  # a NumPy array, or a Python number where the result has no axes


class ComputationalGraph:
    """The graph that ends in ``outputs``, evaluated node by node.

    ``forward`` gives every node its value, ``backward`` its gradient: the sum, over all paths from
    the node to the outputs, of the product of the local derivatives along the path (the chain
    rule). Inputs are found by walking; ``order`` fixes their order for positional use. Raises
    GraphError for two inputs of one name, GraphCycleError (with the path) for a cycle.

    >>> from chainrule import input
    >>> x, y, z = input("x"), input("y"), input("z")
    >>> graph = ComputationalGraph(outputs=(x + y) * z)
    >>> graph.forward(x=1.0, y=-3.0, z=4.0)
    -8.0
    >>> graph.backward()
    {'x': 4.0, 'y': 4.0, 'z': -2.0}
    """

    def __init__(
        self,
        outputs: Tensor | Sequence[Tensor],
        *,
        order: Sequence[Tensor | str] | None = None,
    ) -> None:
        self.single = isinstance(outputs, Tensor)
        self.outputs = (outputs,) if isinstance(outputs, Tensor) else tuple(outputs)
        for output in self.outputs:
            if not isinstance(output, Tensor):
                raise GraphError(
                    "graph", required="outputs that are tensors", received=repr(output),
                    hint="start from chainrule.input(name)",
                )  # fmt: skip
        self._order = topological_order(self.outputs)
        found = [n for n in self._order if n.op is None and n.symbolic]
        self.inputs = _named(found if order is None else _reordered(found, order))
        self.names = _unique_names(self._order)
        self._ran = False

    # --- structure -------------------------------------------------------------------------

    def nodes_topologically_sorted(self) -> list[Tensor]:
        """Return all nodes, each after the nodes that it depends on."""
        return list(self._order)

    def nodes_reverse_topologically_sorted(self) -> list[Tensor]:
        """Return all nodes, each before the nodes that it depends on: the backward sweep."""
        return self._order[::-1]

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self._order)

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, name: str) -> Tensor:
        for node in self._order:
            if self.names[id(node)] == name:
                return node
        raise GraphError(
            "graph", required=f"one of the nodes {', '.join(self.names.values())}",
            received=repr(name),
        )  # fmt: skip

    def __str__(self) -> str:
        return "\n".join(self._line(node) for node in self._order)

    def _line(self, node: Tensor) -> str:
        name = self.names[id(node)]
        if node.op is None:
            return f"{name}: {node.type} = {'input' if node.symbolic else 'constant'}"
        arguments = [self.names[id(i)] for i in node.inputs]
        arguments += [f"{k}={v!r}" for k, v in node.attributes.items()]
        return f"{name}: {node.type} = {node.op.name}({', '.join(arguments)})"

    # --- evaluation ------------------------------------------------------------------------

    def forward(self, *values: Any, **named: TensorLike) -> Result:
        """Evaluate every node in topological order; return the outputs' values.

        Values are given by position, by name, or as one mapping. The result is a NumPy array (a
        Python number where it has no axes), a tuple of them if the graph has several outputs.
        """
        fed = self.feed(values, named)
        types: dict[int, Any] = {}
        for node in self._order:
            if node.op is None:
                if node.symbolic:
                    node._data = fed[id(node)]
                types[id(node)] = TensorType(node.dtype, node.data.shape)
            else:
                self._evaluate(node, types)
            node.grad = None
        self._ran = True
        results = tuple(readable(output) for output in self.outputs)
        return results[0] if self.single else results

    def _evaluate(self, node: Tensor, types: dict[int, Any]) -> None:
        assert node.op is not None
        try:
            kind = node.op.infer([types[id(i)] for i in node.inputs], node.attributes)
            arrays = [decoded(i) for i in node.inputs]
            node._data, types[id(node)] = evaluate(node.op, arrays, kind, node.attributes)
        except ChainruleError as error:
            if error.where is None:
                error.where = f"node {self.names[id(node)]!r}, {describe(node.location)}"
            raise
        node._seen_versions = tuple([i._version for i in node.inputs])

    def backward(
        self, gradients: TensorLike | Sequence[TensorLike] | None = None
    ) -> dict[str, Result]:
        """Sweep in reverse topological order; return the gradient of each named input.

        ``gradients`` are dL/d(output), one for each output; they may be left out for outputs of one
        element (then they are 1). Afterwards every node holds its gradient in ``.grad``; a node
        that is used many times holds the sum. Raises GraphError before ``forward``, GradientError
        where an operation has no derivative.
        """
        if not self._ran:
            raise GraphError(
                "backward", required="values of all nodes", received="a graph that has not run",
                hint="call graph.forward(...) first",
            )  # fmt: skip
        if self.single and gradients is not None:
            gradients = [gradients]
        call("graph_backward", self._order, self.outputs, gradients)
        return {
            str(node.name): readable(node.grad)
            for node in self.inputs
            if node.requires_grad and node.grad is not None
        }

    def compile(self, **options: Any) -> Any:
        """Return the graph with native sweeps: ``forward`` and ``backward`` as here.

        Programs are made at the first call for each set of input shapes. The options are those of
        ``chainrule.compile``. Inner nodes keep no values and gradients.

        >>> from chainrule import input
        >>> x, y = input("x"), input("y")
        >>> native = ComputationalGraph((x + y) * x).compile()
        >>> native.forward(x=2.0, y=3.0), native.backward()
        (10.0, {'x': 7.0, 'y': 2.0})
        """
        return call("compile_graph", self, **options)

    def feed(self, values: tuple[Any, ...], named: dict[str, TensorLike]) -> dict[int, Array]:
        """Return the arrays that ``forward`` gives the inputs, by id of the node."""
        if len(values) == 1 and isinstance(values[0], Mapping):
            named = {**values[0], **named}
            values = ()
        names = [str(node.name) for node in self.inputs]
        given = dict(zip(names, values, strict=False))
        if len(values) > len(names) or set(given) & set(named) or set(named) - set(names):
            raise ArgumentError(
                "forward", required=f"the inputs {', '.join(names) or '(none)'}, each once",
                received=", ".join([f"{len(values)} by position", *named]),
            )  # fmt: skip
        given |= named
        missing = [name for name in names if name not in given]
        if missing:
            raise ArgumentError(
                "forward", required=f"a value for {', '.join(missing)}",
                received=", ".join(given) or "none", hint=f"forward({missing[0]}=...)",
            )  # fmt: skip
        return {id(node): _fed(node, given[str(node.name)]) for node in self.inputs}

    # --- drawing ---------------------------------------------------------------------------

    def show(
        self, *, depth: float | None = None, open: Sequence[str] = (), theme: str = "auto"
    ) -> Any:
        """Draw the graph, with values above and gradients below each edge.

        Modules are boxes around their nodes. ``depth`` says how many levels of them are open: 1
        draws each layer of a model as one box, ``math.inf`` every operation; by default as much as
        fits on a page. ``open`` lists the paths of more modules to open; ``theme`` is "light",
        "dark" or "auto", as the reader's system.
        """
        return call("show", self, depth=depth, open=open, theme=theme)

    def to_svg(
        self, path: str | Path | None = None, *, depth: float | None = None,
        open: Sequence[str] = (), theme: str = "auto",
    ) -> str:  # fmt: skip
        """Return the drawing as SVG text, and write it to ``path`` if one is given.

        ``depth``, ``open`` and ``theme`` are those of ``show``.
        """
        text: str = call("to_svg", self, depth=depth, open=open, theme=theme)
        if path is not None:
            Path(path).write_text(text, encoding="utf-8")
        return text

    def explore(
        self, path: str | Path | None = None, *, open: bool | None = None,
        compiled: bool | None = None,
    ) -> Path:  # fmt: skip
        """Write a page to look at the graph with, and open it in a browser; return its path.

        One HTML file without a need for a network or a server: pan, zoom, search, modules that open
        and close, values and gradients, the chain rule on each edge with its numbers, and a step
        mode. Scalar graphs are computed anew in the page when an input is changed. Without
        ``path`` the file is a temporary one; ``open`` defaults to whether there is a screen.
        ``compiled`` says whether to show the compiled program too (by default, if the shapes are
        known and the graph is not large).
        """
        written: Path = call("explore", self, path, open=open, compiled=compiled)
        return written

    def _repr_svg_(self) -> str:
        return self.to_svg()

    def _repr_html_(self) -> str:
        html: str = call("to_html", self)
        return html


def readable(node: Tensor) -> Result:
    """Return a node's value as users read it: a Python number if it has no axes."""
    if node.data.ndim == 0:
        return node.item()
    return node.numpy()


def _fed(node: Tensor, value: TensorLike) -> Array:
    given = as_tensor(value)
    if node._shape is not None and given.shape != node._shape:
        raise ShapeError(
            f"input {node.name!r}", required=f"shape {node._shape}",
            received=f"shape {given.shape}", where=node.where,
        )  # fmt: skip
    if given.dtype.is_floating and not node.dtype.is_floating:
        raise ArgumentError(
            f"input {node.name!r}", required=f"{node.dtype} values", received=str(given.dtype)
        )
    if not isinstance(value, Tensor):
        given = as_tensor(value, node.dtype)  # a Python float keeps its digits in float64
    return np.array(dtypes.encode(dtypes.decode(given.data, given.dtype), node.dtype))


def _reordered(found: list[Tensor], order: Sequence[Tensor | str]) -> list[Tensor]:
    by_name = {node.name: node for node in found}
    wanted = [by_name.get(entry) if isinstance(entry, str) else entry for entry in order]
    if {id(n) for n in wanted} != {id(n) for n in found} or len(wanted) != len(found):
        raise GraphError(
            "graph", required=f"order of the inputs {[n.name for n in found]}",
            received=str([e if isinstance(e, str) else e.name for e in order]),
        )  # fmt: skip
    return [node for node in wanted if node is not None]


def _named(inputs: list[Tensor]) -> tuple[Tensor, ...]:
    names = [node.name for node in inputs]
    for node in inputs:
        if names.count(node.name) > 1:
            raise GraphError(
                "graph", required="a name of its own for every input",
                received=f"two inputs named {node.name!r}", where=node.where,
            )  # fmt: skip
    return tuple(inputs)


def _unique_names(order: Sequence[Tensor]) -> dict[int, str]:
    taken = {node.name for node in order if node.name is not None}
    counts: dict[str, int] = {}
    names: dict[int, str] = {}
    used: set[str] = set()
    for node in order:
        name = node.label
        while name in used or (node.name is None and name in taken):
            counts[node.label] = counts.get(node.label, 1) + 1
            name = f"{node.label}_{counts[node.label]}"
        used.add(name)
        names[id(node)] = name
    return names
