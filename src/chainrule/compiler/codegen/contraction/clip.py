"""Guards of a contraction's operands: loops over k that begin later or end sooner.

A convolution reads zeros around its image. They need not exist: where the loops outside are at a
border, the loops over taps leave out those that would meet zeros, and so multiply less.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...ir.expr import Guard, Place
from ...ir.kernels import Contract
from ..writer import Int, Writer

Ranges = dict[int, tuple[Int, Int]]  # of k loops: first index, and how many


@dataclass(frozen=True)
class Clip:
    """The loop ``loop`` runs only while 0 <= place < length."""

    loop: int
    place: Place
    length: int

    @property
    def others(self) -> tuple[int, ...]:
        """The loops outside that decide."""
        return tuple([k for k, c in enumerate(self.place.coefs) if c and k != self.loop])


def clips_of(kernel: Contract, which: int) -> list[Clip]:
    """Return what the guards of operand 0 or 1 clip."""
    guards: tuple[Guard, ...] = (kernel.a, kernel.b)[which].payload[2]
    found = []
    for guard in guards:
        (loop,) = [k for k, c in enumerate(guard.place.coefs) if c and kernel.roles[k] == "k"]
        found.append(Clip(loop, guard.place, guard.length))
    return found


def deciding(kernel: Contract) -> set[int]:
    """Return the loops that must have one index when a sum begins: those that decide on clips."""
    return {k for which in (0, 1) for clip in clips_of(kernel, which) for k in clip.others}


def clipped(writer: Writer, clips: list[Clip], indices: list[Int], ranges: Ranges) -> Ranges:
    """Return the ranges cut down to where all clips hold."""
    result = dict(ranges)
    for clip in clips:
        step = clip.place.coefs[clip.loop]
        coefs = [0 if k == clip.loop else c for k, c in enumerate(clip.place.coefs)]
        base = writer.dot(clip.place.offset, coefs, indices)
        first, count = result[clip.loop]
        low = writer.most(first, _quotient(writer, writer.sub(0, base), step))
        high = writer.least(
            writer.add(first, count), _quotient(writer, writer.sub(clip.length, base), step)
        )
        result[clip.loop] = low, writer.most(writer.sub(high, low), 0)
    return result


def _quotient(writer: Writer, number: Int, step: int) -> Int:
    """Return number / step, rounded up; 0 for what is negative."""
    number = writer.most(number, 0)
    return number if step == 1 else writer.divmod(writer.add(number, step - 1), step)[0]
