"""What index notation consists of, as records; ``str`` turns them back into text."""

from __future__ import annotations

import math
from dataclasses import dataclass

Loops = tuple[tuple[str, int], ...]

_BINDING = [{"or"}, {"and"}, {"not "}, {"==", "!=", "<", "<=", ">", ">="}, {"|"}, {"^"}, {"&"},
            {"<<", ">>"}, {"+", "-"}, {"*", "/", "//", "%"}]  # fmt: skip
_TIGHTNESS = {symbol: k for k, symbols in enumerate(_BINDING, start=1) for symbol in symbols}
_COMPARISON, _SIGN, _ATOM = _TIGHTNESS["=="], len(_BINDING) + 1, len(_BINDING) + 2


class Expression:
    """A value or an index: one of the records below. ``str`` gives its text."""

    __slots__ = ()
    tightness = _ATOM  # how strongly its outermost operator binds

    def parts(self) -> tuple[Expression, ...]:
        """Return the expressions that it is made of."""
        return ()

    def inside(self, tightness: int) -> str:
        """Return the text, in parentheses if it binds less than what surrounds it."""
        return str(self) if self.tightness >= tightness else f"({self})"


@dataclass(frozen=True)
class Number(Expression):
    """A literal number."""

    value: int | float

    def __str__(self) -> str:
        return literal(self.value)


def literal(value: float) -> str:
    """Return a number as notation has it: Python's, which knows infinity as 1e999 only.

    >>> literal(2.5), literal(-math.inf), literal(math.nan)
    ('2.5', '-1e999', '(1e999 - 1e999)')
    """
    if math.isnan(value):
        return "(1e999 - 1e999)"
    return repr(value).replace("inf", "1e999")


@dataclass(frozen=True)
class Variable(Expression):
    """A loop's name."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Read(Expression):
    """An element of an array."""

    array: str
    index: tuple[Expression, ...]

    def parts(self) -> tuple[Expression, ...]:
        """Return the indices."""
        return self.index

    def __str__(self) -> str:
        return f"{self.array}[{_listed(self.index)}]"


@dataclass(frozen=True)
class Unary(Expression):
    """An operator in front: -, ~ or not."""

    operator: str
    operand: Expression

    @property
    def tightness(self) -> int:  # type: ignore[override]
        """Signs bind strongly, ``not`` weakly."""
        return _TIGHTNESS[self.operator] if self.operator == "not " else _SIGN

    def parts(self) -> tuple[Expression, ...]:
        """Return the operand."""
        return (self.operand,)

    def __str__(self) -> str:
        return f"{self.operator}{self.operand.inside(self.tightness)}"


@dataclass(frozen=True)
class Binary(Expression):
    """An operator in between: arithmetic, bits, a comparison, ``and`` or ``or``."""

    operator: str
    left: Expression
    right: Expression

    @property
    def tightness(self) -> int:  # type: ignore[override]
        """Python's precedence."""
        return _TIGHTNESS[self.operator]

    def parts(self) -> tuple[Expression, ...]:
        """Return both operands."""
        return (self.left, self.right)

    def __str__(self) -> str:
        left = self.tightness + (self.tightness == _COMPARISON)  # comparisons do not chain
        right = self.tightness + 1
        return f"{self.left.inside(left)} {self.operator} {self.right.inside(right)}"


@dataclass(frozen=True)
class Choice(Expression):
    """One of two expressions; the other one is not evaluated."""

    condition: Expression
    then: Expression
    otherwise: Expression
    tightness = 0

    def parts(self) -> tuple[Expression, ...]:
        """Return the condition and both branches."""
        return (self.condition, self.then, self.otherwise)

    def __str__(self) -> str:
        return f"{self.then.inside(1)} if {self.condition.inside(1)} else {self.otherwise}"


@dataclass(frozen=True)
class Call(Expression):
    """A function of elements; a data type's name casts."""

    function: str
    arguments: tuple[Expression, ...]

    def parts(self) -> tuple[Expression, ...]:
        """Return the arguments."""
        return self.arguments

    def __str__(self) -> str:
        return f"{self.function}({_listed(self.arguments)})"


@dataclass(frozen=True)
class Reduce(Expression):
    """A sum, product, maximum ... over loops."""

    reducer: str
    loops: Loops
    body: Expression

    def parts(self) -> tuple[Expression, ...]:
        """Return the body."""
        return (self.body,)

    def __str__(self) -> str:
        return f"{self.reducer}({_loops_text(self.loops)})({self.body})"


@dataclass(frozen=True)
class Notation:
    """One line of index notation: an assignment to each element of out, or a scatter."""

    target: tuple[Expression, ...]
    value: Expression
    loops: Loops | None = None  # of a scatter

    def __str__(self) -> str:
        out = f"out[{_listed(self.target)}]"
        if self.loops is None:
            return f"{out} = {self.value}"
        return f"for {_loops_text(self.loops)}: {out} += {self.value}"


def _listed(expressions: tuple[Expression, ...]) -> str:
    return ", ".join(map(str, expressions))


def _loops_text(loops: Loops) -> str:
    return ", ".join(f"{name} < {length}" for name, length in loops)
