"""Convolution: a contraction over taps and channels, with the batch innermost or channels last.

With the batch innermost the loops over taps are cut short at the borders; with channels last they
read a padded image.

The gradients are convolutions as well (ops/convolution.py), so this file is all there is. Where the
input is spread by a stride (the gradient of a strided one), each remainder of the output's places
is a contraction of its own with the taps that meet elements: no multiplication by an inserted zero.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from ...dtypes import float32
from ...graph import Tensor
from ..ir.expr import Guard, Place
from ..ir.kernels import Array
from .batch import LANES, copied, fits, innermost, with_last
from .call import call
from .contraction import Loops, contract
from .lowering import Lowering, filled, lowers
from .movement import one_piece
from .padding import padded
from .value import Value, of_array
from .winograd import Shape, choose, weight_gradient
from .winograd import convolve as winograd

Ints = Sequence[int]


@lowers("convolve", wants_array=True)
def convolve(low: Lowering, node: Tensor, x: Value, w: Value, **attributes: Any) -> Value:
    """Cross-correlate x (N, C, ...) with w (O, C // groups, ...)."""
    if not node.dtype.is_floating:
        result: Value = call(low, node, x, w, **attributes)
        return result
    if 0 in node.shape or 0 in w.shape or 0 in x.shape:
        return filled(node.shape, 0.0, node.dtype)
    weight = low.stored(w).array
    assert weight is not None
    job = _Convolution(low, node, low.plain(x), weight, **attributes)
    if any(e > 1 for e in job.input_dilation) and job.simple:
        return job.by_remainders()
    return job.direct()


class _Convolution:
    def __init__(
        self, low: Lowering, node: Tensor, x: Value, weight: Array, *, stride: Ints,
        padding: Sequence[tuple[int, int]], dilation: Ints, input_dilation: Ints, groups: int,
    ) -> None:  # fmt: skip
        self.low, self.node, self.x, self.weight, self.groups = low, node, x, weight, groups
        self.stride, self.dilation, self.input_dilation = stride, dilation, input_dilation
        self.padding, self.rank = padding, len(stride)
        self.simple = all(s == 1 for s in stride) and all(d == 1 for d in dilation)
        self.shape, self.dtype = node.shape, node.dtype
        self.images, self.lengths = node.shape[0], node.shape[2:]
        self.taps = weight.shape[2:]
        self.outputs = weight.shape[0] // groups
        self.inner = weight.shape[1]
        self.source = self._batch_innermost()
        self.out = low.array(self.shape, self.dtype, self._order())

    def _batch_innermost(self) -> Array | None:
        """Return the input with the batch innermost, which needs no zeros around it; or None.

        The gradient of weights sums over the batch, which is where other inputs have channels.
        """
        if any(e > 1 for e in self.input_dilation) and not self.simple:
            return None
        if self.weight.buffer.kind != "temp":
            return with_last(self.low, self.x, 0) if fits(self.images) else None
        array = self.x.array
        if array is None:
            return None
        found = array if innermost(array, 1) else copied(self.low, array)
        return found if found is not None and innermost(found, 1) else None

    def _order(self) -> list[int]:
        """Batch last, or channels; the gradient of a weight lies as weights do: taps first."""
        spatial = list(range(2, 2 + self.rank))
        if self.weight.buffer.kind == "temp":
            return [*spatial, 0, 1]
        return [0, *spatial, 1] if self.source is None else [*spatial, 1, 0]

    def direct(self) -> Value:
        """Return the result by one contraction on the padded (and spread) input."""
        x, padding, source = self.x, self.padding, self.source
        if any(e > 1 for e in self.input_dilation):
            x = _spread(x, (1, 1, *self.input_dilation))
        before = [0] * self.rank
        tiled = self._by_tiles()
        if tiled is not None:
            return tiled
        if source is None:
            source = padded(self.low, x, [(0, 0), (0, 0), *padding])
        else:
            before = [-low for low, _ in padding]
        strides = [s * t for s, t in zip(source.strides[2:], self.stride, strict=True)]
        taps = [s * d for s, d in zip(source.strides[2:], self.dilation, strict=True)]
        self._sum_along_memory()
        self._contract(
            source, _place(source.offset, source.strides[2:], before), self.lengths, strides, taps,
            self.taps, self.weight.offset, self.weight.strides[2:], self.out.offset,
            self.out.strides[2:], self._guards(before, self.lengths, self.stride, self.taps),
        )  # fmt: skip
        return of_array(self.out)

    def _sum_along_memory(self) -> None:
        """Let channels be innermost in a weight whose outputs are rows.

        A row of a product takes a number for each channel: apart, each is in a line of its own.
        """
        if self.source is not None and self.weight.buffer.kind != "temp" and self.inner >= LANES:
            self.weight = with_last(self.low, of_array(self.weight), 1)

    def _by_tiles(self) -> Value | None:
        """Return the result with fewer multiplications, or None where that is no gain."""
        gradient = math.prod(self.taps) > math.prod(self.lengths)
        lanes = self.low.program.vector_bytes // float32.itemsize
        choice = choose(self._shape(gradient), self._mode(), lanes, gradient)
        self.low.note(self.node, str(choice))
        if choice.sizes is None:
            return None
        before = (self.padding[0][0], self.padding[1][0])
        source = self._for_tiles(0 if gradient else 1)
        if gradient:
            axis = source.strides[:2].index(1)
            weight = with_last(self.low, of_array(self.weight), axis)
            source, weight = _swapped(source), _swapped(weight)
            return weight_gradient(self.low, source, before, weight, choice.sizes)
        return winograd(self.low, source, before, self.weight, self.out, choice.sizes)

    def _mode(self) -> str:
        """Return what was asked for, "exact" where tiles are not possible."""
        possible = (
            self.rank == 2 and self.simple and self.dtype is float32
            and all(e == 1 for e in self.input_dilation)
        )  # fmt: skip
        return self.low.convolution if possible else "exact"

    def _shape(self, gradient: bool) -> Shape:
        ends = (self.taps, self.lengths) if gradient else (self.lengths, self.taps)
        places, taps = ((n[0], n[-1]) for n in ends)
        if gradient:
            return Shape(self.inner, self.images, self.outputs, places, taps, self.groups)
        kept = self.low.fixed(self.weight.buffer)
        return Shape(self.images, self.inner, self.outputs, places, taps, self.groups, kept)

    def _for_tiles(self, channels: int) -> Array:
        """Return the input as it has to lie: with the batch innermost, or its axis of channels."""
        source = self.source or self.low.stored(self.x, [1 - channels, 2, 3, channels]).array
        assert source is not None
        if 1 in source.strides[:2]:
            return source
        return with_last(self.low, of_array(source), channels)

    def _guards(self, before: Ints, lengths: Ints, stride: Ints, taps: Ints) -> tuple[Guard, ...]:
        """Return the conditions under which places meet the input, where some do not."""
        if self.source is None:
            return ()
        guards = []
        for axis, (first, length) in enumerate(zip(before, self.source.shape[2:], strict=True)):
            step, dilation = stride[axis], self.dilation[axis]
            last = first + (lengths[axis] - 1) * step + (taps[axis] - 1) * dilation
            if first < 0 or last >= length:
                coefs = [0] * (4 + 2 * self.rank)
                coefs[2 + axis], coefs[3 + self.rank + axis] = step, dilation
                guards.append(Guard(Place(first, tuple(coefs)), length))
        return tuple(guards)

    def _contract(
        self, source: Array, start: int, lengths: Ints, moves: Ints, steps: Ints, taps: Ints,
        weight_start: int, weight_steps: Ints, out_start: int, out_steps: Ints,
        guards: tuple[Guard, ...] = (),
    ) -> None:  # fmt: skip
        """Add the kernel over loops: groups, images, places, outputs, taps, channels."""
        rank, xs, ws, os = self.rank, source.strides, self.weight.strides, self.out.strides
        extents = (
            self.groups, self.images, *lengths, self.outputs, *taps, self.inner,
        )  # fmt: skip
        a = (xs[1] * self.inner, xs[0], *moves, 0, *steps, xs[1])
        b = (ws[0] * self.outputs, 0, *(0,) * rank, ws[0], *weight_steps, ws[1])
        target = Array(
            self.out.buffer, (), (os[1] * self.outputs, os[0], *out_steps, os[1]), out_start
        )
        axes = (*range(3 + rank), *(None,) * (rank + 1))
        roles = "b" + "m" * (1 + rank) + "n" + "k" * (rank + 1)
        loops = Loops(extents, roles, Place(start, a), Place(weight_start, b), axes)
        contract(self.low, source, self.weight, loops, target, guards)

    # --- input spread by a stride ----------------------------------------------------------

    def by_remainders(self) -> Value:
        """Return the result by a contraction for each remainder of the places."""
        axes = [self._remainders(k) for k in range(self.rank)]
        source, begin = self.source, [0] * self.rank
        if source is None:
            reach = [self._reach(n, parts) for n, parts in zip(self.x.shape[2:], axes, strict=True)]
            source = padded(self.low, self.x, [(0, 0), (0, 0), *reach])
            begin = [before for before, _ in reach]
        for choice in itertools.product(*axes):
            if all(part.taps for part in choice):
                self._part(source, begin, choice)
            else:
                self._clear(choice)
        return of_array(self.out)

    def _remainders(self, k: int) -> list[_Remainder]:
        low, e = self.padding[k][0], self.input_dilation[k]
        counts = [-(-(self.lengths[k] - r) // e) for r in range(e)]
        return [_Remainder(r, n, e, self.taps[k], low) for r, n in enumerate(counts) if n > 0]

    def _reach(self, length: int, parts: list[_Remainder]) -> tuple[int, int]:
        """Return how far the parts of an axis read before and behind the input."""
        used = [p for p in parts if p.taps]
        before = max([0, *[-p.begin for p in used]])
        behind = max([0, *[p.begin + p.count + p.taps - 1 - length for p in used]])
        return before, behind

    def _part(self, source: Array, begin: Ints, choice: tuple[_Remainder, ...]) -> None:
        x_steps, w_steps, o_steps = (a.strides[2:] for a in (source, self.weight, self.out))
        start = [p.begin + b for p, b in zip(choice, begin, strict=True)]
        self._contract(
            source, _place(source.offset, x_steps, start), [p.count for p in choice], x_steps,
            x_steps, [p.taps for p in choice],
            _place(self.weight.offset, w_steps, [p.first for p in choice]),
            [s * p.step for s, p in zip(w_steps, choice, strict=True)],
            _place(self.out.offset, o_steps, [p.r for p in choice]),
            [s * p.step for s, p in zip(o_steps, choice, strict=True)],
            self._guards(
                start, [p.count for p in choice], [1] * self.rank, [p.taps for p in choice]
            ),
        )  # fmt: skip

    def _clear(self, choice: tuple[_Remainder, ...]) -> None:
        """Write zeros to the places that no tap reaches."""
        shape = (*self.shape[:2], *[p.count for p in choice])
        spatial = self.out.strides[2:]
        steps = [s * p.step for s, p in zip(spatial, choice, strict=True)]
        start = _place(self.out.offset, spatial, [p.r for p in choice])
        target = Array(self.out.buffer, shape, (*self.out.strides[:2], *steps), start)
        self.low.store(target, filled(shape, 0.0, self.dtype))


def _swapped(array: Array) -> Array:
    """Return an array with its first two axes exchanged."""
    (n, m, *shape), (s, t, *strides) = array.shape, array.strides
    return Array(array.buffer, (m, n, *shape), (t, s, *strides), array.offset)


def _place(offset: int, steps: Ints, at: Ints) -> int:
    return offset + sum(s * a for s, a in zip(steps, at, strict=True))


class _Remainder:
    """The places step * q + r of an axis, and the taps first + step * j that meet elements there.

    Tap j of place q reads element ``begin + q + j`` of the input.
    """

    def __init__(self, r: int, count: int, step: int, taps: int, low: int) -> None:
        self.r, self.count, self.step = r, count, step
        self.first = (low - r) % step
        self.taps = max(0, -(-(taps - self.first) // step))
        self.begin = (r + self.first - low) // step


def _spread(x: Value, steps: Ints) -> Value:
    """Return the value with step - 1 zeros between its elements along each axis."""
    shape = tuple([(n - 1) * s + 1 for n, s in zip(x.shape, steps, strict=True)])
    return one_piece(shape, tuple(steps), (0,) * len(shape), x.expr)
