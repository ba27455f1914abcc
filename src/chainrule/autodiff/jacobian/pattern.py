"""Pattern: which outputs may depend on which inputs, kept as a product of small matrices.

The index of an output element, and that of an input element, is cut into *atoms* (roughly: axes).
Atoms that have to do with each other form a group: the identity between an atom and its equal, or
any set of entries. An atom in no group is free: it matters to nothing. So the pattern of a
convolution is identity (samples) x free (channels) x a band (rows) x a band (columns), and costs a
few numbers, however many elements there are. A pattern may have too many entries, never too few.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from ...dtypes import Array
from ...graph import Shape
from .entries import LIMIT, Entries

Lengths = tuple[int, ...]
Atoms = tuple[int, ...]  # positions among the out_lengths or the in_lengths of a pattern


@dataclass(frozen=True, eq=False)
class Group:
    """Atoms that depend on each other; without entries: one atom is read at its own index."""

    outs: Atoms
    ins: Atoms
    entries: Entries | None = None


@dataclass(frozen=True, eq=False)
class Pattern:
    """The product of the groups, and of all ones for the free atoms.

    Lengths are those of the atoms, most significant first; an element's flat row-major index is
    their mixed-radix number, whatever the array's axes are. Atoms of length 1 are left out.
    """

    out_lengths: Lengths
    in_lengths: Lengths
    groups: tuple[Group, ...] = ()

    @classmethod
    def identity(cls, shape: Shape) -> Pattern:
        """Each element depends on itself."""
        lengths = without_ones(shape)
        return cls(lengths, lengths, tuple(Group((k,), (k,)) for k in range(len(lengths))))

    @classmethod
    def dense(cls, out_shape: Shape, in_shape: Shape) -> Pattern:
        """Each element depends on all."""
        return cls(without_ones(out_shape), without_ones(in_shape))

    @property
    def free_outs(self) -> Atoms:
        """The output atoms in no group."""
        taken = {a for g in self.groups for a in g.outs}
        return tuple(a for a in range(len(self.out_lengths)) if a not in taken)

    @property
    def free_ins(self) -> Atoms:
        """The input atoms in no group."""
        taken = {a for g in self.groups for a in g.ins}
        return tuple(a for a in range(len(self.in_lengths)) if a not in taken)

    @property
    def nnz(self) -> int:
        """Number of entries."""
        free = [self.out_lengths[a] for a in self.free_outs]
        free += [self.in_lengths[a] for a in self.free_ins]
        return math.prod([*free, *(self.entries_of(g) for g in self.groups)])

    def entries_of(self, group: Group) -> int:
        """Return how many entries a group has."""
        return self.out_lengths[group.outs[0]] if group.entries is None else len(group.entries)

    def transposed(self) -> Pattern:
        """Return the pattern of the transposed matrix."""
        groups = [
            Group(g.ins, g.outs, None if g.entries is None else g.entries.transposed())
            for g in self.groups
        ]
        return Pattern(self.in_lengths, self.out_lengths, tuple(groups))

    # --- the same pattern in other atoms -------------------------------------------------------

    def with_outs(self, lengths: Lengths) -> Pattern:
        """Return the pattern with output atoms of the given lengths."""
        if lengths == self.out_lengths:
            return self
        blocks = list(common_blocks(self.out_lengths, lengths))
        merged = self
        for old, _ in reversed(blocks):  # from the back, so that positions in front stay
            if len(old) > 1:
                merged = merged._with_merged_outs(old)
        return merged._with_split_outs([new for _, new in blocks])

    def with_ins(self, lengths: Lengths) -> Pattern:
        """Return the pattern with input atoms of the given lengths."""
        if lengths == self.in_lengths:
            return self
        return self.transposed().with_outs(lengths).transposed()

    def _with_split_outs(self, pieces: Sequence[Lengths]) -> Pattern:
        in_pieces: list[Lengths] = [(n,) for n in self.in_lengths]
        for group in self.groups:
            if group.entries is None:
                in_pieces[group.ins[0]] = pieces[group.outs[0]]
        out_at, in_at = _positions(pieces), _positions(in_pieces)
        groups: list[Group] = []
        for group in self.groups:
            outs = [a for k in group.outs for a in out_at[k]]
            ins = [a for k in group.ins for a in in_at[k]]
            if group.entries is None:
                groups += [Group((a,), (b,)) for a, b in zip(outs, ins, strict=True)]
            else:
                groups.append(Group(tuple(outs), tuple(ins), group.entries))
        return Pattern(_joined(pieces), _joined(in_pieces), tuple(groups))

    def _with_merged_outs(self, run: range) -> Pattern:
        touched = [g for g in self.groups if set(g.outs) & set(run)]
        pieces = _merge(self.out_lengths, run)
        if _is_parallel_run(touched, run):
            source = range(touched[0].ins[0], touched[-1].ins[0] + 1)
            joined = [Group((run[0],), (source[0],))]
            return self._renumbered(touched, joined, run, source, pieces)
        outs = sorted({*run, *(a for g in touched for a in g.outs)})
        ins = sorted({a for g in touched for a in g.ins})
        entries = expand(self, touched, outs, ins)
        kept = [a for a in outs if a not in run[1:]]
        joined = [] if entries is None or not touched else [Group(tuple(kept), tuple(ins), entries)]
        return self._renumbered(touched, joined, run, range(0), pieces)

    def _renumbered(
        self,
        gone: Sequence[Group],
        joined: Sequence[Group],
        run: range,
        source: range,
        out_lengths: Lengths,
    ) -> Pattern:
        """Replace groups, after the atoms of ``run`` and of ``source`` became one each."""
        groups = [*(g for g in self.groups if g not in gone), *joined]
        moved = [
            Group(_after_merge(g.outs, run), _after_merge(g.ins, source), g.entries) for g in groups
        ]
        in_lengths = _merge(self.in_lengths, source) if source else self.in_lengths
        return Pattern(out_lengths, in_lengths, tuple(moved))


def without_ones(shape: Iterable[int]) -> Lengths:
    """Return the lengths that are not 1."""
    return tuple(n for n in shape if n != 1)


def _positions(pieces: Sequence[Lengths]) -> list[range]:
    ends = list(accumulate(map(len, pieces)))
    return [range(end - len(p), end) for p, end in zip(pieces, ends, strict=True)]


def _joined(pieces: Sequence[Lengths]) -> Lengths:
    return tuple(n for piece in pieces for n in piece)


def _merge(lengths: Lengths, run: range) -> Lengths:
    return (*lengths[: run.start], math.prod(lengths[a] for a in run), *lengths[run.stop :])


def _after_merge(atoms: Atoms, run: range) -> Atoms:
    return tuple(a - max(0, min(a, run.stop - 1) - run.start) if run else a for a in atoms)


def _is_parallel_run(groups: list[Group], run: range) -> bool:
    """Whether the atoms are read at their own indices, from atoms that are neighbours too."""
    groups.sort(key=lambda g: g.outs)
    if len(groups) != len(run) or any(g.entries is not None for g in groups):
        return False
    sources = [g.ins[0] for g in groups]
    return sources == list(range(sources[0], sources[0] + len(run)))


def common_blocks(old: Lengths, new: Lengths) -> Iterator[tuple[range, Lengths]]:
    """Cut two factorings of one number into the shortest pieces with equal products.

    >>> list(common_blocks((6, 4, 5), (2, 3, 20)))
    [(range(0, 1), (2, 3)), (range(1, 3), (20,))]
    """
    i = j = 0
    while i < len(old):
        start, first, a, b = i, j, old[i], new[j]
        while a != b:
            if a < b:
                i += 1
                a *= old[i]
            else:
                j += 1
                b *= new[j]
        i, j = i + 1, j + 1
        yield range(start, i), new[first:j]


def common_factors(a: Lengths, b: Lengths) -> Lengths:
    """Return a factoring finer than both; where they do not fit, some of the cuts are dropped.

    >>> common_factors((6, 4), (2, 12)), common_factors((2, 3), (3, 2))
    ((2, 3, 4), (3, 2))
    """
    cuts = {*accumulate(reversed(a), operator.mul), *accumulate(reversed(b), operator.mul)}
    factors: list[int] = []
    last = 1
    for cut in sorted(cuts):
        if cut % last == 0:
            factors.append(cut // last)
            last = cut
    return tuple(reversed(factors))


# --- entries of products ---------------------------------------------------------------------


def expand(
    pattern: Pattern, groups: Sequence[Group], outs: Sequence[int], ins: Sequence[int]
) -> Entries | None:
    """Enumerate the product of some groups and of the free ones among the given atoms.

    Rows and columns are counted over ``outs`` and ``ins`` in the given order. None if there are
    too many entries.
    """
    out_steps = _steps(outs, pattern.out_lengths)
    in_steps = _steps(ins, pattern.in_lengths)
    parts = [
        (offsets(g.outs, pattern.out_lengths, out_steps, rows),
         offsets(g.ins, pattern.in_lengths, in_steps, columns))
        for g in groups
        for rows, columns in [places(pattern, g)]
    ]  # fmt: skip
    grouped_outs = {a for g in groups for a in g.outs}
    grouped_ins = {a for g in groups for a in g.ins}
    zero = np.zeros(1, np.int64)
    parts += [(_ramp(pattern.out_lengths[a], out_steps[a]), zero)
              for a in outs if a not in grouped_outs]  # fmt: skip
    parts += [(zero, _ramp(pattern.in_lengths[a], in_steps[a]))
              for a in ins if a not in grouped_ins]  # fmt: skip
    if math.prod(max(r.size, c.size) for r, c in parts) > LIMIT:
        return None
    rows = columns = zero
    for r, c in parts:
        r, c = np.broadcast_arrays(r, c)
        rows, columns = (rows[:, None] + r).ravel(), (columns[:, None] + c).ravel()
    height = math.prod(pattern.out_lengths[a] for a in outs)
    return Entries.of(rows, columns, height, math.prod(pattern.in_lengths[a] for a in ins))


def places(pattern: Pattern, group: Group) -> tuple[Array, Array]:
    """Return row and column of each entry of a group, counted within the group."""
    if group.entries is None:
        ramp = np.arange(pattern.out_lengths[group.outs[0]])
        return ramp, ramp
    return group.entries.rows, group.entries.columns


def offsets(atoms: Sequence[int], lengths: Lengths, steps: dict[int, int], flat: Array) -> Array:
    """Turn indices counted over a group's atoms into indices counted with other steps."""
    result = np.zeros_like(flat)
    for a in reversed(atoms):
        result += flat % lengths[a] * steps[a]
        flat = flat // lengths[a]
    return result


def _steps(atoms: Sequence[int], lengths: Lengths) -> dict[int, int]:
    steps, step = {}, 1
    for a in reversed(atoms):
        steps[a] = step
        step *= lengths[a]
    return steps


def _ramp(n: int, step: int) -> Array:
    return np.arange(n) * step
