"""Leaves of the graph: inputs, numbers written into the code, and state that programs update."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce

from ...graph import Tensor
from ..ir.expr import Buffer, Expr, Place, const, walk
from ..ir.kernels import Array, Map, Origins, Store, merged
from .lowering import Lowering
from .value import Value, of_array, strides_of, whole


@dataclass(frozen=True)
class State:
    """A leaf whose memory the program uses, and how it has to lie: axes, slowest first."""

    leaf: Tensor
    buffer: Buffer
    order: tuple[int, ...]

    @property
    def array(self) -> Array:
        """The leaf's array in the program."""
        return Array(self.buffer, self.leaf.shape, strides_of(self.leaf.shape, self.order))


@dataclass
class Leaves:
    """What the leaves of a graph are to the program."""

    low: Lowering
    orders: dict[int, tuple[int, ...]]
    live: Sequence[Tensor] = ()
    states: dict[int, State] = field(default_factory=dict)
    baked: list[tuple[Tensor, int]] = field(default_factory=list)

    def value(self, leaf: Tensor, updated: bool) -> Value:
        """Return what reading a leaf means."""
        live = any(leaf is number for number in self.live)
        if leaf.shape == () and not updated and not live and not leaf.requires_grad:
            self.baked.append((leaf, leaf._version))
            return whole((), const(leaf.item(), leaf.dtype))
        return of_array(self.state(leaf).array)

    def fixed(self, updated: Iterable[Tensor]) -> list[Buffer]:
        """Return the states that nothing but an assignment between calls changes."""
        changing = {id(leaf) for leaf in (*self.live, *updated)}
        return [state.buffer for key, state in self.states.items() if key not in changing]

    def state(self, leaf: Tensor) -> State:
        """Return the record of a leaf whose memory the program uses."""
        if id(leaf) not in self.states:
            name = leaf.name or "state"
            buffer = self.low.buffer(name, leaf.dtype, math.prod(leaf.shape), "state")
            order = self.orders.get(id(leaf)) or tuple(range(len(leaf.shape)))
            self.states[id(leaf)] = State(leaf, buffer, order)
            self.low.program.states.append(buffer)
        return self.states[id(leaf)]


@dataclass(frozen=True)
class _Update:
    """Where a new value goes, the value, and the nodes that it is computed of."""

    array: Array
    value: Value
    origins: Origins


def update(low: Lowering, updates: Sequence[tuple[Array, Tensor]]) -> None:
    """Write new values over old ones, at the program's end.

    New values that read other states at their own place only are written together, in one kernel
    for each shape: it reads all before it writes. What reads states elsewhere is stored before.
    """
    targets = {id(array.buffer): array for array, _ in updates}
    ready = []
    for array, node in updates:
        first = len(low.program.kernels)
        value = low.plain(low.values[id(node)])
        if not _at_own_place(value.expr, targets, array):
            value = _copied(low, value)
        low.mark(first, node)
        ready.append(_Update(array, value, low.origins(node)))
    for group in _groups(ready):
        low.program.kernels.append(_written(group))


def _written(group: Sequence[_Update]) -> Map:
    stores = [Store(u.array.buffer, Place(u.array.offset, u.array.strides), u.value.expr)
              for u in group]  # fmt: skip
    origins = reduce(merged, [u.origins for u in group])
    return Map(group[0].array.shape, stores, origins=origins)


def _at_own_place(expr: Expr, targets: dict[int, Array], array: Array) -> bool:
    for node in walk([expr]):
        if node.kind in ("read", "gather") and id(node.payload[0]) in targets:
            other = targets[id(node.payload[0])]
            if node.kind == "gather" or other.shape != array.shape or node.payload[2]:
                return False
            if node.payload[1] != _squeezed(other):
                return False
    return True


def _squeezed(array: Array) -> Place:
    pairs = zip(array.shape, array.strides, strict=True)
    return Place(array.offset, tuple([0 if n == 1 else s for n, s in pairs]))


def _copied(low: Lowering, value: Value) -> Value:
    """Store a value before any state is written."""
    target = low.array(value.shape, value.dtype)
    low.store(target, value)
    return of_array(target)


def _groups(updates: Sequence[_Update]) -> list[list[_Update]]:
    """Put together what reads what another one writes: they must be one kernel."""
    groups: list[list[_Update]] = []
    for new in updates:
        array, reads = new.array, _reads([new])
        mine = [new]
        others = []
        for group in groups:
            written = {id(u.array.buffer) for u in group}
            meet = reads & written or id(array.buffer) in _reads(group)
            if array.shape == group[0].array.shape and meet:
                mine = [*group, *mine]
            else:
                others.append(group)
        groups = [*others, mine]
    return groups


def _reads(updates: Sequence[_Update]) -> set[int]:
    nodes = walk([u.value.expr for u in updates])
    return {id(node.payload[0]) for node in nodes if node.kind == "read"}
