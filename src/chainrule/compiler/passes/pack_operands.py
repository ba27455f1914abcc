"""A matrix that products with few rows read is packed once, as the micro-kernel reads it.

With few rows, packing a panel costs as much as many of its multiplications. It pays for a matrix
that several products read, such as the weights of a loop in time, and for one that only changes
between calls, as in inference. The packed copy is an array of vectors, [batch][vector][k][lane],
and the loop over lanes becomes two. How many vectors are a panel is left to the micro-kernel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ... import dtypes
from ..ir.expr import Buffer, Expr, Place, moved, read
from ..ir.kernels import Contract, Kernel, Map, Store
from ..ir.program import Program, writes_of
from ..prologue import early_kernels
from .usage import Usage

_USES = 4  # at least, of a matrix that is not fixed
_ROWS = 128  # at most, that one packing serves
_COLUMNS = 32  # at least, of such a matrix
_FIXED_ROWS = range(4, 513)  # that read a fixed one; a single row is as fast without

Loops = tuple[tuple[int, int], ...]  # lengths, and steps in the matrix


@dataclass(frozen=True)
class _Matrix:
    """What a contraction reads: a buffer at batches, at k and at n."""

    buffer: Buffer
    offset: int
    batches: Loops
    k: Loops
    n: tuple[int, int]
    lanes: int

    @property
    def axes(self) -> Loops:
        """The copy's axes, with their steps in the matrix: batches, vectors, k and lanes."""
        (count, step), lanes = self.n, self.lanes
        return (*self.batches, (count // lanes, step * lanes), *self.k, (lanes, step))

    @property
    def lengths(self) -> tuple[int, ...]:
        """Lengths of the copy's axes."""
        return tuple([length for length, _ in self.axes])

    @property
    def strides(self) -> tuple[int, ...]:
        """Strides of the copy's axes."""
        lengths = self.lengths
        return tuple([math.prod(lengths[x + 1 :]) for x in range(len(lengths))])


@dataclass(frozen=True)
class _Operand:
    """One of a contraction's operands, with its loops: batches, k, and the one cut into lanes."""

    kernel: Contract
    which: int  # 0: a, 1: b
    batches: tuple[int, ...]
    k: tuple[int, ...]
    n: int
    lanes: int

    @property
    def rows(self) -> int:
        """How many rows of the other operand the matrix is multiplied with."""
        pairs = zip(self.kernel.loops, self.kernel.roles, strict=True)
        return math.prod(n for n, role in pairs if role == "nm"[self.which])

    @property
    def matrix(self) -> _Matrix:
        """The matrix that is read."""
        buffer, place, _ = self._read.payload

        def listed(loops: tuple[int, ...]) -> Loops:
            return tuple([(self.kernel.loops[x], place.coefs[x]) for x in loops])

        (n,) = listed((self.n,))
        return _Matrix(buffer, place.offset, listed(self.batches), listed(self.k), n, self.lanes)

    @property
    def _read(self) -> Expr:
        return (self.kernel.a, self.kernel.b)[self.which]


def pack_operands(program: Program) -> None:
    """Pack what pays; every use reads the copy."""
    usage = Usage(program)
    early = early_kernels(program)
    fixed = {id(b) for b in program.fixed}
    fixed |= {id(b) for n in early for b in writes_of(program.kernels[n])}
    uses: dict[_Matrix, list[tuple[int, _Operand]]] = {}
    for number, kernel in enumerate(program.kernels):
        if isinstance(kernel, Contract) and number not in early:
            for which in (0, 1):
                operand = _operand(kernel, which, program.vector_bytes)
                if operand is not None and _may_pay(operand, fixed):
                    uses.setdefault(operand.matrix, []).append((number, operand))
    before: dict[int, list[Kernel]] = {}
    packed: set[int] = set()  # products of which one operand is, which is enough
    for matrix, candidates in uses.items():
        places = [(number, operand) for number, operand in candidates if number not in packed]
        numbers = [number for number, _ in places]
        writers = usage.writers(matrix.buffer)
        many = len(places) >= (1 if id(matrix.buffer) in fixed else _USES)
        if many and not any(min(numbers) <= w < max(numbers) for w in writers):
            name = f"panels{sum(map(len, before.values()))}"
            copy = Buffer(name, matrix.buffer.dtype, math.prod(matrix.lengths))
            packing = _packing(matrix, copy)
            packing.origins = program.kernels[min(numbers)].origins
            before.setdefault(min(numbers), []).append(packing)
            packed |= set(numbers)
            for _, operand in places:
                _use(operand, matrix, copy)
    program.kernels = [
        k for at, kernel in enumerate(program.kernels) for k in (*before.get(at, ()), kernel)
    ]


def _operand(kernel: Contract, which: int, vector_bytes: int) -> _Operand | None:
    """Return an operand that is a matrix whose lanes can be packed."""
    buffer, place, guards = (kernel.a, kernel.b)[which].payload
    if guards or 0 in kernel.loops:
        return None
    roles = "mn"[which]
    found = {
        role: [x for x, r in enumerate(kernel.roles) if r == role and kernel.loops[x] > 1]
        for role in ("b", "k", roles)
    }
    if len(found[roles]) != 1 or not found["k"]:
        return None
    (n,) = found[roles]
    lanes = vector_bytes // max(buffer.dtype.itemsize, dtypes.float32.itemsize)  # in registers
    steps = [place.coefs[x] for x in (*found["b"], *found["k"], n)]
    if kernel.loops[n] % lanes or min(steps) <= 0:
        return None
    return _Operand(kernel, which, tuple(found["b"]), tuple(found["k"]), n, lanes)


def _may_pay(operand: _Operand, fixed: set[int]) -> bool:
    if id(operand.matrix.buffer) in fixed:
        return operand.rows in _FIXED_ROWS
    wide = operand.kernel.loops[operand.n] >= _COLUMNS
    return wide and operand.rows <= _ROWS and not operand.batches and len(operand.k) == 1


def _packing(matrix: _Matrix, copy: Buffer) -> Map:
    """Return the map that packs: over batches, vectors, k, lanes."""
    value = read(matrix.buffer, Place(matrix.offset, tuple([step for _, step in matrix.axes])))
    return Map(matrix.lengths, [Store(copy, Place(0, matrix.strides), value)])


def _use(operand: _Operand, matrix: _Matrix, copy: Buffer) -> None:
    """Let an operand read the copy; its loop over lanes becomes one over vectors and one inside."""
    kernel, n, lanes = operand.kernel, operand.n, operand.lanes

    def split(place: Place) -> Place:
        coefs = place.coefs
        return Place(place.offset, (*coefs[:n], coefs[n] * lanes, coefs[n], *coefs[n + 1 :]))

    extents = (*kernel.loops[:n], kernel.loops[n] // lanes, lanes, *kernel.loops[n + 1 :])
    kernel.roles = kernel.roles[: n + 1] + kernel.roles[n:]
    values = moved([kernel.a, kernel.b, *(s.value for s in kernel.stores)], split)
    walked = [*operand.batches, n, *operand.k]
    places = [x + (x > n) for x in walked] + [n + 1]
    coefs = [0] * len(extents)
    for x, stride in zip(places, matrix.strides, strict=True):
        coefs[x] = stride
    values[operand.which] = read(copy, Place(0, tuple(coefs)))
    kernel.loops, kernel.a, kernel.b = extents, values[0], values[1]
    for store, value in zip(kernel.stores, values[2:], strict=True):
        store.place, store.value = split(store.place), value
