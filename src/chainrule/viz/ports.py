"""Ports: at which height the edges into a node end, and how much each edge wants to be straight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .coordinates import Step
from .layers import Ways

PORT_GAP = 14.0  # between two edges that end at one box
SIDE = 0.8  # the part of a box's side where edges end
PULLS = {"through": 6.0, "operation": 4.0, "waypoint": 3.0, "mixed": 2.0, "leaf": 1.0}


class Target(Protocol):
    """What is asked of a box."""

    @property
    def height(self) -> float:
        """Height of its shape."""

    @property
    def in_order(self) -> bool:
        """Whether edges end from top to bottom in the order of inputs."""


def pull(ways: Ways, source: int, target: int, count: int) -> float:
    """Return how much an edge wants to be straight: data flow first, weights and numbers last."""
    if source in ways.through:
        return PULLS["through"]
    if source < count and not ways.parents[source]:
        return PULLS["leaf"]
    if source < count and target < count:
        return PULLS["operation"]
    return PULLS["mixed" if source < count or target < count else "waypoint"]


def find_ports(
    boxes: Sequence[Target], ways: Ways, columns: Sequence[Sequence[int]]
) -> list[list[float]]:
    """Return at which height, from a node's centre, each of its inputs arrives."""
    place = {vertex: k for column in columns for k, vertex in enumerate(column)}
    ports: list[list[float]] = []
    for node, box in enumerate(boxes):
        parents = ways.parents[node]
        given = [at for _, at in ways.ends[node] if at is not None]
        if given:
            ports.append(given)
            continue
        ranks = list(range(len(parents)))
        if not box.in_order:
            ranks.sort(key=lambda k: place[parents[k]])
        gap = min(PORT_GAP, SIDE * box.height / max(len(parents) - 1, 2))
        centre = (len(parents) - 1) / 2
        if len(parents) == 2:  # the stronger of two runs straight through the node
            first, second = (pull(ways, parents[k], node, len(boxes)) for k in ranks)
            centre = 0.0 if first > second else 1.0 if second > first else centre
        ports.append([(ranks.index(k) - centre) * gap for k in range(len(parents))])
    return ports


def steps(ways: Ways, ports: Sequence[Sequence[float]]) -> list[Step]:
    """Return the steps of all edges, each from one column to the next."""
    count = len(ports)
    return [
        (parent, v, (ports[v][k] if v < count else 0.0) - ways.ends[v][k][0],
         pull(ways, parent, v, count))
        for v, parents in enumerate(ways.parents)
        for k, parent in enumerate(parents)
    ]  # fmt: skip
