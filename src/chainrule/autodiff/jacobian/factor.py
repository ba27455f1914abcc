"""Factoring: what a set of entries is the product of, so that structure is never lost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ...dtypes import Array
from .entries import Entries
from .pattern import Group, Lengths

LengthOf = Lengths | Mapping[int, int]  # of each atom, by its position


def grouped(
    entries: Entries | None,
    outs: Sequence[int],
    ins: Sequence[int],
    out_lengths: LengthOf,
    in_lengths: LengthOf,
) -> list[Group]:
    """Return the groups that have these entries; none if they are all, or unknown.

    Atoms that turn out to be free, and pairs that turn out to be read at their own index, are
    split off.
    """
    if entries is None or entries.is_full:
        return []
    if entries.is_identity and len(outs) == len(ins) == 1:
        return [Group(tuple(outs), tuple(ins))]
    if len(outs) + len(ins) <= 2 or not len(entries):
        return [Group(tuple(outs), tuple(ins), entries)]
    rest = _Remaining(entries, outs, ins, out_lengths, in_lengths)
    pairs = [
        Group((o,), (i,)) for o in outs for i in ins
        if out_lengths[o] == in_lengths[i] and rest.drop_pair(o, i)
    ]  # fmt: skip
    for o in outs:
        rest.drop(("out", o))
    for i in ins:
        rest.drop(("in", i))
    return [*pairs, *rest.groups()]


class _Remaining:
    """Entries as one index for each atom, from which atoms are dropped."""

    def __init__(
        self,
        entries: Entries,
        outs: Sequence[int],
        ins: Sequence[int],
        out_lengths: LengthOf,
        in_lengths: LengthOf,
    ) -> None:
        self._lengths = {("out", a): out_lengths[a] for a in outs}
        self._lengths |= {("in", a): in_lengths[a] for a in ins}
        indices = [
            *_unravelled(entries.rows, [out_lengths[a] for a in outs]),
            *_unravelled(entries.columns, [in_lengths[a] for a in ins]),
        ]
        self._index = dict(zip(self._lengths, indices, strict=True))
        self._count = len(entries)

    def drop_pair(self, out: int, in_: int) -> bool:
        """Drop an identity between two atoms if the entries are a product with one."""
        a, b = ("out", out), ("in", in_)
        if a not in self._index or b not in self._index:
            return False
        return np.array_equal(self._index[a], self._index[b]) and self.drop(a, b)

    def drop(self, *atoms: tuple[str, int]) -> bool:
        """Drop atoms (that have equal indices) if each index goes with the same other ones."""
        if atoms[0] not in self._index:
            return False
        others = [a for a in self._index if a not in atoms]
        keys, first = np.unique(self._flat(others), return_index=True)
        if len(keys) * self._lengths[atoms[0]] != self._count:
            return False
        self._index = {a: self._index[a][first] for a in others}
        self._count = len(keys)
        return True

    def _flat(self, atoms: Sequence[tuple[str, int]]) -> Array:
        flat = np.zeros(self._count, np.int64)
        for a in atoms:
            flat = flat * self._lengths[a] + self._index[a]
        return flat

    def groups(self) -> list[Group]:
        """Return what is left as one group, or none if nothing is."""
        outs, ins = ([a for a in self._index if a[0] == side] for side in ("out", "in"))
        if not outs and not ins:
            return []
        height, width = (math.prod(self._lengths[a] for a in side) for side in (outs, ins))
        entries = Entries.of(self._flat(outs), self._flat(ins), height, width)
        return [Group(tuple(k for _, k in outs), tuple(k for _, k in ins), entries)]


def _unravelled(flat: Array, shape: Sequence[int]) -> Sequence[Array]:
    return np.unravel_index(flat, shape) if shape else ()
