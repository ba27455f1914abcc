"""Recording: a function is run once on symbolic inputs, and its graph is what remains."""

from __future__ import annotations

import traceback
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import count
from operator import itemgetter
from pathlib import Path
from typing import Any

from ..errors import ChainruleError
from ..graph import Tensor, Trace, input, no_grad, tracing
from ..graph.location import describe
from ..graph.trees import flatten_tree
from ..ops import logical_and, logical_not, where
from .signature import ArrayKind, Kind

Guard = tuple[Callable[[], Any], Any]
_PACKAGE = str(Path(__file__).parent.parent) + "/"


@dataclass
class Recording:
    """What a function did: its results, the leaves that it changed, and what it relied on."""

    inputs: list[Tensor]
    outputs: list[Tensor]
    updates: list[tuple[Tensor, Tensor]]  # a leaf and its new value
    numbers: list[tuple[Tensor, Callable[[], float]]]  # a leaf, and what to read into it
    guards: list[Guard]
    result: Result
    failed: Tensor | None  # whether this call has to leave all leaves as they are


def record(
    call: Callable[[list[Any]], Any], kinds: Sequence[Kind], leaves: Sequence[Any],
    names: Sequence[str], what: str,
) -> Recording:  # fmt: skip
    """Run a function of leaves on symbolic inputs; its other leaves are what they are."""
    stand_ins = [
        input(name, kind.shape, kind.dtype, requires_grad=kind.requires_grad)
        if isinstance(kind, ArrayKind)
        else leaf
        for name, kind, leaf in zip(names, kinds, leaves, strict=True)
    ]
    inputs = [s for s, kind in zip(stand_ins, kinds, strict=True) if isinstance(kind, ArrayKind)]
    with tracing() as trace:
        try:
            result = call(stand_ins)
        except ChainruleError as error:
            _explain(error, what)
            raise
        finally:
            for leaf in trace.gradients.values():
                leaf.grad = None  # gradients of a traced function stay inside
        structure = Result(result)
        outputs = [trace.current(node) for node in structure.tensors]
        structure.tensors.clear()
    updates, failed = _conditional(trace)
    return Recording(inputs, outputs, updates, trace.numbers, trace.guards, structure, failed)


def _conditional(trace: Trace) -> tuple[list[tuple[Tensor, Tensor]], Tensor | None]:
    """Return the new values of leaves where the conditions hold, and whether they do not."""
    updates = list(trace.updates.values())
    if not trace.conditions:
        return updates, None
    with no_grad():
        holds = reduce(logical_and, trace.conditions)
        return [(leaf, where(holds, new, leaf)) for leaf, new in updates], logical_not(holds)


class Result:
    """The structure that a function returned; its tensors' values are put in anew at each call."""

    def __init__(self, result: Any) -> None:
        leaves, _ = flatten_tree(result)
        self.tensors = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
        self.filled = _builder(result, count())  # a function of the list of values


def _builder(tree: Any, numbers: Iterator[int]) -> Callable[[Sequence[Any]], Any]:
    """Return what builds a tree from a list of values, one for each of its tensors, in order."""
    if isinstance(tree, Tensor):
        return itemgetter(next(numbers))
    if isinstance(tree, dict):
        parts = {key: _builder(entry, numbers) for key, entry in tree.items()}
        return lambda values: {key: part(values) for key, part in parts.items()}
    if not isinstance(tree, tuple | list):
        return lambda values: tree
    if type(tree) is tuple and len(tree) > 1 and all(isinstance(entry, Tensor) for entry in tree):
        return itemgetter(*[next(numbers) for _ in tree])
    return _sequence(type(tree), [_builder(entry, numbers) for entry in tree])


def _sequence(
    kind: Any, parts: Sequence[Callable[[Sequence[Any]], Any]]
) -> Callable[[Sequence[Any]], Any]:
    if hasattr(kind, "_fields"):
        return lambda values: kind(*[part(values) for part in parts])
    if kind is tuple and len(parts) == 2:  # a loss and more: the commonest
        first, second = parts
        return lambda values: (first(values), second(values))
    return lambda values: kind([part(values) for part in parts])


def _explain(error: ChainruleError, what: str) -> None:
    """Say of an error about a value that is not known yet what it means in a compiled function."""
    if error.received != "a symbolic node" or error.required != "a value":
        return
    error.required = f"a value, which is not known while {what} is traced"
    error.hint = (
        "choose between values with cr.where(condition, x, y); to look at them, return them or "
        "compile with debug=True"
    )
    lines = [
        (frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    outside = [location for location in lines if not location[0].startswith(_PACKAGE)]
    if outside:
        error.where = describe(outside[-1])


class Facts:
    """What a recording relied on: facts read anew at every call, and constants written into it."""

    def __init__(self, guards: Sequence[Guard], baked: Sequence[tuple[Tensor, int]]) -> None:
        self._reads = [read for read, _ in guards]
        self._values = [value for _, value in guards]
        self._constants = [(weakref.ref(leaf), version) for leaf, version in baked]

    def forget_the_dead(self) -> None:
        """Stop watching constants that nobody can change any more."""
        self._constants = [(ref, version) for ref, version in self._constants if ref() is not None]

    @property
    def are_none(self) -> bool:
        """Whether there is nothing to look at."""
        return not self._values and not self._constants

    def hold(self) -> bool:
        """Whether everything is as it was."""
        if self._values and [read() for read in self._reads] != self._values:
            return False
        for ref, version in self._constants:
            leaf = ref()
            if leaf is not None and leaf._version != version:
                return False
        return True

    def difference(self) -> str:
        """Say in words what is no longer as it was."""
        for read, value in zip(self._reads, self._values, strict=True):
            now = read()
            if now != value:
                return f"what {_place(read)} reads was {value!r}, now {now!r}"
        return "a constant was assigned to"


def _place(read: Callable[[], Any]) -> str:
    code = getattr(read, "__code__", None)
    return "a guard" if code is None else describe((code.co_filename, code.co_firstlineno))
