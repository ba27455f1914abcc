"""Elements that lie a few apart, or backwards: whole vectors are loaded and stored, and shuffled.

Gathering and scattering single elements takes several times as long. Nothing outside of what lies
between the first and the last element is touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..ir.expr import Buffer, Place

if TYPE_CHECKING:
    from .lanes import Lanes

STEPS = (-1, 2, 3, 4)  # of loads
Target = tuple[Buffer, Place]


def load_apart(lanes: Lanes, pointer: str, step: int, element: str, align: int) -> str:
    """Load ``width`` elements that lie ``step`` apart (one of STEPS)."""
    width = lanes.width
    if step == -1:
        value = _load(lanes, pointer, 1 - width, element, align)
        return _shuffled(lanes, value, value, element, list(range(width - 1, -1, -1)))
    last = (width - 1) * (step - 1)  # where a vector begins that ends with the last element
    starts = [*range(0, (step - 1) * width, width), last]
    vectors = [_load(lanes, pointer, start, element, align) for start in starts]
    homes = [min(k * step // width, step - 1) for k in range(width)]
    result = vectors[0]
    for number, (vector, start) in enumerate(zip(vectors, starts, strict=True)):
        if number == 0:
            chosen = [k * step if home == 0 else 0 for k, home in enumerate(homes)]
            result = _shuffled(lanes, vector, vector, element, chosen)
        else:
            chosen = [
                width + k * step - start if home == number else k for k, home in enumerate(homes)
            ]
            result = _shuffled(lanes, result, vector, element, chosen)
    return result


def store_all(lanes: Lanes, targets: Sequence[Target], results: Sequence[str]) -> None:
    """Store values; those that fill all places between them are interleaved first."""
    rest = dict(enumerate(zip(targets, results, strict=True)))
    if lanes.mask is None and lanes.width > 1:
        for numbers in _interleaved(lanes, targets):
            buffer, place = targets[numbers[0]]
            kept = [lanes.kept(results[n], buffer.dtype) for n in numbers]
            lanes.store_row(buffer, place, interleaved(lanes, kept, buffer))
            for number in numbers:
                del rest[number]
    for (buffer, place), result in rest.values():
        lanes.store(buffer, place, result)


def _interleaved(lanes: Lanes, targets: Sequence[Target]) -> list[list[int]]:
    """Return groups of two or four targets whose elements take turns in memory."""
    groups: dict[tuple[int, tuple[int, ...]], list[int]] = {}
    for number, (buffer, place) in enumerate(targets):
        if place.coefs[lanes.lane] in (2, 4):
            groups.setdefault((id(buffer), place.coefs), []).append(number)
    found = []
    for (_, coefs), numbers in groups.items():
        step = coefs[lanes.lane]
        by_offset = sorted(numbers, key=lambda n: targets[n][1].offset)
        while len(by_offset) >= step:
            first = targets[by_offset[0]][1].offset
            run = by_offset[:step]
            if [targets[n][1].offset - first for n in run] == list(range(step)):
                found.append(run)
                by_offset = by_offset[step:]
            else:
                by_offset = by_offset[1:]
    return found


def interleaved(lanes: Lanes, values: Sequence[str], buffer: Buffer) -> list[str]:
    """Return vectors of a0, b0, c0, d0, a1, b1 ... for two or four vectors a, b, c, d."""
    element = lanes.memory_element(buffer.dtype)
    if len(values) == 4:
        a, b, c, d = values
        even, odd = interleaved(lanes, [a, c], buffer), interleaved(lanes, [b, d], buffer)
        return [v for x, y in zip(even, odd, strict=True)
                for v in interleaved(lanes, [x, y], buffer)]  # fmt: skip
    a, b = values
    width = lanes.width
    order = [k for pair in zip(range(width), range(width, 2 * width), strict=True) for k in pair]
    return [_shuffled(lanes, a, b, element, part) for part in (order[:width], order[width:])]


def _load(lanes: Lanes, pointer: str, start: int, element: str, align: int) -> str:
    at = lanes.writer.let(f"getelementptr {element}, ptr {pointer}, i64 {start}")
    return lanes.writer.let(f"load {lanes.vector(element)}, ptr {at}, align {align}")


def _shuffled(lanes: Lanes, a: str, b: str, element: str, chosen: Sequence[int]) -> str:
    kind, mask = lanes.vector(element), ", ".join(f"i32 {k}" for k in chosen)
    return lanes.writer.let(f"shufflevector {kind} {a}, {kind} {b}, <{len(chosen)} x i32> <{mask}>")
