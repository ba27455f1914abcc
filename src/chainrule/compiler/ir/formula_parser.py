"""Formulas from text, by recursive descent. Nothing of the text is ever evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ... import dtypes
from . import expr as ir
from .expr import Buffer, Expr, Guard, Place
from .formula_printer import DEFAULT_DTYPES
from .functions import FUNCTIONS, result_dtype
from .tokens import Tokens

ACCUMULATOR = re.compile(r"acc(\d+)", re.ASCII)


class FormulaParser:
    """Reads the formulas of one kernel: what its loops, buffers, names and accumulators are."""

    def __init__(self, loops: Sequence[str], buffers: Mapping[str, Buffer]) -> None:
        self.loops, self.buffers = list(loops), buffers
        self.names: dict[str, Expr] = {}
        self.accumulators: list[Expr] = []

    def buffer(self, line: Tokens) -> Buffer:
        """Read the name of a buffer."""
        name = line.take("name")
        if name not in self.buffers:
            line.fail(f"a declared buffer in place of {name!r}")
        return self.buffers[name]

    def place(self, line: Tokens) -> Place:
        """Read an affine combination of loop indices: 4*i0 + k0 - 3."""
        offset, coefs = 0, [0] * len(self.loops)
        sign = -1 if line.skip("-") else 1
        while True:
            if line.peek()[0] == "number" and not line.at("*", ahead=1):
                offset += sign * line.integer()
            else:
                factor = 1
                if line.peek()[0] == "number":
                    factor = line.integer()
                    line.expect("*")
                coefs[self._loop(line)] += sign * factor
            if not (line.at("+") or line.at("-")):
                return Place(offset, tuple(coefs))
            sign = 1 if line.skip("+") else -1
            if sign < 0:
                line.expect("-")

    def _loop(self, line: Tokens) -> int:
        name = line.take("name")
        if name not in self.loops:
            line.fail(f"a loop of {', '.join(self.loops) or 'none'} in place of {name!r}")
        return self.loops.index(name)

    def guard(self, line: Tokens) -> Guard:
        """Read a condition: 0 <= i0 - 1 < 5."""
        if line.integer() != 0:
            line.fail("a condition 0 <= place < length")
        line.expect("<=")
        place = self.place(line)
        line.expect("<")
        return Guard(place, line.integer())

    def guards(self, line: Tokens, end: str) -> tuple[Guard, ...]:
        """Read conditions up to a symbol."""
        return tuple(line.listed(lambda: self.guard(line), end))

    def steps(self, line: Tokens) -> tuple[list[int], list[Expr]]:
        """Read what data adds to a place, up to the bracket that ends it: 8*a, 1*b."""
        pairs = line.listed(lambda: self._step(line), "]")
        return [step for step, _ in pairs], [value for _, value in pairs]

    def _step(self, line: Tokens) -> tuple[int, Expr]:
        step = line.integer()
        line.expect("*")
        return step, self.value(line)

    def value(self, line: Tokens) -> Expr:
        """Read a formula."""
        kind, text = line.peek()
        if kind != "name" or text in ("true", "false", "inf", "nan"):
            return self._number(line)
        if line.at("[", ahead=1):
            return self._element(line)
        if line.at("(", ahead=1):
            return self._called(line)
        return self._name(line, line.take("name"))

    def _number(self, line: Tokens) -> Expr:
        number = line.literal()
        dtype = DEFAULT_DTYPES[type(number)]
        if line.skip(":"):
            name = line.take("name")
            if name not in dtypes.ALL:
                line.fail(f"a data type in place of {name!r}")
            dtype = dtypes.ALL[name]
        return ir.const(number, dtype)

    def _name(self, line: Tokens, name: str) -> Expr:
        found = ACCUMULATOR.fullmatch(name)
        if found and int(found.group(1)) < len(self.accumulators):
            return self.accumulators[int(found.group(1))]
        if name not in self.names:
            line.fail(f"a value that has been computed in place of {name!r}")
        return self.names[name]

    def _element(self, line: Tokens) -> Expr:
        buffer = self.buffer(line)
        line.expect("[")
        place = self.place(line)
        if line.skip(";"):
            steps, indices = self.steps(line)
            return ir.gather(buffer, place, indices, steps)
        if line.skip("|"):
            return ir.read(buffer, place, self.guards(line, "]"))
        line.expect("]")
        return ir.read(buffer, place)

    def _called(self, line: Tokens) -> Expr:
        name = line.take("name")
        line.expect("(")
        if name == "index":
            place = self.place(line)
            line.expect(")")
            return ir.index(place)
        if name == "inside":
            return ir.inside(self.guards(line, ")"))
        args = tuple(line.listed(lambda: self.value(line), ")"))
        if name in dtypes.ALL and len(args) == 1:
            return ir.make("cast", dtypes.ALL[name], args)
        if name not in FUNCTIONS or len(args) != FUNCTIONS[name].arity:
            line.fail(f"a function of {len(args)} arguments in place of {name!r}")
        return ir.make(name, result_dtype(name, args), args)
