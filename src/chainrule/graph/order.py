"""Topological order by iteration, never by recursion, and the path of a cycle."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..errors import GraphCycleError
from .tensor import Tensor


def topological_order(
    outputs: Iterable[Tensor], follow: Callable[[Tensor], bool] = lambda node: True
) -> list[Tensor]:
    """Return the nodes that ``outputs`` depend on, each after its inputs.

    Only nodes for which ``follow`` is true are entered. Raises GraphCycleError with the path.

    >>> from chainrule import input
    >>> x = input("x")
    >>> [node.label for node in topological_order([x * x + x])]
    ['x', 'multiply', 'add']
    """
    order: list[Tensor] = []
    done: set[int] = set()
    open_: set[int] = set()
    for output in outputs:
        stack = [(output, False)]
        while stack:
            node, finished = stack.pop()
            key = id(node)
            if finished:
                open_.discard(key)
                done.add(key)
                order.append(node)
            elif key not in done:
                if key in open_:
                    raise _cycle(node, stack)
                open_.add(key)
                stack.append((node, True))
                stack.extend(
                    (i, False) for i in reversed(node.inputs) if id(i) not in done and follow(i)
                )
    return order


def _cycle(node: Tensor, stack: list[tuple[Tensor, bool]]) -> GraphCycleError:
    opened = [entry for entry, finished in stack if finished]
    start = next(k for k, entry in enumerate(opened) if entry is node)
    path = [*opened[start:], node]
    return GraphCycleError(
        "graph", required="no cycles", received=" <- ".join(n.label for n in path),
        hint="write a loop in time with chainrule.scan", where=node.where,
    )  # fmt: skip
