"""Tape: the operations that were applied, in order, to be applied again to other tensors.

Unlike a graph it holds no values of what was computed, and it has also what no gradient flows
through: random bits, for example.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from .apply import apply
from .modes import MODES
from .operation import Attributes, Operation
from .tensor import Tensor


@dataclass(frozen=True)
class _Step:
    op: Operation
    attributes: Attributes
    inputs: tuple[int, ...]  # slots
    outputs: tuple[int, ...]
    several: bool
    last: tuple[int, ...] = ()  # slots that no later step reads


class Tape:
    """Steps on numbered slots; ``sources`` are the tensors that they take from outside."""

    def __init__(self) -> None:
        self.sources: list[Tensor] = []
        self._source_slots: list[int] = []
        self._steps: list[_Step] = []
        self._results: list[int] = []
        self._count = 0
        self._made: dict[int, tuple[Any, int]] = {}  # by id: a weak reference, and the slot
        self._taken: dict[tuple[int, int], tuple[Tensor, int]] = {}  # by id and version

    # --- recording -------------------------------------------------------------------------

    def note(
        self, op: Operation, inputs: Sequence[Tensor], attributes: Attributes, result: Any
    ) -> None:
        """Add a step."""
        slots = tuple([self._slot(t) for t in inputs])
        several = isinstance(result, tuple)
        outputs = tuple([self._new(t) for t in (result if several else (result,))])
        self._steps.append(_Step(op, attributes, slots, outputs, several))

    def made(self, tensor: Tensor) -> bool:
        """Whether a tensor is the result of a step."""
        return id(tensor) in self._made

    def _new(self, tensor: Tensor) -> int:
        key, slot = id(tensor), self._number()
        self._made[key] = weakref.ref(tensor, lambda _: self._made.pop(key, None)), slot
        return slot

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _slot(self, tensor: Tensor) -> int:
        if id(tensor) in self._made:
            return self._made[id(tensor)][1]
        key = id(tensor), tensor._version
        if key not in self._taken:
            self._taken[key] = tensor, self._number()
            self._source_slots.append(self._count)
            self.sources.append(_present(tensor))
        return self._taken[key][1]

    def finish(self, results: Sequence[Tensor]) -> None:
        """Keep the steps that lead to these results, and let go of everything else."""
        self._results = [self._made[id(t)][1] for t in results]
        needed, steps = set(self._results), []
        for step in reversed(self._steps):
            if not needed.isdisjoint(step.outputs):
                touched = {*step.inputs, *step.outputs}
                steps.append(replace(step, last=tuple(touched - needed)))
                needed |= touched
        self._steps = steps[::-1]
        kept = [k for k, slot in enumerate(self._source_slots) if slot in needed]
        self.sources = [self.sources[k] for k in kept]
        self._source_slots = [self._source_slots[k] for k in kept]
        self._made.clear()
        self._taken.clear()

    # --- playing ---------------------------------------------------------------------------

    def play(self, sources: Sequence[Tensor]) -> list[Tensor]:
        """Apply the steps to other sources; return the results."""
        values = dict(zip(self._source_slots, sources, strict=True))
        for step in self._steps:
            result = apply(step.op, tuple([values[k] for k in step.inputs]), step.attributes)
            values.update(zip(step.outputs, result if step.several else (result,), strict=True))
            del result
            for slot in step.last:
                del values[slot]
        return [values[k] for k in self._results]


def _present(tensor: Tensor) -> Tensor:
    """Return what has a tensor's value of now: a leaf without gradient may be assigned to."""
    if tensor.op is not None or tensor.symbolic or tensor.requires_grad:
        return tensor
    with _tapes(()):
        return tensor.detach()


@contextmanager
def taping() -> Iterator[Tape]:
    """Note the operations of this thread inside of the block, also on the tapes around it."""
    tape = Tape()
    with _tapes((*MODES.tapes, tape)):
        yield tape


@contextmanager
def noting(note: Callable[[Operation, Sequence[Tensor], Attributes, Any], None]) -> Iterator[None]:
    """Call a function with the operation, inputs, attributes and result of all that is applied."""
    with _tapes((*MODES.tapes, _Note(note))):
        yield


@dataclass(frozen=True)
class _Note:
    note: Callable[[Operation, Sequence[Tensor], Attributes, Any], None]


@contextmanager
def _tapes(tapes: tuple[Tape | _Note, ...]) -> Iterator[None]:
    before = MODES.tapes
    MODES.tapes = tapes
    try:
        yield
    finally:
        MODES.tapes = before
