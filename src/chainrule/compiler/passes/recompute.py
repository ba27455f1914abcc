"""Recompute instead of store: a temporary that waits through the peak is computed anew after it.

Where a program needs the most memory, each temporary that is alive but not in use could be written
again by a copy of the kernel that wrote it, right before it is read; what that kernel reads must be
there, or is computed again as well. Chosen is what gives the most bytes for the least work, so
elementwise chains come first and contractions last, until the plan fits or nothing helps. The same
kernels run on the same numbers: results are the same bits.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from ..ir.expr import Buffer, Expr, make, rebuild, walk
from ..ir.kernels import Array, Call, Contract, Kernel, Map, Reduce, Scatter, Store, Term
from ..ir.program import Program, reads_of, values_of, writes_of
from ..memory import ALIGNMENT, Life, lives_of

_DEEPEST = 16  # kernels in a row that are run again for one array
_Writer = Map | Reduce | Contract
_STAGE = 0.95  # of the peak, to which it is lowered at once
Renamed = dict[int, Buffer]  # by id of a buffer: what stands in its place
Touched = tuple[list[Buffer], list[Buffer]]  # what a kernel reads, and what it writes
_touched: WeakKeyDictionary[Kernel, Touched] = WeakKeyDictionary()  # no kernel changes here
_needed: WeakKeyDictionary[Kernel, dict[int, list[Buffer]]] = WeakKeyDictionary()
_works: WeakKeyDictionary[Kernel, float] = WeakKeyDictionary()


def recompute(program: Program, limit: int) -> None:
    """Change a program until its temporaries need no more bytes than a limit, if that is possible.

    If it is not, they need as few as could be reached.
    """
    lasting = [check.flag for check in program.checks]
    stage = peak = max(_State(program.kernels, lasting).used, default=0)
    while limit < peak <= stage:
        stage = max(limit, round(_STAGE * peak))  # what serves a far goal may end before it
        peak = _reach(program, stage, lasting)


def _reach(program: Program, limit: int, lasting: list[Buffer]) -> int:
    """Recompute what is best until a limit is met or nothing helps; return the peak."""
    while True:
        state = _State(program.kernels, lasting)
        excess = state.excess(limit)
        if not excess:
            return max(state.used)
        for choice in sorted(state.choices(), key=lambda c: c.work / c.gain):
            kernels = choice.applied(program.kernels)
            if _State(kernels, lasting).excess(limit) < excess:
                program.kernels = kernels
                break
        else:
            return max(state.used)


@dataclass(frozen=True)
class _Choice:
    """Run kernels again, for a buffer each, before kernel ``at``; later ones read the last."""

    at: int
    again: list[tuple[_Writer, Buffer]]
    gain: int
    work: float

    def applied(self, kernels: list[Kernel]) -> list[Kernel]:
        """Return the kernels with those that run again."""
        new: Renamed = {}
        more: list[Kernel] = []
        for kernel, buffer in self.again:
            new[id(buffer)] = Buffer(f"{buffer.name}_again", buffer.dtype, buffer.size)
            more.append(_reading(_writing(kernel, buffer, new[id(buffer)]), new))
        last = self.again[-1][1]
        later = [_reading(kernel, {id(last): new[id(last)]}) for kernel in kernels[self.at :]]
        return [*kernels[: self.at], *more, *later]


class _State:
    """What kernels touch, and how many bytes are alive while each of them runs."""

    def __init__(self, kernels: list[Kernel], lasting: list[Buffer]) -> None:
        self.kernels = kernels
        touched = [_touches(kernel) for kernel in kernels]
        self.lives: dict[int, Life] = lives_of([[*r, *w] for r, w in touched], lasting)
        change = [0] * (len(kernels) + 2)
        for life in self.lives.values():
            change[life.first] += life.size
            change[life.last + 1] -= life.size
        self.used = list(itertools.accumulate(change))
        self.peak = self.used.index(max(self.used))
        self._touched: dict[int, list[int]] = {}
        self._written: dict[int, list[int]] = {}
        for number, (reads, writes) in enumerate(touched):
            written = {id(b) for b in writes}
            for key in written | {id(b) for b in reads}:
                self._touched.setdefault(key, []).append(number)
            for key in written:
                self._written.setdefault(key, []).append(number)

    def excess(self, limit: int) -> int:
        """Return the bytes above a limit, summed over all kernels."""
        return sum(max(0, bytes_used - limit) for bytes_used in self.used)

    def choices(self) -> Iterable[_Choice]:
        """Give every way to free an array that waits through the peak."""
        for key, life in self.lives.items():
            before = [k for k in self._touched[key] if k <= self.peak]
            after = [k for k in self._touched[key] if k > self.peak]
            if before and after and before[-1] < self.peak and life.last < len(self.kernels):
                found = _Plan(self, after[0]).choice(life.buffer)
                if found is not None and found.gain > 0:
                    yield found

    def writer(self, buffer: Buffer) -> int | None:
        """Return the only kernel that writes a temporary."""
        written = self._written.get(id(buffer), [])
        return written[0] if len(written) == 1 and buffer.kind == "temp" else None

    def unchanged(self, buffer: Buffer, start: int, end: int) -> bool:
        """Whether nobody writes a buffer from one kernel until before another one."""
        return not any(start <= k < end for k in self._written.get(id(buffer), ()))


class _Plan:
    """What has to run again, in order, so that a buffer is there before a kernel."""

    def __init__(self, state: _State, at: int) -> None:
        self._state, self._at = state, at
        self._again: list[tuple[_Writer, Buffer]] = []
        self._there: set[int] = set()
        self._longer: dict[int, int] = {}  # bytes at the peak of what has to live on

    def choice(self, buffer: Buffer) -> _Choice | None:
        """Return how to compute a buffer again, or None."""
        if not self._compute(buffer):
            return None
        gain = self._state.lives[id(buffer)].size - sum(self._longer.values())
        return _Choice(self._at, self._again, gain, sum(_work(k) for k, _ in self._again))

    def _compute(self, buffer: Buffer) -> bool:
        number = self._state.writer(buffer)
        kernel = None if number is None else self._state.kernels[number]
        if number is None or not isinstance(kernel, Map | Reduce | Contract):
            return False
        if not all(self._provide(b, number) for b in _needs(kernel, buffer)):
            return False
        if len(self._again) == _DEEPEST:
            return False
        self._again.append((kernel, buffer))
        self._there.add(id(buffer))
        return True

    def _provide(self, buffer: Buffer, number: int) -> bool:
        """Make sure that a kernel's input is there a second time."""
        if id(buffer) in self._there:
            return True
        life, peak = self._state.lives.get(id(buffer)), self._state.peak
        if not self._state.unchanged(buffer, number, self._at):
            return False
        if life is None or life.last >= min(self._at, peak + 1):
            return True
        count, there, longer = len(self._again), set(self._there), dict(self._longer)
        if self._compute(buffer):
            return True
        del self._again[count:]
        self._there, self._longer = there, longer
        self._longer[id(buffer)] = 0 if life.last == peak else life.size
        return True


def _touches(kernel: Kernel) -> Touched:
    if kernel not in _touched:
        _touched[kernel] = reads_of(kernel), writes_of(kernel)
    return _touched[kernel]


def _needs(kernel: _Writer, buffer: Buffer) -> list[Buffer]:
    """Return what a kernel reads to write one of its results."""
    found = _needed.setdefault(kernel, {})
    if id(buffer) not in found:
        found[id(buffer)] = reads_of(_writing(kernel, buffer, buffer))
    return found[id(buffer)]


def _work(kernel: _Writer) -> float:
    """Return about how many operations a kernel does."""
    if kernel not in _works:
        nodes = sum(1 for node in walk(values_of(kernel)) if node.kind != "const")
        _works[kernel] = float(math.prod(kernel.loops) * nodes) + ALIGNMENT
    return _works[kernel]


def _writing(kernel: _Writer, buffer: Buffer, new: Buffer) -> _Writer:
    """Return the kernel that does nothing but write one of its results, to another buffer."""
    stores = [Store(new, s.place, s.value) for s in kernel.stores if s.buffer is buffer]
    return replace(kernel, stores=stores)


def _reading(kernel: Kernel, new: Renamed) -> Kernel:
    """Return a kernel that reads renamed buffers; the kernel itself if it reads none of them."""
    if not any(id(b) in new for b in _touches(kernel)[0]):
        return kernel
    if isinstance(kernel, Call):
        return replace(kernel, inputs=[_array(a, new) for a in kernel.inputs])

    def value(expr: Expr) -> Expr:
        return rebuild([expr], lambda node: _renamed_read(node, new))[0]

    match kernel:
        case Map() | Reduce() | Contract():
            stores = [Store(s.buffer, s.place, value(s.value)) for s in kernel.stores]
            if isinstance(kernel, Reduce):
                terms = [Term(t.reducer, value(t.value)) for t in kernel.terms]
                return replace(kernel, terms=terms, stores=stores)
            if isinstance(kernel, Contract):
                return replace(kernel, a=value(kernel.a), b=value(kernel.b), stores=stores)
            return replace(kernel, stores=stores)
        case Scatter():
            indices = [value(e) for e in kernel.indices]
            return replace(kernel, indices=indices, value=value(kernel.value))
        case _:
            return kernel


def _renamed_read(node: Expr, new: Renamed) -> Expr | None:
    if node.kind == "read" and id(node.payload[0]) in new:
        return make("read", node.dtype, (), (new[id(node.payload[0])], *node.payload[1:]))
    if node.kind == "gather" and id(node.payload[0]) in new:
        args = tuple([rebuild([a], lambda n: _renamed_read(n, new))[0] for a in node.args])
        return make("gather", node.dtype, args, (new[id(node.payload[0])], *node.payload[1:]))
    return None


def _array(array: Array, new: Renamed) -> Array:
    return replace(array, buffer=new.get(id(array.buffer), array.buffer))
