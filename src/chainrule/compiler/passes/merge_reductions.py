"""Reductions over the same loops that read the same arrays become one: one pass over memory."""

from __future__ import annotations

from ..ir.expr import Expr, acc, buffers_read, rebuild
from ..ir.kernels import Reduce, Store, merged
from ..ir.program import Program, values_of
from .usage import Usage

_LARGE = 4096  # elements, from which on reading an array twice is a waste


def merge_reductions(program: Program) -> None:
    """Merge each reduction with an earlier one that it can join."""
    usage = Usage(program)
    for number, kernel in enumerate(program.kernels):
        if isinstance(kernel, Reduce):
            _join(usage, number, kernel)
    usage.finish()


def _join(usage: Usage, number: int, kernel: Reduce) -> None:
    for candidate in sorted(_alike(usage, number, kernel), reverse=True):
        other = usage.kernels[candidate]
        assert isinstance(other, Reduce)
        between = range(candidate + 1, number)
        if usage.writes(number) & usage.reads(candidate):
            continue
        if usage.movable(number, range(candidate, number)):
            home = candidate
        elif usage.movable(candidate, [*between, number]):
            home = number
        else:
            continue
        usage.put(candidate, None)
        usage.put(number, None)
        usage.put(home, _merged(other, kernel))
        return


def _alike(usage: Usage, number: int, kernel: Reduce) -> set[int]:
    """Return the reductions over equal loops that read a large array as this one does."""
    found = set()
    for buffer in buffers_read(values_of(kernel)):
        if buffer.size >= _LARGE:
            for other in usage.readers(buffer):
                near = usage.kernels[other]
                if (
                    other < number
                    and isinstance(near, Reduce)
                    and (near.kept, near.reduced) == (kernel.kept, kernel.reduced)
                ):
                    found.add(other)
    return found


def _merged(first: Reduce, second: Reduce) -> Reduce:
    shift = len(first.terms)

    def renumber(node: Expr) -> Expr | None:
        return acc(node.payload + shift, node.dtype) if node.kind == "acc" else None

    stores = [
        Store(s.buffer, s.place, rebuild([s.value], renumber)[0]) for s in second.stores
    ]  # fmt: skip
    return Reduce(
        first.kept, first.reduced, [*first.terms, *second.terms], [*first.stores, *stores],
        origins=merged(first.origins, second.origins),
    )  # fmt: skip
