"""The kernels of a program: what is computed, in index notation, and nothing about how.

Every kernel has *loops*: extents of indices that its places have a coefficient for each. Loops are
independent unless a kernel says otherwise, so that they may run in any order and on any thread.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .expr import Buffer, Expr, Place, Shape


@dataclass(frozen=True)
class Origin:
    """A node of the graph that a kernel computes: what it is, and who made it where."""

    name: str  # of the operation
    path: str = ""  # of the module: "Sequential.2 (Linear)"
    phase: str = "forward"  # or "backward" or "update"
    line: str = ""  # of the user: "train.py:12"


Origins = tuple[Origin, ...]  # the main node first, then what was fused with it


def merged(first: Origins, second: Origins) -> Origins:
    """Return what a kernel computes that is made of two."""
    return tuple(dict.fromkeys([*first, *second]))


@dataclass(eq=False)
class Computed:
    """What all kernels have: which nodes of the graph they compute."""

    origins: Origins = field(default=(), kw_only=True)


@dataclass(eq=False)
class Store:
    """``buffer[place] = value`` for each index of the kernel's (kept) loops."""

    buffer: Buffer
    place: Place
    value: Expr


@dataclass(eq=False)
class Map(Computed):
    """For each index: all values are computed, then all stores are done.

    One that is *pinned* begins something that is to be computed again: no pass may take it back to
    where its values were computed first.
    """

    loops: Shape
    stores: list[Store]
    pinned: bool = False


@dataclass(eq=False)
class Fill(Computed):
    """For each index: one number to each place; several boxes of one buffer or of many."""

    boxes: list[tuple[Shape, Buffer, Place]]
    value: float


@dataclass(eq=False)
class Term:
    """What a reduction accumulates: sum, prod, max, min, any, all, argmax or argmin of a value.

    ``argmax`` and ``argmin`` give the flat position (int64) in the reduced loops of the first
    extreme element; NaN counts as the extreme, as for max and min.
    """

    reducer: str
    value: Expr


@dataclass(eq=False)
class Reduce(Computed):
    """For each index of the kept loops: terms over the reduced ones, then the stores.

    Terms have places over ``kept + reduced``. Stores have places over ``kept + reduced`` as well,
    with coefficient 0 for reduced loops; ``acc(k)`` in their values is the k-th term's result.
    """

    kept: Shape
    reduced: Shape
    terms: list[Term]
    stores: list[Store]

    @property
    def loops(self) -> Shape:
        """All loops, kept ones first."""
        return self.kept + self.reduced


@dataclass(eq=False)
class Contract(Computed):
    """``acc(0) = sum over the k loops of a * b`` for each index of the others, then the stores.

    ``a`` and ``b`` are reads of one floating type. ``roles`` has a letter for each loop: "b"
    (batch: in a, b and out), "m" (in a and out), "n" (in b and out), "k" (in a and b). A guard has
    one k loop in its place, which it cuts short: what it leaves out is not multiplied at all.
    Stores have places over all loops, with coefficient 0 for those of role k.
    """

    loops: Shape
    roles: str
    a: Expr
    b: Expr
    stores: list[Store]


@dataclass(eq=False)
class Scatter(Computed):
    """For each index in order: ``buffer[place + sum(step * index value)] += value``.

    The places of different *parallel* loops (the first ones) never meet; the rest runs in order, so
    that sums come out the same on any number of threads.
    """

    loops: Shape
    parallel: int
    buffer: Buffer
    place: Place
    indices: list[Expr]
    steps: tuple[int, ...]
    value: Expr


@dataclass(eq=False)
class Array:
    """A whole logical array in a buffer: strides and offset count elements."""

    buffer: Buffer
    shape: Shape
    strides: tuple[int, ...]
    offset: int = 0


@dataclass(eq=False)
class Call(Computed):
    """An operation without native form: its NumPy kernel is called on whole arrays.

    ``operation`` has ``name`` and ``compute(arrays, attributes)``.
    """

    operation: Any
    attributes: Any
    inputs: list[Array]
    outputs: list[Array]
    where: str = ""  # the user's line, for errors


Kernel = Map | Fill | Reduce | Contract | Scatter | Call
