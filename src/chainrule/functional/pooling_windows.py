"""The windows of pooling along each axis, and the maximum over them.

A maximum over a rectangle is a maximum of the rows' maxima, so that k + k elements are looked at
for each output instead of k * k. Going from the last axis to the first, the first of equal maxima
(in row-major order) wins, as in PyTorch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError, ShapeError
from ..graph import Tensor, constant
from ..ops import (
    argmax,
    broadcast_to,
    isnan,
    moveaxis,
    pad,
    squeeze,
    take_along_axis,
    where,
    windows,
)
from ..ops.movement import slice_by
from .shape import pad as pad_with_edges
from .spatial import PerAxis, per_axis

FEW = 8  # elements of a window that are compared one after the other


@dataclass(frozen=True)
class Window:
    """The windows along one axis of length ``n``."""

    n: int
    size: int
    stride: int
    padding: int
    dilation: int
    ceil_mode: bool

    @property
    def span(self) -> int:
        """Distance from the first to the last element of a window, both included."""
        return self.dilation * (self.size - 1) + 1

    @property
    def out(self) -> int:
        """Number of windows; in ceil mode the last may overhang, but must start before n + p."""
        room = self.n + 2 * self.padding - self.span
        if not self.ceil_mode:
            return room // self.stride + 1
        out = -(-room // self.stride) + 1
        return out - 1 if (out - 1) * self.stride >= self.n + self.padding else out

    @property
    def pads(self) -> tuple[int, int]:
        """Elements to add before and after, so that the last window is complete."""
        end = (self.out - 1) * self.stride + self.span
        return self.padding, max(0, end - self.n - self.padding)

    def counts(self, include_pad: bool) -> Array:
        """How many elements each window averages over; what overhangs the padding never counts."""
        starts = np.arange(self.out) * self.stride - self.padding
        low, high = (-self.padding, self.n + self.padding) if include_pad else (0, self.n)
        return np.minimum(starts + self.size, high) - np.maximum(starts, low)


def plan_windows(
    what: str, rank: int, x: Tensor, size: PerAxis, stride: PerAxis | None, padding: PerAxis,
    dilation: PerAxis, ceil_mode: bool,
) -> list[Window]:  # fmt: skip
    """Check the arguments; return the windows of each spatial axis (the last ``rank`` axes)."""
    check_axes(what, rank, x)
    sizes = per_axis(size, rank, f"kernel_size of {what}", least=1)
    strides = per_axis(size if stride is None else stride, rank, f"stride of {what}", least=1)
    pads = per_axis(padding, rank, f"padding of {what}", least=0)
    dilations = per_axis(dilation, rank, f"dilation of {what}", least=1)
    plan = []
    for n, k, s, p, d in zip(x.shape[-rank:], sizes, strides, pads, dilations, strict=True):
        window = Window(n, k, s, p, d, ceil_mode)
        if 2 * p > window.span:
            raise ArgumentError(
                f"padding of {what}", required="at most half of the window",
                received=f"padding {p}, window {window.span}",
            )  # fmt: skip
        if window.out < 1:  # in ceil mode one window may be larger than the input
            raise ShapeError(
                what, required="dilation * (kernel_size - 1) + 1 <= length + 2 * padding",
                received=f"{window.span} > {n} + {2 * p}",
            )  # fmt: skip
        plan.append(window)
    return plan


def check_axes(what: str, rank: int, x: Tensor) -> None:
    """Raise ShapeError unless x has ``rank`` spatial axes behind the channel."""
    if x.ndim not in (rank + 1, rank + 2):
        raise ShapeError(
            what, required=f"x (N, C, *S) or (C, *S) with {rank} axes S", received=f"{x.shape}"
        )


def views(x: Tensor, axis: int, window: Window) -> Tensor:
    """Return the windows along one axis, which becomes (out, size) at the end."""
    line = moveaxis(x, axis, -1)
    return windows(line, (window.size,), stride=window.stride, dilation=window.dilation)


def around(x: Tensor, axis: int, pair: tuple[int, int]) -> list[tuple[int, int]]:
    """Return what to pad, for each axis of x, to make one axis longer."""
    pairs = [(0, 0)] * x.ndim
    pairs[axis] = pair
    return pairs


def reduced(
    x: Tensor, plan: Sequence[Window], fill: float, reduce: Callable[[Tensor, int, Window], Tensor]
) -> Tensor:
    """Pad and reduce along each axis, the last axis first."""
    for axis in range(-1, -1 - len(plan), -1):
        x = reduce(pad(x, around(x, axis, plan[axis].pads), value=fill), axis, plan[axis])
    return x


# --- the maximum, and where it is ----------------------------------------------------------


def positions(x: Tensor, rank: int) -> Tensor:
    """Return the flat index of each element within the last ``rank`` axes; 1 for other axes."""
    space = x.shape[x.ndim - rank :]
    shape = (*[1] * (x.ndim - rank), *space)
    return constant(np.arange(math.prod(space), dtype=np.int64).reshape(shape))


def winners(candidates: Tensor, *followers: Tensor) -> list[Tensor]:
    """Maximum along the last axis, and what followers have there; the first of equal ones wins."""
    place = argmax(candidates, axis=-1, keepdims=True)
    return [squeeze(take_along_axis(x, place, axis=-1), -1) for x in (candidates, *followers)]


def maximum_of_windows(x: Tensor, axis: int, window: Window, *followers: Tensor) -> list[Tensor]:
    """Maximum over the windows along one axis of the padded x, and what followers have there.

    Compares the first elements of all windows with the second ones, the winners with the third...,
    which keeps the memory order of x. Long windows are searched one by one.
    """
    everything = [x, *followers]
    if window.size > FEW:
        found = winners(*[views(t, axis, window) for t in everything])
        return [moveaxis(t, -1, axis) for t in found]
    place = [slice(None)] * x.ndim
    length = (window.out - 1) * window.stride + 1
    candidates = []
    for k in range(0, window.span, window.dilation):
        place[axis] = slice(k, k + length, window.stride)
        candidates.append([slice_by(t, place) for t in everything])
    return first_largest(candidates)


def first_largest(candidates: Sequence[list[Tensor]]) -> list[Tensor]:
    """Return the largest of the first tensors, element by element, with what follows it there."""
    best, *others = candidates
    for taken in others:
        wins = (taken[0] > best[0]) | isnan(taken[0])
        best = [where(wins, new, old) for new, old in zip(taken, best, strict=True)]
    return best


def max_pooled(
    x: Tensor, plan: Sequence[Window], return_indices: bool
) -> Tensor | tuple[Tensor, Tensor]:
    """Return the maximum over windows, and its flat index if that is wanted.

    Padding counts as minus infinity; its index is that of the nearest element.
    """
    found = [x, positions(x, len(plan))] if return_indices else [x]
    for axis in range(-1, -1 - len(plan), -1):
        pairs = around(x, axis, plan[axis].pads)
        padded = [pad(found[0], pairs, value=-math.inf)]
        padded += [pad_with_edges(t, pairs, mode="replicate") for t in found[1:]]
        found = maximum_of_windows(padded[0], axis, plan[axis], *padded[1:])
    return with_indices(found)


def with_indices(found: Sequence[Tensor]) -> Tensor | tuple[Tensor, Tensor]:
    """Return the maxima, or maxima and their indices in the same shape."""
    if len(found) == 1:
        return found[0]
    return found[0], broadcast_to(found[1], found[0].shape)
