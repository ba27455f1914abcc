"""What a reduction accumulates: how it begins, how parts of it are put together."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .... import dtypes
from ....dtypes import DType
from ...ir.expr import acc, make
from ...ir.kernels import Term
from ..lanes import Lanes
from ..scalars import call_function
from ..writer import Writer

_COMBINE = {
    "sum": "add",
    "prod": "mul",
    "max": "maximum",
    "min": "minimum",
    "any": "or",
    "all": "and",
}


class Accumulators:
    """Those of all terms, as one flat list of registers: one of a term, or two of a position."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._terms = [_Accumulator(t.reducer, t.value.dtype) for t in terms]
        self.dtypes = [d for t in self._terms for d in t.dtypes]
        self.positions = any(t.position for t in self._terms)

    def __len__(self) -> int:
        return len(self._terms)

    def identities(self, writer: Writer, width: int, empty: bool = False) -> list[str]:
        """Return the registers to begin with; with nothing to reduce they are the result."""
        lanes = Lanes(writer, (), -1, width)
        return [x for t in self._terms for x in t.identity(lanes, empty)]

    def types(self, writer: Writer, width: int) -> list[str]:
        """Return the LLVM types of the registers."""
        lanes = Lanes(writer, (), -1, width)
        return [lanes.type(d) for d in self.dtypes]

    def added(
        self, lanes: Lanes, sums: Sequence[str], values: Sequence[str], position: str | None
    ) -> list[str]:
        """Return accumulators with one value more for each term, found at a position."""
        new = []
        for term, value in zip(self._terms, values, strict=True):
            new += [value, str(position)] if term.position else [value]
        return self.joined(lanes, sums, new)

    def joined(self, lanes: Lanes, some: Sequence[str], others: Sequence[str]) -> list[str]:
        """Return two partial results as one."""
        result, at = list[str](), 0
        for term in self._terms:
            end = at + len(term.dtypes)
            result += term.joined(lanes, some[at:end], others[at:end])
            at = end
        return result

    def across(self, writer: Writer, sums: Sequence[str], width: int) -> list[str]:
        """Return what all lanes of the accumulators make together."""
        values = list(sums)
        while width > 1:
            lanes, half = Lanes(writer, (), -1, width), width // 2
            low, high = (
                [_half(lanes, v, d, first) for v, d in zip(values, self.dtypes, strict=True)]
                for first in (0, half)
            )
            values = self.joined(Lanes(writer, (), -1, half), low, high)
            width = half
        return values

    def preset(self, lanes: Lanes, sums: Sequence[str]) -> None:
        """Let formulas of results find what was accumulated."""
        at = 0
        for number, term in enumerate(self._terms):
            at += len(term.dtypes)
            lanes.preset(acc(number, term.dtypes[-1]), sums[at - 1])


class _Accumulator:
    """How values are put together: one register, or two for the position of an extreme."""

    def __init__(self, reducer: str, dtype: DType) -> None:
        self.position = reducer.startswith("arg")
        self.reducer = reducer.removeprefix("arg")
        self.dtype = dtype
        self.dtypes = [dtype, dtypes.int64] if self.position else [dtype]

    def identity(self, lanes: Lanes, empty: bool) -> list[str]:
        first = lanes.const(_identity(self.reducer, self.dtype), self.dtype)
        # A position that is behind all others, so that any element comes first.
        behind = 0 if empty else 2**62
        return [first, lanes.const(behind, dtypes.int64)] if self.position else [first]

    def joined(self, lanes: Lanes, a: Sequence[str], b: Sequence[str]) -> list[str]:
        if not self.position:
            return [_function(lanes, _COMBINE[self.reducer], self.dtype, a[0], b[0])]
        better = _function(lanes, "gt" if self.reducer == "max" else "lt", self.dtype, b[0], a[0])
        nan = None
        if self.dtype.is_floating:
            new = _function(lanes, "isnan", self.dtype, b[0])
            old = _function(lanes, "isnan", self.dtype, a[0])
            nan = (new, old)
        return self._chosen(lanes, a, b, better, nan)

    def _chosen(
        self, lanes: Lanes, a: Sequence[str], b: Sequence[str], better: str,
        nan: tuple[str, str] | None,
    ) -> list[str]:  # fmt: skip
        """Take b where it is better, or as good and earlier."""
        t = lanes.vector("i1")
        let = lanes.writer.let
        same = _function(lanes, "eq", self.dtype, a[0], b[0])
        if nan is not None:
            new, old = nan
            both = let(f"and {t} {new}, {old}")
            same = let(f"or {t} {same}, {both}")
            fresh = let(f"and {t} {new}, {let(f'xor {t} {old}, {lanes.const(True, dtypes.bool)}')}")
            better = let(f"or {t} {better}, {fresh}")
        earlier = _function(lanes, "lt", dtypes.int64, b[1], a[1])
        take = let(f"or {t} {better}, {let(f'and {t} {same}, {earlier}')}")
        return [
            let(f"select {t} {take}, {lanes.type(d)} {y}, {lanes.type(d)} {x}")
            for d, x, y in zip(self.dtypes, a, b, strict=True)
        ]


def _half(lanes: Lanes, value: str, dtype: DType, first: int) -> str:
    """Return half of a register's lanes, from the first one on."""
    t, half = lanes.type(dtype), lanes.width // 2
    if half == 1:
        return lanes.writer.let(f"extractelement {t} {value}, i32 {first}")
    places = ", ".join(f"i32 {first + k}" for k in range(half))
    return lanes.writer.let(f"shufflevector {t} {value}, {t} poison, <{half} x i32> <{places}>")


def _function(lanes: Lanes, name: str, dtype: DType, *arguments: str) -> str:
    compared = name in ("gt", "lt", "eq", "isnan")
    inputs = tuple([acc(k, dtype) for k in range(len(arguments))])
    node = make(name, dtypes.bool if compared else dtype, inputs)
    return call_function(lanes, node, list(arguments))


def _identity(reducer: str, dtype: DType) -> float:
    match reducer:
        case "sum" | "any":
            return 0
        case "prod" | "all":
            return 1
    if dtype.is_floating:
        return -math.inf if reducer == "max" else math.inf
    if dtype is dtypes.bool:
        return int(reducer == "min")
    limits = dtypes.iinfo(dtype)
    return int(limits.min if reducer == "max" else limits.max)
