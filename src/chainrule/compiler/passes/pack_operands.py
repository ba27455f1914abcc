"""A matrix that many products with few rows read is packed once, as the micro-kernel reads it.

With few rows, packing a panel costs as much as many of its multiplications: the weights of a loop
in time, which every turn multiplies with a batch, are such matrices. The packed copy is an array of
panels of lanes, [panel][k][lane], and the loop over lanes becomes two.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..ir.expr import Buffer, Place, moved, read
from ..ir.kernels import Contract, Kernel, Map, Store
from ..ir.program import Program
from .usage import Usage

_LANES = 32  # of a panel
_USES = 4  # at least
_ROWS = 128  # at most, that one packing serves


@dataclass(frozen=True)
class _Matrix:
    """What a contraction reads: a buffer at k and at n, each with a length and a step."""

    buffer: Buffer
    offset: int
    k: tuple[int, int]
    n: tuple[int, int]


def pack_operands(program: Program) -> None:
    """Pack what pays; every use reads the copy."""
    usage = Usage(program)
    uses: dict[_Matrix, list[tuple[int, int]]] = {}
    for number, kernel in enumerate(program.kernels):
        if isinstance(kernel, Contract):
            for which in (0, 1):
                matrix = _matrix(kernel, which)
                if matrix is not None:
                    uses.setdefault(matrix, []).append((number, which))
    before: dict[int, list[Kernel]] = {}
    for matrix, places in uses.items():
        numbers = [number for number, _ in places]
        writers = usage.writers(matrix.buffer)
        if len(places) >= _USES and not any(min(numbers) <= w < max(numbers) for w in writers):
            name = f"panels{sum(map(len, before.values()))}"
            copy = Buffer(name, matrix.buffer.dtype, matrix.k[0] * matrix.n[0])
            packing = _packing(matrix, copy)
            packing.origins = program.kernels[min(numbers)].origins
            before.setdefault(min(numbers), []).append(packing)
            for number, which in places:
                _use(program.kernels[number], which, matrix, copy)
    program.kernels = [
        k for at, kernel in enumerate(program.kernels) for k in (*before.get(at, ()), kernel)
    ]


def _matrix(kernel: Contract, which: int) -> _Matrix | None:
    """Return the matrix that an operand is, if it is one that packing helps."""
    buffer, place, guards = (kernel.a, kernel.b)[which].payload
    own = _loops(kernel, which)
    rows = [n for n, r in zip(kernel.loops, kernel.roles, strict=True) if r == "nm"[which]]
    if guards or own is None or "b" in kernel.roles or math.prod(rows) > _ROWS:
        return None
    k, n = own
    if kernel.loops[n] % _LANES or 0 in kernel.loops or min(place.coefs[k], place.coefs[n]) <= 0:
        return None
    return _Matrix(
        buffer, place.offset, (kernel.loops[k], place.coefs[k]), (kernel.loops[n], place.coefs[n])
    )


def _loops(kernel: Contract, which: int) -> tuple[int, int] | None:
    """Return the only k loop and the only other loop of an operand."""
    found = [[x for x, r in enumerate(kernel.roles) if r == role] for role in ("k", "mn"[which])]
    return (found[0][0], found[1][0]) if all(len(loops) == 1 for loops in found) else None


def _packing(matrix: _Matrix, copy: Buffer) -> Map:
    """Return the map that packs: over panels, k, lanes."""
    (length, k), (count, n) = matrix.k, matrix.n
    value = read(matrix.buffer, Place(matrix.offset, (n * _LANES, k, n)))
    store = Store(copy, Place(0, (length * _LANES, _LANES, 1)), value)
    return Map((count // _LANES, length, _LANES), [store])


def _use(kernel: Kernel, which: int, matrix: _Matrix, copy: Buffer) -> None:
    """Let an operand read the copy; its loop over lanes becomes one over panels and one inside."""
    assert isinstance(kernel, Contract)
    loops = _loops(kernel, which)
    assert loops is not None
    k, n = loops

    def split(place: Place) -> Place:
        coefs = place.coefs
        return Place(place.offset, (*coefs[:n], coefs[n] * _LANES, coefs[n], *coefs[n + 1 :]))

    extents = (*kernel.loops[:n], kernel.loops[n] // _LANES, _LANES, *kernel.loops[n + 1 :])
    kernel.roles = kernel.roles[: n + 1] + kernel.roles[n:]
    values = moved([kernel.a, kernel.b, *(s.value for s in kernel.stores)], split)
    k += k > n
    coefs = [0] * len(extents)
    coefs[n], coefs[n + 1], coefs[k] = matrix.k[0] * _LANES, 1, _LANES
    values[which] = read(copy, Place(0, tuple(coefs)))
    kernel.loops, kernel.a, kernel.b = extents, values[0], values[1]
    for store, value in zip(kernel.stores, values[2:], strict=True):
        store.place, store.value = split(store.place), value
