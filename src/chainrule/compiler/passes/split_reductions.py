"""Long reductions to few results are cut, so that there are units enough for all threads.

A loop is cut into parts of equal length, each with partial results of its own; a second reduction
puts these together. How many there are depends on the lengths alone, so that the sum is the same on
any number of threads.
"""

from __future__ import annotations

import math

from ..ir.expr import Buffer, Expr, Place, Shape, acc, moved, read, walk
from ..ir.kernels import Kernel, Reduce, Store, Term
from ..ir.program import Program

_LONG = 65536  # elements of a reduction that is worth cutting
_FEW = 2048  # results, so many that they are units enough
_PARTS = 64
_RUN = 64  # neighbouring elements that stay in one part


def split_reductions(program: Program) -> None:
    """Replace each long reduction to few results by two."""
    kernels: list[Kernel] = []
    for kernel in program.kernels:
        kernels += _split(kernel, len(kernels)) if isinstance(kernel, Reduce) else [kernel]
    program.kernels = kernels


def _split(kernel: Reduce, number: int) -> list[Kernel]:
    cut = _cut(kernel)
    if cut is None:
        return [kernel]
    loop, parts = cut
    partial = [
        Buffer(f"part{number}_{k}", t.value.dtype, parts * math.prod(kernel.kept))
        for k, t in enumerate(kernel.terms)
    ]
    return [_first(kernel, loop, parts, partial), _second(kernel, parts, partial)]


def _cut(kernel: Reduce) -> tuple[int, int] | None:
    """Return which loop to cut, and into how many parts."""
    results, length = math.prod(kernel.kept), math.prod(kernel.reduced)
    if results * length < _LONG or results >= _FEW or length < 256 or results == 0:
        return None
    if any(t.reducer.startswith("arg") for t in kernel.terms):
        return None
    steps = [_step(kernel, loop) if n > 1 else 0 for loop, n in enumerate(kernel.loops)]
    if results >= _PARTS and _together(kernel, steps):
        return None
    nearest = min([step for step in steps if step], default=0)
    found = []
    for loop in range(len(kernel.kept), len(steps)):
        n, least = kernel.loops[loop], _RUN if steps[loop] == nearest else 1
        divisors = [d for d in range(1, min(n, _PARTS) + 1) if n % d == 0 and n // d >= least]
        parts = max(divisors, default=1)
        if parts > 1:
            enough = parts >= 16 or parts * results >= 1024
            found.append((enough, steps[loop], parts, loop))
    if not found:
        return None
    _, _, parts, loop = max(found)
    return loop, parts


def _together(kernel: Reduce, steps: list[int]) -> bool:
    """Whether all that a result is made of lies together, apart from what others are made of."""
    kept = [s for s, n in zip(steps, kernel.kept, strict=False) if n > 1]
    return min(kept, default=0) > max(steps[len(kernel.kept) :], default=0)


def _step(kernel: Reduce, loop: int) -> int:
    """Return the largest step of a loop through memory: cut where parts are far apart."""
    nodes = walk([t.value for t in kernel.terms])
    steps: list[int] = [abs(n.payload[1].coefs[loop]) for n in nodes if n.kind == "read"]
    return max([0, *steps])


def _first(kernel: Reduce, loop: int, parts: int, partial: list[Buffer]) -> Reduce:
    """Return the reduction of each part: the number of the part is a kept loop, the first."""
    rank = len(kernel.kept)
    length = kernel.loops[loop] // parts

    def change(place: Place) -> Place:
        return Place(place.offset, (place.coefs[loop] * length, *place.coefs))

    kept = (parts, *kernel.kept)
    reduced = tuple([length if rank + k == loop else n for k, n in enumerate(kernel.reduced)])
    values = moved([t.value for t in kernel.terms], change)
    terms = [Term(t.reducer, v) for t, v in zip(kernel.terms, values, strict=True)]
    place = Place(0, (*_dense(kept), *(0,) * len(reduced)))
    stores = [Store(b, place, acc(k, b.dtype)) for k, b in enumerate(partial)]
    return Reduce(kept, reduced, terms, stores, origins=kernel.origins)


def _second(kernel: Reduce, parts: int, partial: list[Buffer]) -> Reduce:
    """Return the reduction of the parts' results, with the stores of the whole."""
    rank, count = len(kernel.kept), math.prod(kernel.kept)
    place = Place(0, (*_dense(kernel.kept), count))
    terms = [
        Term(t.reducer, read(b, place)) for t, b in zip(kernel.terms, partial, strict=True)
    ]  # fmt: skip

    def shorten(old: Place) -> Place:
        return Place(old.offset, (*old.coefs[:rank], 0))

    values: list[Expr] = moved([s.value for s in kernel.stores], shorten)
    stores = [
        Store(s.buffer, shorten(s.place), v) for s, v in zip(kernel.stores, values, strict=True)
    ]
    return Reduce(kernel.kept, (parts,), terms, stores, origins=kernel.origins)


def _dense(shape: Shape) -> tuple[int, ...]:
    return tuple([math.prod(shape[k + 1 :]) for k in range(len(shape))])
