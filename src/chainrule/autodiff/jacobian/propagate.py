"""Propagation: from the pattern of each operation to the pattern of a traced function."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from ...graph import PICK, Primitive, Shape, Tensor, topological_order
from ...ops.scan import SCAN
from ...ops.step import Step
from .algebra import compose, equal, union
from .local import local_pattern, same_axes
from .pattern import Group, Pattern, without_ones

_ROUNDS = 32  # of a loop whose carry depends on more and more; then it depends on all
Found = Pattern | None  # None: it does not depend on the input at all


def dependencies(output: Tensor, source: Tensor) -> Found:
    """Return which elements of ``output`` may depend on which of ``source``, None for no path."""
    order = topological_order([output], follow=lambda node: node.requires_grad)
    patterns: dict[int, Any] = {id(source): Pattern.identity(source.shape)}
    follow(order, patterns)
    found: Found = patterns.get(id(output))
    return found


def follow(order: Sequence[Tensor], patterns: dict[int, Any]) -> None:
    """Add the patterns of the nodes of ``order`` to those that are known already, by id."""
    for node in order:
        if id(node) in patterns or node.op is None:
            continue
        if node.op is PICK:
            patterns[id(node)] = _picked(node, patterns)
            continue
        arriving = [patterns.get(id(i)) for i in node.inputs]
        if any(p is not None for p in arriving):
            patterns[id(node)] = _through(node, arriving)


def _picked(node: Tensor, patterns: Mapping[int, Any]) -> Found:
    whole = patterns.get(id(node.inputs[0]))
    found: Found = None if whole is None else whole[node.attributes["index"]]
    return found


def _through(node: Tensor, arriving: Sequence[Any]) -> Any:
    """Follow the inputs' patterns through one operation; a list for several results."""
    if node.op is SCAN:
        return _through_loop(node.attributes["step"], node.attributes["length"], arriving)
    if node.tuple_types is not None:
        return [_result(node, kind.shape or (), arriving) for kind in node.tuple_types]
    return _result(node, node.shape, arriving)


def _result(node: Tensor, shape: Shape, arriving: Sequence[Any]) -> Found:
    found = []
    for k, (source, pattern) in enumerate(zip(node.inputs, arriving, strict=True)):
        if pattern is None or not source.size or not math.prod(shape) or not _has_slope(node, k):
            continue
        if _keeps_order(node):
            found.append(pattern)
        elif (local := local_pattern(node, shape, k)) is not None:
            found.append(compose(local, pattern))
    return reduce(union, found) if found else None


def _through_loop(step: Step, length: int, arriving: Sequence[Found]) -> list[Found]:
    """Follow patterns through a loop in time: whatever the carry may depend on in any step.

    That every step may read all steps' xs (and not just those before it) is taken for granted.
    """
    n, m = len(step.carry), len(step.carry) + len(step.xs)
    around = [_any_step(p, length, x.shape) for p, x in zip(arriving[n:m], step.xs, strict=True)]
    around += arriving[m:]
    carry = list(arriving[:n])
    rounds = max(_ROUNDS, n)
    for _ in range(min(length, rounds)):
        known = _one_step(step, [*carry, *around])
        before, after = carry, [known.get(id(node)) for node in step.next_carry]
        carry = list(map(_either, carry, after))
        if all(map(_same, before, carry)):
            break
    else:
        if length > rounds:
            carry = [_spread(c, node.shape) for c, node in zip(carry, step.carry, strict=True)]
    known = _one_step(step, [*carry, *around])
    ys = [_every_step(known.get(id(y)), length) for y in step.ys]
    return [*carry, *ys, *(known.get(id(s)) for s in step.sums)]


def _one_step(step: Step, arriving: Sequence[Found]) -> dict[int, Any]:
    known: dict[int, Any] = dict(zip(map(id, step.inputs), arriving, strict=True))
    order = topological_order(step.outputs, lambda node: node.symbolic and id(node) not in known)
    follow(order, known)
    return known


def _any_step(pattern: Found, length: int, shape: Shape) -> Found:
    """Return what an element may depend on in some slice along the first axis."""
    if pattern is None or not length or not math.prod(shape):
        return None
    pairs = [(k, k + 1) for k in range(len(shape))]
    return compose(same_axes(shape, (length, *shape), pairs), pattern)


def _every_step(pattern: Found, length: int) -> Found:
    """Return the pattern of slices that are stacked along a new first axis."""
    if pattern is None or length == 1:
        return pattern
    groups = [Group(tuple(a + 1 for a in g.outs), g.ins, g.entries) for g in pattern.groups]
    return Pattern((length, *pattern.out_lengths), pattern.in_lengths, tuple(groups))


def _either(a: Found, b: Found) -> Found:
    return union(a, b) if a is not None and b is not None else a or b


def _same(a: Found, b: Found) -> bool:
    return a is b or (a is not None and b is not None and equal(a, b))


def _spread(pattern: Found, shape: Shape) -> Found:
    """Return all entries in place of some."""
    if pattern is None:
        return None
    return Pattern(without_ones(shape), pattern.in_lengths)


def _has_slope(node: Tensor, k: int) -> bool:
    """Whether the operation has a derivative with respect to input k that is not zero."""
    rules = node.op.vjp if isinstance(node.op, Primitive) else None
    return not isinstance(rules, tuple) or rules[k] is not None


def _keeps_order(node: Tensor) -> bool:
    """Whether each result element depends on the input element with the same flat index."""
    op = node.op
    if not isinstance(op, Primitive):
        return False
    return op.name == "reshape" or (op.scalar is not None and len(node.inputs) == 1)
