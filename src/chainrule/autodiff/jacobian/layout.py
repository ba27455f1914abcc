"""Layout: in which order the values of a pattern's entries are stored, and how arrays meet them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...dtypes import Array
from .pattern import Atoms, Lengths, Pattern, offsets

_Share = tuple[Atoms, Array]  # atoms, and an index counted over them


@dataclass(frozen=True, eq=False)
class SparseGroup:
    """Atoms of the output and of the input, and where, counted over them, the entries are."""

    outs: Atoms
    ins: Atoms
    rows: Array
    columns: Array
    height: int
    width: int

    def transposed(self) -> SparseGroup:
        """Return the same entries with rows and columns exchanged."""
        return SparseGroup(
            self.ins, self.outs, self.columns, self.rows, self.width, self.height
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Layout:
    """One axis of values for each part of a pattern; only sparse groups need indices.

    The axes are: the atoms read at their own index, the entries of each sparse group, the free
    atoms of the output, the free atoms of the input. So a batched matrix product stores
    (batch, out, in), and an elementwise function the shape of its result.
    """

    out_lengths: Lengths
    in_lengths: Lengths
    diagonal: tuple[tuple[int, int], ...]  # pairs of an output and an input atom
    sparse: tuple[SparseGroup, ...]
    free_outs: Atoms
    free_ins: Atoms

    @classmethod
    def of(cls, pattern: Pattern) -> Layout:
        """Return the layout of a pattern's values."""
        pairs, sparse = [], []
        for g in pattern.groups:
            if g.entries is None:
                pairs.append((g.outs[0], g.ins[0]))
            else:
                e = g.entries
                rows, columns = _small(e.rows, e.height), _small(e.columns, e.width)
                sparse.append(SparseGroup(g.outs, g.ins, rows, columns, e.height, e.width))
        return cls(
            pattern.out_lengths, pattern.in_lengths, tuple(sorted(pairs)),
            tuple(sorted(sparse, key=lambda g: g.outs)), pattern.free_outs, pattern.free_ins,
        )  # fmt: skip

    def transposed(self) -> Layout:
        """Return the layout of the transposed matrix (see ``transpose_values``)."""
        return Layout(
            self.in_lengths, self.out_lengths, tuple((i, o) for o, i in self.diagonal),
            tuple(g.transposed() for g in self.sparse), self.free_ins, self.free_outs,
        )  # fmt: skip

    def transpose_values(self, values: Array) -> Array:
        """View values in the transposed layout."""
        rank, outs = self.rank, len(self.free_outs)
        order = [*range(rank), *range(rank + outs, values.ndim), *range(rank, rank + outs)]
        return values.transpose(order)

    # --- sizes ---------------------------------------------------------------------------------

    @property
    def rank(self) -> int:
        """Number of value axes in front of those of the free atoms."""
        return len(self.diagonal) + len(self.sparse)

    @property
    def shape(self) -> Lengths:
        """Shape of the values."""
        own = tuple(self.out_lengths[o] for o, _ in self.diagonal)
        entries = tuple(g.rows.size for g in self.sparse)
        return (*own, *entries, *self.free_out_lengths, *self.free_in_lengths)

    @property
    def free_out_lengths(self) -> Lengths:
        """Lengths of the free output atoms."""
        return tuple(self.out_lengths[a] for a in self.free_outs)

    @property
    def free_in_lengths(self) -> Lengths:
        """Lengths of the free input atoms."""
        return tuple(self.in_lengths[a] for a in self.free_ins)

    @property
    def index_bytes(self) -> int:
        """Bytes that the places of the entries take."""
        return sum(g.rows.nbytes + g.columns.nbytes for g in self.sparse)

    # --- outputs and inputs in the order of the values -----------------------------------------

    def _out_parts(self) -> list[Atoms]:
        return [*((o,) for o, _ in self.diagonal), *(g.outs for g in self.sparse)]

    def _in_parts(self) -> list[Atoms]:
        return [*((i,) for _, i in self.diagonal), *(g.ins for g in self.sparse)]

    def split_out(self, array: Array) -> Array:
        """View an output as (diagonal atoms..., rows of each sparse group..., free atoms...)."""
        return _split(array, self.out_lengths, self._out_parts(), self.free_outs)

    def split_in(self, array: Array) -> Array:
        """View an input as (diagonal atoms..., columns of each sparse group..., free atoms...)."""
        return _split(array, self.in_lengths, self._in_parts(), self.free_ins)

    def join_out(self, array: Array) -> Array:
        """Undo ``split_out``; the result is flat."""
        return _join(array, self.out_lengths, self._out_parts(), self.free_outs)

    def join_in(self, array: Array) -> Array:
        """Undo ``split_in``; the result is flat."""
        return _join(array, self.in_lengths, self._in_parts(), self.free_ins)

    def coordinates(self) -> tuple[Array, Array]:
        """Return flat row and column of each value, each broadcasting to the values' shape."""
        nothing: _Share = ((), np.zeros(1, np.int64))
        rows: list[_Share] = [self._ramp_out(o) for o, _ in self.diagonal]
        rows += [(g.outs, g.rows) for g in self.sparse]
        rows += [*map(self._ramp_out, self.free_outs), *(nothing for _ in self.free_ins)]
        columns: list[_Share] = [self._ramp_in(i) for _, i in self.diagonal]
        columns += [(g.ins, g.columns) for g in self.sparse]
        columns += [*(nothing for _ in self.free_outs), *map(self._ramp_in, self.free_ins)]
        return _add_shares(rows, self.out_lengths), _add_shares(columns, self.in_lengths)

    def _ramp_out(self, atom: int) -> _Share:
        return (atom,), np.arange(self.out_lengths[atom])

    def _ramp_in(self, atom: int) -> _Share:
        return (atom,), np.arange(self.in_lengths[atom])


def _small(indices: Array, bound: int) -> Array:
    return indices.astype(np.int32 if bound <= np.iinfo(np.int32).max else np.int64)


def _split(array: Array, lengths: Lengths, parts: Sequence[Atoms], free: Atoms) -> Array:
    order = [a for part in parts for a in part] + list(free)
    sizes = [math.prod(lengths[a] for a in part) for part in parts]
    return array.reshape(lengths).transpose(order).reshape([*sizes, *(lengths[a] for a in free)])


def _join(array: Array, lengths: Lengths, parts: Sequence[Atoms], free: Atoms) -> Array:
    order = [a for part in parts for a in part] + list(free)
    back = np.argsort(order)
    return array.reshape([lengths[a] for a in order]).transpose(back).reshape(-1)


def _add_shares(shares: Sequence[_Share], lengths: Lengths) -> Array:
    """Sum the shares of a flat index, each along an axis of its own."""
    steps = {a: math.prod(lengths[a + 1 :]) for a in range(len(lengths))}
    total = np.zeros((1,) * len(shares), np.int64)
    for axis, (atoms, index) in enumerate(shares):
        share = offsets(atoms, lengths, steps, index.astype(np.int64))
        total = total + share.reshape([-1 if k == axis else 1 for k in range(len(shares))])
    return total
