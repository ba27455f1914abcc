"""The pattern of one operation: its index notation says which inputs each output reads."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from ...dtypes import Array
from ...graph import Opaque, Primitive, Shape, Tensor, TensorType
from ...ops.notation import (
    Access,
    Binary,
    Expression,
    Notation,
    Read,
    Scope,
    Variable,
    array_names,
    notation_of,
    reads,
    variables,
)
from .algebra import union
from .entries import LIMIT, Entries
from .factor import grouped
from .pattern import Group, Pattern, without_ones

Ranges = Mapping[str, int]  # how far each loop variable runs
Arrays = Mapping[str, Array]  # arrays of positions, by the names that the notation gives them


def local_pattern(node: Tensor, shape: Shape, k: int) -> Pattern | None:
    """Return which elements of its input k an operation's result reads; None for no element."""
    op, source = node.op, node.inputs[k]
    if not isinstance(op, Primitive) or node.tuple_types is not None:
        return Pattern.dense(shape, source.shape)
    if op.scalar is not None:
        return _broadcast(shape, source.shape)
    notation = notation_of(op, [TensorType(i.dtype, i.shape) for i in node.inputs], node.attributes)
    if isinstance(notation, Opaque):
        return _along(node.attributes.get("axis"), shape, source.shape)
    names = array_names(op.kernel, len(node.inputs))
    positions = {
        name: i.value
        for name, i in zip(names, node.inputs, strict=True)
        if not i.dtype.is_floating and not i.symbolic
    }
    found = [
        read_pattern(notation, access, shape, source.shape, positions)
        for access in reads(notation).get(names[k], [])
    ]
    return reduce(union, found) if found else None


def _broadcast(out_shape: Shape, in_shape: Shape) -> Pattern:
    """Return the pattern of an elementwise operation: shapes are aligned at the right."""
    extra = len(out_shape) - len(in_shape)
    return same_axes(out_shape, in_shape, [(k + extra, k) for k in range(len(in_shape))])


def _along(axis: Any, out_shape: Shape, in_shape: Shape) -> Pattern:
    """Return the pattern of an opaque operation along ``axis``: the other axes keep their index."""
    axes = axis if isinstance(axis, tuple) else (axis,)
    if len(out_shape) != len(in_shape) or not all(isinstance(a, int) for a in axes):
        return Pattern.dense(out_shape, in_shape)
    mixed = {a % len(in_shape) for a in axes}
    kept = [k for k in range(len(in_shape)) if k not in mixed]
    if any(out_shape[k] != in_shape[k] for k in kept):
        return Pattern.dense(out_shape, in_shape)
    return same_axes(out_shape, in_shape, [(k, k) for k in kept])


def same_axes(out_shape: Shape, in_shape: Shape, pairs: Sequence[tuple[int, int]]) -> Pattern:
    """Return the pattern in which each pair of axes has one index, and all others are free."""
    groups = [
        Group((_atom(o, out_shape),), (_atom(i, in_shape),)) for o, i in pairs if in_shape[i] != 1
    ]
    return Pattern(without_ones(out_shape), without_ones(in_shape), tuple(groups))


def _atom(axis: int, shape: Shape) -> int:
    return axis - shape[:axis].count(1)


# --- one read of the notation ------------------------------------------------------------------


@dataclass(frozen=True)
class _Axis:
    """An axis of the output or of the input, and the index expression that stands on it."""

    place: Expression
    length: int
    atom: int
    is_out: bool

    def is_plain(self, ranges: Ranges) -> bool:
        """Whether the index is one variable that runs over the whole axis."""
        return isinstance(self.place, Variable) and ranges[self.place.name] == self.length


def read_pattern(
    notation: Notation, access: Access, out_shape: Shape, in_shape: Shape, arrays: Arrays
) -> Pattern:
    """Return which elements of an array the outputs read at one place of the notation.

    Axes whose indices share loop variables (or a condition on them) make up a group; its entries
    are found by running over these variables alone.
    """
    target = zip(notation.target, out_shape, strict=True)
    ranges = {place.name: n for place, n in target if isinstance(place, Variable)}
    ranges.update(access.loops)
    axes = [*_axes(notation.target, out_shape, True), *_axes(access.index, in_shape, False)]
    tests = [c for condition in access.conditions for c in _conjuncts(condition)]
    tests = [test for test in tests if _array_reads(test) <= arrays.keys()]
    places = {axis: variables(axis.place) & ranges.keys() for axis in axes}
    needs = {test: variables(test) & ranges.keys() for test in tests}
    groups: list[Group] = []
    for names in _connected([*places.values(), *needs.values()]):
        together = [axis for axis in axes if _belongs(places[axis], names)]
        conditions = [test for test in tests if _belongs(needs[test], names)]
        groups += _group(together, conditions, {n: ranges[n] for n in sorted(names)}, arrays)
    return Pattern(without_ones(out_shape), without_ones(in_shape), tuple(groups))


def _axes(places: Sequence[Expression], shape: Shape, is_out: bool) -> list[_Axis]:
    return [
        _Axis(place, n, _atom(k, shape), is_out)
        for k, (place, n) in enumerate(zip(places, shape, strict=True))
        if n != 1
    ]


def _conjuncts(condition: Expression) -> list[Expression]:
    if isinstance(condition, Binary) and condition.operator == "and":
        return [*_conjuncts(condition.left), *_conjuncts(condition.right)]
    return [condition]


def _array_reads(expression: Expression) -> set[str]:
    own = {expression.array} if isinstance(expression, Read) else set()
    return own.union(*map(_array_reads, expression.parts()))


def _belongs(own: set[str], names: set[str]) -> bool:
    """Whether what needs ``own`` variables belongs to a class; the empty class is one too."""
    return bool(own & names) or (not own and not names)


def _connected(sets: Sequence[set[str]]) -> list[set[str]]:
    """Join sets that share a variable; the empty set stands for what has none."""
    joined: list[set[str]] = []
    for each in sets:
        touching = [s for s in joined if _belongs(each, s)]
        joined = [s for s in joined if not _belongs(each, s)]
        joined.append(each.union(*touching))
    return joined


def _group(
    axes: Sequence[_Axis], conditions: Sequence[Expression], ranges: Ranges, arrays: Arrays
) -> list[Group]:
    """Return the group of axes whose indices share variables; none if they are free."""
    outs, ins = [a for a in axes if a.is_out], [a for a in axes if not a.is_out]
    out_atoms, in_atoms = tuple(a.atom for a in outs), tuple(a.atom for a in ins)
    if not conditions and len(ranges) == 1 and all(a.is_plain(ranges) for a in axes):
        if len(outs) == len(ins) == 1:
            return [Group(out_atoms, in_atoms)]
        if len(axes) <= 1:
            return []
    unknown = any(not _array_reads(a.place) <= arrays.keys() for a in axes)
    if unknown or math.prod(ranges.values()) > LIMIT:
        return []
    entries = _enumerate(outs, ins, conditions, ranges, arrays)
    return grouped(
        entries,
        out_atoms,
        in_atoms,
        {a.atom: a.length for a in outs},
        {a.atom: a.length for a in ins},
    )


def _enumerate(
    outs: Sequence[_Axis],
    ins: Sequence[_Axis],
    conditions: Sequence[Expression],
    ranges: Ranges,
    arrays: Arrays,
) -> Entries:
    """Run over the variables, and collect the pairs of an output and an input index."""
    grid = np.ix_(*[np.arange(n) for n in ranges.values()])
    happens = np.ones((1,) * len(ranges), np.bool_)
    scope = Scope(arrays, len(ranges), dict(zip(ranges, grid, strict=True)), happens)
    for condition in conditions:
        scope = scope.under(scope.value(condition))
    full = tuple(ranges.values())
    happens = np.broadcast_to(scope.where, full)
    rows, columns = (
        np.broadcast_to(_flat_index(axes, scope), full)[happens] for axes in (outs, ins)
    )
    height, width = (math.prod(a.length for a in axes) for axes in (outs, ins))
    return Entries.of(rows, columns, height, width)


def _flat_index(axes: Sequence[_Axis], scope: Scope) -> Array:
    index: Any = np.zeros((), np.int64)
    for axis in axes:
        index = index * axis.length + scope.value(axis.place)
    return np.asarray(index)
