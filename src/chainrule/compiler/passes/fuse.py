"""Maps join the kernel that computes what they read: epilogues, and maps over the same loops.

A map that reads a result at the place where it is stored needs no memory for it: its stores become
stores of the producer. So bias, activation and residual are done while a contraction's tile is in
registers, and the update of a weight is the last thing that happens to its gradient. A contraction
keeps a result that would be written across memory instead, element by element.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..ir.cost import TURNED
from ..ir.expr import Buffer, Expr, Place, Shape, moved, rebuild, walk
from ..ir.kernels import Contract, Map, Reduce, Store, merged
from ..ir.program import Program, values_of
from .usage import Usage

Producer = Map | Reduce | Contract
_LARGEST = 400  # nodes of all formulas of a fused kernel
_MOST_STORES = 8  # of a map; those with more are transforms, which are large enough


def fuse(program: Program) -> None:
    """Fuse maps into the kernels whose results they read, as far as it goes."""
    usage = Usage(program)
    for number in range(len(program.kernels)):
        target: int | None = number
        while target is not None:
            target = _fuse_into_producer(usage, target)
    usage.finish()


def _fuse_into_producer(usage: Usage, number: int) -> int | None:
    """Fuse a map into one of its producers; return the fused kernel's number."""
    consumer = usage.kernels[number]
    if not isinstance(consumer, Map) or consumer.pinned or len(consumer.stores) > _MOST_STORES:
        return None
    for candidate in sorted(_producers(usage, number, consumer), reverse=True):
        producer = usage.kernels[candidate]
        if isinstance(producer, Producer):
            home = _home(usage, candidate, number, producer)
            fused = None if home is None else _fused(usage, candidate, producer, consumer)
            if home is not None and fused is not None:
                usage.put(candidate, None)
                usage.put(number, None)
                usage.put(home, fused)
                return home
    return None


def _producers(usage: Usage, number: int, consumer: Map) -> set[int]:
    """Return earlier kernels that write what a map reads, and maps over its loops that read it."""
    found = set()
    for node in walk(values_of(consumer)):
        if node.kind == "read":
            buffer = node.payload[0]
            writers = usage.writers(buffer)
            if buffer.kind == "temp" and len(writers) == 1 and writers[0] < number:
                found.add(writers[0])
            for other in usage.readers(buffer):
                near = usage.kernels[other]
                if other < number and isinstance(near, Map) and near.loops == consumer.loops:
                    found.add(other)
    return {k for k in found if len(getattr(usage.kernels[k], "stores", ())) <= _MOST_STORES}


def _home(usage: Usage, first: int, second: int, producer: Producer) -> int | None:
    """Return the number at which both kernels may run: the first's, or the second's."""
    if usage.writes(second) & (usage.reads(first) | usage.writes(first)):
        return None
    between = range(first + 1, second)
    if usage.movable(second, between):
        return first
    return second if usage.movable(first, between) else None


def _fused(usage: Usage, number: int, producer: Producer, consumer: Map) -> Producer | None:
    """Return the producer with the consumer's stores, or None if loops or places differ."""
    joint = _joint(producer, consumer)
    if joint is None:
        return None
    alone = {
        id(s.buffer) for s in producer.stores
        if id(s.buffer) not in usage.lasting and len(usage.readers(s.buffer)) == 1
        and usage.kernels[usage.readers(s.buffer)[0]] is consumer
    }  # fmt: skip
    if not isinstance(producer, Map) and not any(id(s.buffer) in alone for s in producer.stores):
        return None  # the result is needed anyway: reading it again is cheap
    stores = [s for s in producer.stores if id(s.buffer) not in alone]
    values = joint.values([s.value for s in consumer.stores])
    new = [
        Store(s.buffer, joint.place(s.place), value)
        for s, value in zip(consumer.stores, values, strict=True)
    ]
    if sum(1 for _ in walk([s.value for s in [*stores, *new]])) > _LARGEST:
        return None
    if isinstance(producer, Contract) and any(_across(s, producer.stores[0]) for s in new):
        return None
    origins = merged(producer.origins, consumer.origins)
    return replace(producer, stores=[*stores, *new], origins=origins)


def _across(store: Store, before: Store) -> bool:
    """Whether a store would move elements apart that lay side by side."""
    pairs = zip(store.place.coefs, before.place.coefs, strict=True)
    return store.buffer.size >= TURNED and any(old == 1 and new not in (0, 1) for new, old in pairs)


@dataclass
class _Joint:
    """How a consumer's loops become a producer's, and what its reads of results become."""

    rank: int
    loop_of: list[int | None]  # for each loop of the consumer, the producer's (None: length 1)
    stores: Sequence[Store]

    def place(self, place: Place) -> Place:
        """Return a consumer's place over the producer's loops."""
        coefs = [0] * self.rank
        for coef, loop in zip(place.coefs, self.loop_of, strict=True):
            if loop is not None:
                coefs[loop] += coef
        return Place(place.offset, tuple(coefs))

    def values(self, values: Sequence[Expr]) -> list[Expr]:
        """Return a consumer's formulas over the producer's loops, results in place of reads."""
        results = {id(s.buffer): s for s in self.stores}

        def change(node: Expr) -> Expr | None:
            if node.kind == "read" and id(node.payload[0]) in results:
                return results[id(node.payload[0])].value
            return None

        return rebuild(moved(values, self.place), change)


def _joint(producer: Producer, consumer: Map) -> _Joint | None:
    stored = {id(s.buffer): s for s in producer.stores}
    reads = [
        n for n in walk(values_of(consumer))
        if n.kind in ("read", "gather") and id(n.payload[0]) in stored
    ]  # fmt: skip
    extents, rank = _store_loops(producer), len(producer.loops)
    if reads:
        first = reads[0]
        loops = _matched(first.payload[1], stored[id(first.payload[0])].place, consumer, extents)
    elif isinstance(producer, Map) and producer.loops == consumer.loops:
        loops = list(range(rank))
    else:
        return None
    if loops is None:
        return None
    joint = _Joint(rank, loops, producer.stores)
    return joint if all(_at_store(n, stored, joint, extents) for n in reads) else None


def _store_loops(producer: Producer) -> Shape:
    """Return the extents of the loops that stores run over; 1 for the others."""
    match producer:
        case Map():
            return producer.loops
        case Reduce():
            return producer.kept + (1,) * len(producer.reduced)
        case Contract():
            pairs = zip(producer.loops, producer.roles, strict=True)
            return tuple([1 if role == "k" else n for n, role in pairs])


def _matched(read: Place, stored: Place, consumer: Map, extents: Shape) -> list[int | None] | None:
    """Match loops by extent and coefficient; every loop of the producer must be met once."""
    free = [k for k, n in enumerate(extents) if n != 1]
    result: list[int | None] = []
    for n, coef in zip(consumer.loops, read.coefs, strict=True):
        if n == 1:
            result.append(None)
            continue
        found = [k for k in free if extents[k] == n and stored.coefs[k] == coef]
        if len(found) != 1:
            return None
        free.remove(found[0])
        result.append(found[0])
    return None if free else result


def _at_store(node: Expr, stored: dict[int, Store], joint: _Joint, extents: Shape) -> bool:
    """Whether a read is unconditional and at the very place of the store."""
    if node.kind != "read" or node.payload[2]:
        return False
    buffer: Buffer = node.payload[0]
    read, store = joint.place(node.payload[1]), stored[id(buffer)].place
    same = all(n == 1 or a == b for n, a, b in zip(extents, read.coefs, store.coefs, strict=True))
    return same and read.offset == store.offset
