"""Windows over the last axes, and adding them up again."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from ...graph import Tensor
from ..ir.expr import Expr, Guard, Place, Shape, const, make, moved
from .lowering import Lowering, lowers
from .movement import guarded
from .value import Residues, Value

Ints = Sequence[int]


@lowers("windows", moves=True)
def windows(
    low: Lowering, node: Tensor, x: Value, *, size: Ints, stride: Ints, dilation: Ints
) -> Value:
    """Element (o, k) of an axis is element o * stride + k * dilation."""
    x, rank = low.plain(x), len(size)

    def change(place: Place) -> Place:
        front, last = place.coefs[:-rank], place.coefs[-rank:]
        moves = [c * s for c, s in zip(last, stride, strict=True)]
        inside = [c * d for c, d in zip(last, dilation, strict=True)]
        return Place(place.offset, (*front, *moves, *inside))

    return x.change(node.shape, change)


@lowers("fold_windows")
def fold_windows(
    low: Lowering, node: Tensor, x: Value, *, lengths: Ints, stride: Ints, dilation: Ints
) -> Value:
    """Element p is the sum of the windows' elements (o, k) with o * stride + k * dilation = p.

    p = stride * q + r: each remainder r is a piece, with the taps k that meet it.
    """
    x = low.plain(x)
    fold = _Fold(x, tuple(lengths), tuple(stride), tuple(dilation))
    front = len(node.shape) - len(lengths)
    pieces = {
        (0,) * front + residues: fold.piece(residues)
        for residues in itertools.product(*map(range, stride))
    }
    return Value(node.shape, pieces, (1,) * front + tuple(stride))


class _Fold:
    def __init__(self, x: Value, lengths: Shape, stride: Shape, dilation: Shape) -> None:
        self.x, self.lengths, self.stride, self.dilation = x, lengths, stride, dilation
        self.rank = len(lengths)
        self.front = len(x.shape) - 2 * self.rank
        self.out = x.shape[self.front : self.front + self.rank]
        self.taps = x.shape[self.front + self.rank :]

    def piece(self, residues: Residues) -> Expr:
        """Return the formula for one remainder of each axis."""
        fitting = [
            [k for k in range(taps) if (k * d - r) % s == 0]
            for taps, d, s, r in zip(
                self.taps, self.dilation, self.stride, residues, strict=True
            )
        ]  # fmt: skip
        terms = [self._term(tap, residues) for tap in itertools.product(*fitting)]
        kind = self.x.dtype
        total = terms[0] if terms else const(0.0 if kind.is_floating else 0, kind)
        for term in terms[1:]:
            total = make("add", kind, (total, term))
        return total

    def _term(self, tap: Residues, residues: Residues) -> Expr:
        """Return element (q - back, tap) of the windows, 0 where there is no such window."""
        back = [
            (k * d - r) // s
            for k, d, s, r in zip(tap, self.dilation, self.stride, residues, strict=True)
        ]
        front, rank = self.front, self.rank

        def change(place: Place) -> Place:
            windows = place.coefs[front : front + rank]
            inside = place.coefs[front + rank :]
            offset = place.offset - sum(c * b for c, b in zip(windows, back, strict=True))
            offset += sum(c * k for c, k in zip(inside, tap, strict=True))
            return Place(offset, place.coefs[: front + rank])

        (shifted,) = moved([self.x.expr], change)
        return guarded(shifted, tuple(self._guards(back, residues)))

    def _guards(self, back: list[int], residues: Residues) -> list[Guard]:
        guards = []
        for axis, (b, r) in enumerate(zip(back, residues, strict=True)):
            quotients = math.ceil((self.lengths[axis] - r) / self.stride[axis])
            if b != 0 or quotients > self.out[axis]:
                unit = [int(k == self.front + axis) for k in range(self.front + self.rank)]
                guards.append(Guard(Place(-b, tuple(unit)), self.out[axis]))
        return guards
