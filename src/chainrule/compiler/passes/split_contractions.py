"""Contractions with a long sum and a small result are cut along the sum (split-K).

The gradient of a convolution's weight sums over all places of all images and has few results: too
few for all threads, or so few that each unit would read both operands from memory. A part of the
sum becomes a batch loop that writes partial results; a reduction adds them up and does what was to
be done with the whole. The number of parts depends on the lengths alone, so that the sum is the
same on any number of threads.
"""

from __future__ import annotations

import math

from ..ir.bounds import touched_elements
from ..ir.expr import Buffer, Expr, Place, acc, moved, read
from ..ir.kernels import Contract, Kernel, Reduce, Store, Term
from ..ir.program import Program

_WORK = 1 << 20  # multiplications, below which a contraction stays whole
_TILE = 6 * 64  # results that one unit has about, in registers and panels
_UNITS = 16  # that a contraction should have
_SUM = 128  # least length of a part of the sum, where there are too few units
_LONG = 2048  # the same where there are enough: to write and read a part costs less than 5 %
_CACHE = 1 << 20  # bytes of both operands that a part should have
_WORTH = 4  # parts, of which fewer do not change what the cache holds
_BYTES = 32 << 20  # of partial results, at most


def split_contractions(program: Program) -> None:
    """Replace each contraction with too few units by one of parts, and their sum."""
    kernels: list[Kernel] = []
    for kernel in program.kernels:
        kernels += _split(kernel, len(kernels)) if isinstance(kernel, Contract) else [kernel]
    program.kernels = kernels


def _split(kernel: Contract, number: int) -> list[Kernel]:
    cut = _cut(kernel)
    if cut is None:
        return [kernel]
    loop, parts = cut
    kept = [k for k, role in enumerate(kernel.roles) if role != "k"]
    shape = tuple([kernel.loops[k] for k in kept])
    order = _store_order(kernel, kept)
    strides = _strides(shape, order)
    size = math.prod(shape)
    kind = kernel.a.dtype
    partial = Buffer(f"part{number}", kind, parts * size)
    coefs = [0] * len(kernel.loops)
    for k, stride in zip(kept, strides, strict=True):
        coefs[k] = stride
    first = _parts(kernel, loop, parts, Store(partial, Place(0, (size, *coefs)), acc(0, kind)))
    term = Term("sum", read(partial, Place(0, (*strides, size))))

    def shorten(place: Place) -> Place:
        return Place(place.offset, (*[place.coefs[k] for k in kept], 0))

    values: list[Expr] = moved([s.value for s in kernel.stores], shorten)
    stores = [
        Store(s.buffer, shorten(s.place), v) for s, v in zip(kernel.stores, values, strict=True)
    ]
    return [first, Reduce(shape, (parts,), [term], stores, origins=kernel.origins)]


def _cut(kernel: Contract) -> tuple[int, int] | None:
    """Return the loop of role k to cut, and into how many parts."""
    results = math.prod(n for n, r in zip(kernel.loops, kernel.roles, strict=True) if r != "k")
    work = math.prod(kernel.loops)
    if work < _WORK:
        return None
    most = _most_parts(kernel, results, work // max(1, results))
    best: tuple[int, int] | None = None
    for loop in _outermost_first(kernel):
        n = kernel.loops[loop]
        parts = max((d for d in range(1, min(n, most) + 1) if n % d == 0), default=1)
        if parts > 1 and (best is None or (2 * best[1] < most and parts > best[1])):
            best = loop, parts
    return best


def _most_parts(kernel: Contract, results: int, length: int) -> int:
    """Return how many parts make units enough, or leave each of them in the cache."""
    itemsize, units = kernel.a.dtype.itemsize, -(-results // _TILE)
    room = _BYTES // max(1, results * itemsize)
    if units < _UNITS and length >= 2 * _SUM:
        return min(4 * _UNITS // units, length // _SUM, room)
    touched = sum(touched_elements(x.payload[1], kernel.loops) for x in (kernel.a, kernel.b))
    parts = min(touched * itemsize // _CACHE, length // _LONG, room)
    return parts if parts >= _WORTH else 1


def _outermost_first(kernel: Contract) -> list[int]:
    """Return the loops of role k, those first that take the longest steps through memory."""
    loops = [k for k, role in enumerate(kernel.roles) if role == "k"]
    places = [kernel.a.payload[1], kernel.b.payload[1]]
    return sorted(loops, key=lambda k: -sum(abs(p.coefs[k]) for p in places))


def _parts(kernel: Contract, loop: int, parts: int, store: Store) -> Contract:
    """Return the contraction with the number of the part as a batch loop, the first."""
    length = kernel.loops[loop] // parts

    def change(place: Place) -> Place:
        return Place(place.offset, (place.coefs[loop] * length, *place.coefs))

    a, b = moved([kernel.a, kernel.b], change)
    loops = tuple([length if k == loop else n for k, n in enumerate(kernel.loops)])
    loops, roles = (parts, *loops), "b" + kernel.roles
    return Contract(loops, roles, a, b, [store], origins=kernel.origins)


def _store_order(kernel: Contract, kept: list[int]) -> list[int]:
    """Return the result's loops as the whole's first store walks, slowest first."""
    place = kernel.stores[0].place
    return sorted(range(len(kept)), key=lambda k: -abs(place.coefs[kept[k]]))


def _strides(shape: tuple[int, ...], order: list[int]) -> list[int]:
    strides, step = [0] * len(shape), 1
    for k in reversed(order):
        strides[k] = step
        step *= shape[k]
    return strides
