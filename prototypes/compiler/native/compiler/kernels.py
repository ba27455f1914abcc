"""The kernels of a program: loops in index notation, contractions, calls back into NumPy."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.graph import Tensor
from .expr import Buffer, Expr, Shape, View


@dataclass(eq=False)
class Store:
    target: View
    value: Expr


@dataclass(eq=False)
class Loop:
    """for index in shape: targets = values (elementwise)."""

    shape: Shape
    stores: list[Store]


@dataclass(eq=False)
class Fill:
    buffer: Buffer
    value: float = 0.0


@dataclass(eq=False)
class Accumulate:
    """for taps (outer, in order): for index in shape: target += value; dims [taps..., shape...]."""

    taps: Shape
    shape: Shape
    target: Expr  # a read: where it goes, over taps + shape
    value: Expr  # over taps + shape


@dataclass(eq=False)
class Reduce:
    """out[kept] = reduce(value) over dims kept + reduced."""

    op: str
    kept: Shape
    reduced: Shape
    target: View
    value: Expr
    epilogue: list[Store] | None = None


@dataclass(eq=False)
class Contract:
    """out[o...] = sum over k of a * b; each dim has an extent and three coefficients."""

    extents: Shape
    a: tuple[Buffer, int, tuple[int, ...]]
    b: tuple[Buffer, int, tuple[int, ...]]
    out: View
    out_coefs: tuple[int, ...]  # per extent; k dims have role "k"
    roles: str  # per extent: "b" batch, "m", "n", "k"
    out_dims: tuple[int, ...] = ()  # which extent each dim of out.shape is
    epilogue: list[Store] | None = None


@dataclass(eq=False)
class ArgReduce:
    op: str
    kept: Shape
    reduced: int
    target: View
    value: Expr


@dataclass(eq=False)
class Call:
    """A primitive whose NumPy kernel is called."""

    node: Tensor
    inputs: list[View]
    outputs: list[View]
