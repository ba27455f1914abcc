"""Tracing: while a trace is active, operations are recorded instead of computed.

A compiler runs a Python function once inside of ``tracing()`` and reads the graph that it leaves
behind. Leaves stay what they are; one that is assigned to gets a symbolic new value, which all
later operations see in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from ..dtypes import DType, float32
from ..errors import GraphError
from .modes import MODES
from .tensor import Tensor


class Scope(NamedTuple):
    """What the user's program was doing when a node was made."""

    path: str  # of the module that was running: "Sequential.2 (Linear)"
    phase: str  # "forward", "backward" or "update"


class Trace:
    """What a traced function did besides computing: assignments, numbers and facts it relied on."""

    def __init__(self) -> None:
        self.updates: dict[int, tuple[Tensor, Tensor]] = {}  # by id(leaf): leaf, its new value
        self.numbers: list[tuple[Tensor, Callable[[], float]]] = []
        self.guards: list[tuple[Callable[[], Any], Any]] = []
        self.gradients: dict[int, Tensor] = {}  # leaves that got one, by id
        self.conditions: list[Tensor] = []  # without which no leaf gets a new value
        self.scope = Scope("", "forward")  # of the nodes that are made now
        self.owners: dict[int, str] = {}  # by id(leaf): path of the module that first read it

    @contextmanager
    def within(self, path: str, phase: str | None = None) -> Iterator[None]:
        """Make the nodes of the block those of a module, or of another phase."""
        before = self.scope
        self.scope = Scope(path, phase or before.phase)
        try:
            yield
        finally:
            self.scope = before

    def made(self, node: Tensor) -> None:
        """Note what the user's program was doing when it made a node, and whose leaves it reads."""
        node.scope = self.scope
        if self.scope.path:
            for source in node.inputs:
                if source.op is None:
                    self.owners.setdefault(id(source), self.scope.path)

    def current(self, node: Tensor) -> Tensor:
        """Return the node that stands for a leaf's value at this point of the function."""
        found = self.updates.get(id(node))
        return node if found is None else found[1]

    def assign(self, leaf: Tensor, value: Tensor) -> None:
        """Note that the function gave a leaf a new value."""
        self.updates[id(leaf)] = (leaf, self.current(value))

    def number(self, read: Callable[[], float], dtype: DType = float32) -> Tensor:
        """Return a leaf that holds ``read()`` anew at every call: a learning rate, say."""
        leaf = Tensor(np.asarray(read(), dtype.storage), dtype, ())
        self.numbers.append((leaf, read))
        return leaf

    def require(self, condition: Tensor) -> None:
        """Note a condition (bool, shape ()) on the whole call: if it fails, all leaves stay."""
        self.conditions.append(self.current(condition))

    def receive_gradient(self, leaf: Tensor) -> None:
        """Note that a leaf gets a gradient, which is a node of the trace.

        Raises GraphError if it holds one from outside, which would be added anew at every call.
        """
        if leaf.grad is not None and not leaf.grad.symbolic:
            raise GraphError(
                "backward in a compiled function",
                required="leaves without a gradient from outside",
                received=f"{leaf.label!r} with .grad", hint="call zero_grad() before backward()",
            )  # fmt: skip
        self.gradients[id(leaf)] = leaf

    def rely(self, read: Callable[[], Any]) -> Any:
        """Return ``read()``, and note that the trace holds only as long as it stays the same."""
        value = read()
        self.guards.append((read, value))
        return value

    def still_holds(self) -> bool:
        """Whether everything that the function relied on is as it was."""
        return all(read() == value for read, value in self.guards)


@contextmanager
def tracing() -> Iterator[Trace]:
    """Record operations of this thread inside of the block."""
    before = MODES.trace
    trace = Trace()
    MODES.trace = trace
    try:
        yield trace
    finally:
        MODES.trace = before


def active_trace() -> Trace | None:
    """Return the trace of this thread, if one is active."""
    trace: Trace | None = MODES.trace
    return trace
