"""Where notation reads its arrays: what sparsity, fusion and bounds checks ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .records import Choice, Expression, Loops, Notation, Read, Reduce, Unary, Variable


@dataclass(frozen=True)
class Access:
    """A place that reads an array: the index, the loops around it, the conditions it is under."""

    index: tuple[Expression, ...]
    loops: Loops
    conditions: tuple[Expression, ...]


def reads(notation: Notation) -> dict[str, list[Access]]:
    """Return, for each array, all the places at which it is read.

    >>> from chainrule.ops.notation import parse
    >>> found = reads(parse("out[i0] = sum(k0 < 3)(x[i0 - k0] if i0 - k0 >= 0 else 0)"))
    >>> [(array, str(at.index[0]), at.loops, str(at.conditions[0]))
    ...  for array, places in found.items() for at in places]
    [('x', 'i0 - k0', (('k0', 3),), 'i0 - k0 >= 0')]
    """
    found: dict[str, list[Access]] = {}
    for expression in (*notation.target, notation.value):
        for array, access in _accesses(expression, notation.loops or (), ()):
            found.setdefault(array, []).append(access)
    return found


def _accesses(
    node: Expression, loops: Loops, conditions: tuple[Expression, ...]
) -> Iterator[tuple[str, Access]]:
    if isinstance(node, Choice):
        yield from _accesses(node.condition, loops, conditions)
        yield from _accesses(node.then, loops, (*conditions, node.condition))
        yield from _accesses(node.otherwise, loops, (*conditions, Unary("not ", node.condition)))
        return
    if isinstance(node, Read):
        yield node.array, Access(node.index, loops, conditions)
    elif isinstance(node, Reduce):
        loops = (*loops, *node.loops)
    for part in node.parts():
        yield from _accesses(part, loops, conditions)


def variables(expression: Expression) -> set[str]:
    """Return the loop names that an expression depends on."""
    if isinstance(expression, Variable):
        return {expression.name}
    return set[str]().union(*map(variables, expression.parts()))
