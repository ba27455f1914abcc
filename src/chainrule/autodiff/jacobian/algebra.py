"""Algebra of patterns: a function of a function (composition), a value with two paths (union)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from .entries import Entries
from .factor import grouped
from .pattern import Atoms, Group, Pattern, common_factors, expand

_ATTEMPTS = 8  # cutting one side's atoms may cut the other's, but not for ever


Middle = list[int]


class _Components:
    """Disjoint sets of keys, joined step by step."""

    def __init__(self) -> None:
        self._parent: dict[object, object] = {}

    def root(self, key: object) -> object:
        self._parent.setdefault(key, key)
        while self._parent[key] != key:
            key = self._parent[key]
        return key

    def join(self, keys: Iterable[object]) -> None:
        roots = [self.root(key) for key in keys]
        for root in roots[1:]:
            self._parent[self.root(root)] = self.root(roots[0])


def compose(outer: Pattern, inner: Pattern) -> Pattern:
    """Return the pattern of outer(inner(x)), the product of the two matrices."""
    middle = common_factors(outer.in_lengths, inner.out_lengths)
    outer, inner = outer.with_ins(middle), inner.with_outs(middle)
    components = _Components()
    for k, g in enumerate(outer.groups):
        components.join([("outer", k), *(("middle", a) for a in g.ins)])
    for k, g in enumerate(inner.groups):
        components.join([("inner", k), *(("middle", a) for a in g.outs)])
    meeting: dict[object, tuple[list[Group], list[Group], Middle]] = defaultdict(
        lambda: ([], [], [])
    )
    for k, g in enumerate(outer.groups):
        meeting[components.root(("outer", k))][0].append(g)
    for k, g in enumerate(inner.groups):
        meeting[components.root(("inner", k))][1].append(g)
    for a in range(len(middle)):
        meeting[components.root(("middle", a))][2].append(a)
    groups = [g for parts in meeting.values() for g in _composed(outer, inner, *parts)]
    return Pattern(outer.out_lengths, inner.in_lengths, tuple(groups))


def _composed(
    outer: Pattern, inner: Pattern, left: list[Group], right: list[Group], middle: Middle
) -> list[Group]:
    """Multiply the parts of two patterns that meet in some middle atoms."""
    source = _renaming([(g.ins, g.outs) for g in left if g.entries is None], middle)
    if source is not None and len(left) == len(middle) and len(right) == 1:
        return [_renamed(right[0], source, {})]
    target = _renaming([(g.outs, g.ins) for g in right if g.entries is None], middle)
    if target is not None and len(right) == len(middle) and len(left) == 1:
        return [_renamed(left[0], {}, target)]
    outs = sorted(a for g in left for a in g.outs)
    ins = sorted(a for g in right for a in g.ins)
    if not outs and not ins and not (left and right):
        return []
    first, second = expand(outer, left, outs, middle), expand(inner, right, middle, ins)
    product = None if first is None or second is None else first.product(second)
    return grouped(product, outs, ins, outer.out_lengths, inner.in_lengths)


def _renaming(pairs: list[tuple[Atoms, Atoms]], middle: Middle) -> dict[int, int] | None:
    """Return which atom stands for each middle atom, if identities cover all of them."""
    names = {a[0]: b[0] for a, b in pairs}
    return names if len(names) == len(middle) else None


def _renamed(group: Group, outs: dict[int, int], ins: dict[int, int]) -> Group:
    return Group(
        tuple(outs.get(a, a) for a in group.outs),
        tuple(ins.get(a, a) for a in group.ins),
        group.entries,
    )


def union(a: Pattern, b: Pattern) -> Pattern:
    """Return the pattern of f(x) + g(x).

    Exact if it is affordable: where the two differ in several groups, the product of the groups'
    unions would have entries that neither has.
    """
    if not a.nnz or not b.nnz:
        return b if not a.nnz else a
    for _ in range(_ATTEMPTS):
        if a.out_lengths == b.out_lengths and a.in_lengths == b.in_lengths:
            break
        outs = common_factors(a.out_lengths, b.out_lengths)
        a, b = a.with_outs(outs), b.with_outs(outs)
        ins = common_factors(a.in_lengths, b.in_lengths)
        a, b = a.with_ins(ins), b.with_ins(ins)
    else:
        return Pattern(a.out_lengths, a.in_lengths)
    parts = [_Part(a, b, *members) for members in _joint_groups(a, b)]
    different = [part for part in parts if not part.is_equal]
    if len(different) > 1 and not _nested(different):
        whole = _Part.joined(a, b, different)
        if whole.union is not None:
            parts = [*(part for part in parts if part.is_equal), whole]
    groups = [g for part in parts for g in part.groups(a)]
    return Pattern(a.out_lengths, a.in_lengths, tuple(groups))


def equal(a: Pattern, b: Pattern) -> bool:
    """Whether two patterns have the same entries, in the same atoms."""
    if (a.out_lengths, a.in_lengths) != (b.out_lengths, b.in_lengths):
        return False
    return len(a.groups) == len(b.groups) and _all_equal(list(a.groups), list(b.groups))


def _joint_groups(a: Pattern, b: Pattern) -> list[tuple[list[Group], list[Group]]]:
    """Sort the groups of both patterns into the smallest classes that share no atoms."""
    components = _Components()
    for g in (*a.groups, *b.groups):
        components.join([*(("out", k) for k in g.outs), *(("in", k) for k in g.ins)])
    classes: dict[object, tuple[list[Group], list[Group]]] = {}
    for which, pattern in enumerate((a, b)):
        for g in pattern.groups:
            key = ("out", g.outs[0]) if g.outs else ("in", g.ins[0])
            classes.setdefault(components.root(key), ([], []))[which].append(g)
    return list(classes.values())


def _nested(parts: Sequence[_Part]) -> bool:
    """Whether one pattern holds the other in every part, so that the union is simply it."""
    return all(p.a_in_b for p in parts) or all(p.b_in_a for p in parts)


class _Part:
    """The same atoms of two patterns: the entries of each, and of their union."""

    def __init__(self, a: Pattern, b: Pattern, of_a: list[Group], of_b: list[Group]) -> None:
        self.a_groups, self.b_groups = of_a, of_b
        self.outs = sorted({k for g in (*of_a, *of_b) for k in g.outs})
        self.ins = sorted({k for g in (*of_a, *of_b) for k in g.ins})
        self.is_equal = len(of_a) == len(of_b) and _all_equal(of_a, of_b)
        self.union: Entries | None = None
        self.a_in_b, self.b_in_a = self.is_equal or not of_b, self.is_equal or not of_a
        if self.is_equal or not of_a or not of_b:
            return  # one of them has no group here, so it has all entries
        first, second = (
            expand(p, g, self.outs, self.ins) for p, g in ((a, of_a), (b, of_b))
        )  # fmt: skip
        if first is not None and second is not None:
            self.a_in_b, self.b_in_a = second.contains(first), first.contains(second)
            self.union = first.union(second)

    @classmethod
    def joined(cls, a: Pattern, b: Pattern, parts: Sequence[_Part]) -> _Part:
        """Return several parts as one."""
        return cls(
            a, b, [g for p in parts for g in p.a_groups], [g for p in parts for g in p.b_groups]
        )

    def groups(self, like: Pattern) -> list[Group]:
        """Return the groups of the union."""
        if self.is_equal:
            return self.a_groups
        return grouped(self.union, self.outs, self.ins, like.out_lengths, like.in_lengths)


def _all_equal(a: list[Group], b: list[Group]) -> bool:
    """Whether two lists have the same groups, in any order."""
    ordered = [sorted(groups, key=lambda g: (g.outs, g.ins)) for groups in (a, b)]
    return all(_equal(g, h) for g, h in zip(*ordered, strict=True))


def _equal(g: Group, h: Group) -> bool:
    if (g.outs, g.ins) != (h.outs, h.ins):
        return False
    if g.entries is None or h.entries is None:
        return g.entries is h.entries
    return np.array_equal(g.entries.keys, h.entries.keys)
