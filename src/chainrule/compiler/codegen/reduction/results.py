"""What becomes of accumulated values: formulas of results, and their stores."""

from __future__ import annotations

from collections.abc import Sequence

from ..lanes import Lanes
from ..writer import Writer
from .loops import Vector
from .plan import Plan


def store_results(writer: Writer, plan: Plan, vector: Vector, sums: Sequence[str]) -> None:
    """Write the stores of one result, or of neighbouring ones in the lanes of a vector."""
    indices = [*vector.indices, *[0] * (len(plan.lengths) - plan.kept)]
    lanes = Lanes(writer, indices, vector.lane, vector.width, vector.mask)
    plan.accumulators.preset(lanes, sums)
    results = lanes.emit_all(plan.results)
    for (buffer, place), result in zip(plan.targets, results, strict=True):
        lanes.store(buffer, place, result)
