"""The loops of a kernel as code runs them: those of length 1 dropped, neighbours merged."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..ir.expr import Expr, Place, Shape, moved, walk


class Axes:
    """Loops in a chosen order, outermost first; two that walk memory as one are merged.

    ``order`` lists the loops that are taken (of length above 1); groups that ``walls`` separate are
    never merged: kept and reduced loops, for example.
    """

    def __init__(
        self, loops: Shape, order: Sequence[int], places: Sequence[Place], wall: int | None = None
    ) -> None:
        self._groups: list[list[int]] = []
        for loop in order:
            if loops[loop] == 1:
                continue
            outer = self._groups[-1][-1] if self._groups else -1
            apart = wall is not None and outer >= 0 and (outer < wall) != (loop < wall)
            if outer >= 0 and not apart and _continues(places, outer, loop, loops[loop]):
                self._groups[-1].append(loop)
            else:
                self._groups.append([loop])
        self.lengths = [math.prod(loops[k] for k in group) for group in self._groups]

    def place(self, place: Place) -> Place:
        """Return a place over the merged loops."""
        return Place(place.offset, tuple([place.coefs[group[-1]] for group in self._groups]))

    def values(self, values: Sequence[Expr]) -> list[Expr]:
        """Return formulas over the merged loops."""
        return moved(values, self.place)

    def count(self, loops: Sequence[int]) -> int:
        """Return how many merged loops consist of these loops."""
        return sum(1 for group in self._groups if group[0] in loops)


def _continues(places: Sequence[Place], outer: int, inner: int, length: int) -> bool:
    return all(p.coefs[outer] == p.coefs[inner] * length for p in places)


def places_in(values: Sequence[Expr]) -> list[Place]:
    """Return every place of formulas: of reads, indices and guards."""
    found: list[Place] = []
    for node in walk(values):
        if node.kind == "read":
            found += [node.payload[1], *[g.place for g in node.payload[2]]]
        elif node.kind == "gather":
            found.append(node.payload[1])
        elif node.kind == "index":
            found.append(node.payload)
        elif node.kind == "inside":
            found += [g.place for g in node.payload]
    return found


def by_stride(loops: Sequence[int], place: Place) -> list[int]:
    """Return loops in the order in which a place walks memory, largest steps first."""
    return sorted(loops, key=lambda k: (-abs(place.coefs[k]), k))


def varying(values: Sequence[Expr], loops: Sequence[int]) -> set[int]:
    """Return the nodes (by id) whose value changes along one of some loops."""
    found: set[int] = set()
    for node in walk(values):
        own = places_in_node(node)
        if any(p.coefs[loop] for p in own for loop in loops) or any(
            id(a) in found for a in node.args
        ):
            found.add(id(node))
    return found


def places_in_node(node: Expr) -> list[Place]:
    """Return the places of one node."""
    match node.kind:
        case "read":
            return [node.payload[1], *[g.place for g in node.payload[2]]]
        case "gather":
            return [node.payload[1]]
        case "index":
            return [node.payload]
        case "inside":
            return [g.place for g in node.payload]
    return []
