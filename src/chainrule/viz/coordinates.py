"""Heights: where in its column each vertex stands, given the order in the columns.

Vertices that should lie on one straight line are tied into *strands* (as the blocks of Brandes and
Köpf, "Fast and simple horizontal coordinate assignment", 2001). Strands are moved up and down, as
if their connections were springs, and push each other; they never overlap or swap.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise

Step = tuple[int, int, float, float]  # from vertex, to vertex, port (y from the centre), pull
Separation = Callable[[int, int], float]
ROUNDS = 24
TOLERANCE = 0.5  # pixels
MAX_PUSHED = 64  # strands that move together


@dataclass
class Strand:
    """Vertices on one line: ``offset`` is each one's height relative to the strand's."""

    offset: dict[int, float]
    y: float = 0.0
    above: dict[int, float] = field(default_factory=dict)  # strand: least distance
    below: dict[int, float] = field(default_factory=dict)
    pulls: dict[int, float] = field(default_factory=dict)  # strand: stiffness of the springs to it
    stiffness: float = 0.0  # of all its springs
    force: float = 0.0  # of all its springs, as strands stand now; positive is down


def heights(columns: Sequence[Sequence[int]], steps: Sequence[Step], apart: Separation
            ) -> dict[int, float]:  # fmt: skip
    """Return the y of each vertex, so that neighbours in a column are ``apart(a, b)`` or more.

    >>> y = heights([[0, 1], [2]], [(0, 2, 0.0, 1.0), (1, 2, 0.0, 1.0)], lambda a, b: 10.0)
    >>> [y[v] - y[0] for v in (0, 1, 2)]
    [0.0, 10.0, 5.0]
    """
    strands = tie(columns, steps)
    home = {vertex: k for k, strand in enumerate(strands) for vertex in strand.offset}
    _separate(strands, home, columns, apart)
    order = _pack(strands)
    _connect(strands, home, steps)
    for _ in range(ROUNDS if len(home) < 20_000 else 4):
        order.reverse()
        moved = [_move(strands, k) for k in order]
        if max(moved, default=0.0) <= 1.0:
            break
    return {vertex: strands[k].y + strands[k].offset[vertex] for vertex, k in home.items()}


# --- strands -------------------------------------------------------------------------------


def tie(columns: Sequence[Sequence[int]], steps: Sequence[Step]) -> list[Strand]:
    """Tie each vertex to the one that pulls it most, unless that is taken or lines would cross."""
    place = {vertex: k for column in columns for k, vertex in enumerate(column)}
    column_of = {vertex: k for k, column in enumerate(columns) for vertex in column}
    after: dict[int, tuple[int, float]] = {}
    accepted: dict[int, list[tuple[int, int]]] = {}
    for source, target, port, _ in sorted(_candidates(steps), key=lambda step: -step[3]):
        if source not in after and _fits(
            accepted.setdefault(column_of[source], []), (place[source], place[target])
        ):
            after[source] = (target, port)
    tied = {target for target, _ in after.values()}
    strands = []
    for column in columns:
        for vertex in column:
            if vertex not in tied:
                strands.append(Strand(_follow(vertex, after)))
    return strands


def _candidates(steps: Sequence[Step]) -> list[Step]:
    """Return for each vertex the step that pulls it most; none if two pull alike."""
    strongest: dict[int, list[Step]] = {}
    for step in steps:
        best = strongest.setdefault(step[1], [])
        if best and step[3] > best[0][3]:
            best.clear()
        if not best or step[3] == best[0][3]:
            best.append(step)
    return [best[0] for best in strongest.values() if len(best) == 1]


def _fits(accepted: list[tuple[int, int]], line: tuple[int, int]) -> bool:
    """Add a line between two columns if it crosses none that was accepted there."""
    k = bisect_left(accepted, line)
    if (k and accepted[k - 1][1] >= line[1]) or (k < len(accepted) and accepted[k][1] <= line[1]):
        return False
    insort(accepted, line)
    return True


def _follow(vertex: int, after: dict[int, tuple[int, float]]) -> dict[int, float]:
    offset = {vertex: 0.0}
    while vertex in after:
        target, port = after[vertex]
        offset[target] = offset[vertex] - port
        vertex = target
    return offset


# --- moving them ---------------------------------------------------------------------------


def _separate(strands: list[Strand], home: dict[int, int], columns: Sequence[Sequence[int]],
              apart: Separation) -> None:  # fmt: skip
    for column in columns:
        for upper, lower in pairwise(column):
            a, b = home[upper], home[lower]
            distance = apart(upper, lower) + strands[a].offset[upper] - strands[b].offset[lower]
            strands[b].above[a] = strands[a].below[b] = max(
                distance, strands[b].above.get(a, distance)
            )


def _connect(strands: list[Strand], home: dict[int, int], steps: Sequence[Step]) -> None:
    for source, target, port, pull in steps:
        a, b = home[source], home[target]
        if a != b:
            start = strands[a].y + strands[a].offset[source]
            end = strands[b].y + strands[b].offset[target] + port
            for k, other, length in ((a, b, end - start), (b, a, start - end)):
                strands[k].pulls[other] = strands[k].pulls.get(other, 0.0) + pull
                strands[k].stiffness += pull
                strands[k].force += pull * length


def _pack(strands: list[Strand]) -> list[int]:
    """Push all strands up against each other; return them from the top down."""
    waiting = [len(strand.above) for strand in strands]
    order = [k for k, n in enumerate(waiting) if n == 0]
    for k in order:  # grows while it is read
        for lower, distance in strands[k].below.items():
            strands[lower].y = max(strands[lower].y, strands[k].y + distance)
            waiting[lower] -= 1
            if waiting[lower] == 0:
                order.append(lower)
    return order


def _move(strands: list[Strand], start: int) -> float:
    """Move a strand to where its springs rest, pushing those in the way; return how far.

    Strands that are pushed pull with their own springs: together they stop where the forces of all
    cancel, so that the sum of pull * distance ** 2 falls with every move.
    """
    first = strands[start]
    sign = 1.0 if first.force > 0 else -1.0
    force, stiffness = abs(first.force), first.stiffness
    if force <= _least(stiffness):
        return 0.0
    gone = 0.0
    group = {start: gone}  # who moves, and how far the first had gone when it joined
    ahead: list[tuple[float, int]] = []  # how far the group has gone when it touches a strand
    _look_ahead(strands, start, sign, gone, ahead)
    while len(group) <= MAX_PUSHED:
        while ahead and ahead[0][1] in group:
            heappop(ahead)
        rest = gone + force / stiffness
        if not ahead or rest <= ahead[0][0]:
            gone = rest
            break
        touch, k = heappop(ahead)
        force -= max(touch - gone, 0.0) * stiffness
        gone = max(touch, gone)
        blocker = strands[k]
        # Springs inside the group cancel; the blocker still feels the group where it was before.
        inner = [(blocker.pulls[o], gone - group[o]) for o in group if o in blocker.pulls]
        force += sign * blocker.force + sum(pull * moved for pull, moved in inner)
        stiffness += blocker.stiffness - 2 * sum(pull for pull, _ in inner)
        if force <= _least(stiffness):
            break
        group[k] = gone
        _look_ahead(strands, k, sign, gone, ahead)
    for k, joined in group.items():
        _shift(strands, k, sign * (gone - joined))
    return gone


def _shift(strands: list[Strand], k: int, by: float) -> None:
    strand = strands[k]
    strand.y += by
    strand.force -= strand.stiffness * by
    for other, pull in strand.pulls.items():
        strands[other].force += pull * by


def _least(stiffness: float) -> float:
    """Return the force that is worth a move; more than rounding where nothing holds a group."""
    return TOLERANCE * max(stiffness, 1e-3)


def _look_ahead(
    strands: list[Strand], k: int, sign: float, gone: float, ahead: list[tuple[float, int]]
) -> None:
    strand = strands[k]
    for other, distance in (strand.below if sign > 0 else strand.above).items():
        gap = sign * (strands[other].y - strand.y)
        heappush(ahead, (gone + gap - distance, other))
