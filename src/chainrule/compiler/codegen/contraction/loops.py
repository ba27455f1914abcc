"""Loops through memory: levels of steps, joined where they meet; whole turns, then the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ..writer import Carried, Int, Writer


@dataclass(frozen=True)
class Level:
    """A loop of some length that moves each of several pointers by a constant step."""

    length: Int
    steps: tuple[int, ...]


def joined(writer: Writer, levels: Sequence[Level]) -> list[Level]:
    """Return the same loops, outermost first, as few as steps that continue each other allow."""
    result: list[Level] = []
    for level in levels:
        length = level.length
        if (
            result
            and isinstance(length, int)
            and result[-1].steps == tuple(step * length for step in level.steps)
        ):
            level = Level(writer.mul(result.pop().length, length), level.steps)
        result.append(level)
    return result


def pieces(writer: Writer, length: Int, step: int) -> list[tuple[Int, Int, int]]:
    """Cut range(length) into (start, stop, step): whole steps, then what is left."""
    quotient, rest = writer.divmod(length, step) if isinstance(length, int) else (None, 1)
    if quotient is None:
        whole = writer.mul(writer.divmod(length, step)[0], step)
        return [(0, whole, step), (whole, length, 1)] if step > 1 else [(0, length, 1)]
    whole = writer.mul(quotient, step)
    cut: list[tuple[Int, Int, int]] = [(0, whole, step)] if whole else []
    return [*cut, (whole, length, int(rest))] if rest else cut


@contextmanager
def turns(
    writer: Writer, start: Int, stop: Int, step: int, carried: Sequence[tuple[str, str]] = ()
) -> Iterator[tuple[Int, Carried]]:
    """For i in range(start, stop, step), as ``Writer.loop``; a single turn is no loop."""
    if isinstance(start, int) and isinstance(stop, int) and 0 < stop - start <= step:
        once = Carried([value for _, value in carried])
        once.next = list(once.values)
        yield start, once
        once.values = once.next
    else:
        with writer.loop(start, stop, step, carried) as turn:
            yield turn
