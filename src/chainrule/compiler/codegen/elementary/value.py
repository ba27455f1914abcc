"""Registers with operators: a formula in Python writes the instructions that compute it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .... import dtypes
from ....dtypes import DType

if TYPE_CHECKING:
    from ..lanes import Lanes

_DTYPES = {
    "i1": dtypes.bool, "i8": dtypes.int8, "i16": dtypes.int16, "i32": dtypes.int32,
    "i64": dtypes.int64, "float": dtypes.float32, "double": dtypes.float64,
}  # fmt: skip
MANTISSA = {"float": 23, "double": 52}  # stored bits of the significand
_ARM = ("fma", "sse4.1", "f16c")  # features that every ARM of 64 bits has the like of
BIAS = {"float": 127, "double": 1023}


def element_of(dtype: DType) -> str:
    """Return the LLVM type of an element in a register."""
    if dtype.is_floating:
        return "double" if dtype is dtypes.float64 else "float"
    return "i1" if dtype is dtypes.bool else f"i{8 * dtype.itemsize}"


class Value:
    """A register: ``text`` names it, ``kind`` is the LLVM type of its elements.

    ``number`` is what every element is, where that is known now. Comparisons of integers are
    signed, of floats false with NaN. Python's numbers become constants of the other operand's kind.
    """

    __slots__ = ("kind", "lanes", "number", "text")

    def __init__(self, lanes: Lanes, text: str, kind: str, number: float | None = None) -> None:
        self.lanes, self.text, self.kind, self.number = lanes, text, kind, number

    @property
    def type(self) -> str:
        """The LLVM type of the register."""
        return self.lanes.vector(self.kind)

    @property
    def is_float(self) -> bool:
        """Whether the elements are floating."""
        return self.kind in MANTISSA

    @property
    def integer(self) -> str:
        """The kind of integers that are as wide."""
        return "i32" if self.kind == "float" else "i64"

    def const(self, number: float, kind: str = "") -> Value:
        """Return a number in every lane, of this kind or another."""
        kind = kind or self.kind
        if kind not in MANTISSA and kind != "i1":
            bits = int(kind[1:])  # written as signed
            number = (int(number) + (1 << bits - 1)) % (1 << bits) - (1 << bits - 1)
        return Value(self.lanes, self.lanes.const(number, _DTYPES[kind]), kind, number)

    def let(self, text: str, kind: str = "") -> Value:
        """Write an instruction; its result is of this kind, or of another."""
        return Value(self.lanes, self.lanes.writer.let(text), kind or self.kind)

    def intrinsic(self, name: str, *others: Value) -> Value:
        """Call the LLVM intrinsic of this type with arguments of this type."""
        full = f"llvm.{name}.{self.lanes.suffix(self.kind)}"
        arguments = [(v.type, v.text) for v in (self, *others)]
        return Value(self.lanes, self.lanes.writer.call(self.type, full, *arguments), self.kind)

    def has(self, feature: str) -> bool:
        """Return whether the processor has an x86 feature, or is an ARM with its like."""
        target = self.lanes.writer.target
        arm = target.triple.startswith(("aarch64", "arm64")) and feature in _ARM
        return arm or f"+{feature}" in target.features.split(",")

    # --- arithmetic ------------------------------------------------------------------------

    def binary(self, instruction: str, other: Value | float, kind: str = "") -> Value:
        """Write an instruction of two operands."""
        b = other if isinstance(other, Value) else self.const(other)
        return self.let(f"{instruction} {self.type} {self.text}, {b.text}", kind)

    def __add__(self, other: Value | float) -> Value:
        return self.binary("fadd" if self.is_float else "add", other)

    def __sub__(self, other: Value | float) -> Value:
        return self.binary("fsub" if self.is_float else "sub", other)

    def __mul__(self, other: Value | float) -> Value:
        return self.binary("fmul" if self.is_float else "mul", other)

    def __truediv__(self, other: Value | float) -> Value:
        return self.binary("fdiv", other)

    def __radd__(self, other: float) -> Value:
        return self.const(other) + self

    def __rsub__(self, other: float) -> Value:
        return self.const(other) - self

    def __rmul__(self, other: float) -> Value:
        return self.const(other) * self

    def __rtruediv__(self, other: float) -> Value:
        return self.const(other) / self

    def __neg__(self) -> Value:
        return self.let(f"fneg {self.type} {self.text}") if self.is_float else 0 - self

    # --- bits and comparisons --------------------------------------------------------------

    def __and__(self, other: Value | int) -> Value:
        return self.binary("and", other)

    def __or__(self, other: Value | int) -> Value:
        return self.binary("or", other)

    def __xor__(self, other: Value | int) -> Value:
        return self.binary("xor", other)

    def __invert__(self) -> Value:
        return self ^ (1 if self.kind == "i1" else -1)

    def __lshift__(self, other: Value | int) -> Value:
        return self.binary("shl", other)

    def __rshift__(self, other: Value | int) -> Value:
        """Shift right and keep the sign."""
        return self.binary("ashr", other)

    def logical_shift(self, other: Value | int) -> Value:
        """Shift right and fill with zeros."""
        return self.binary("lshr", other)

    def compare(self, floats: str, integers: str, other: Value | float) -> Value:
        """Compare with the predicates for floats and for integers."""
        predicate = f"fcmp {floats}" if self.is_float else f"icmp {integers}"
        return self.binary(predicate, other, "i1")

    def __lt__(self, other: Value | float) -> Value:
        return self.compare("olt", "slt", other)

    def __le__(self, other: Value | float) -> Value:
        return self.compare("ole", "sle", other)

    def __gt__(self, other: Value | float) -> Value:
        return self.compare("ogt", "sgt", other)

    def __ge__(self, other: Value | float) -> Value:
        return self.compare("oge", "sge", other)

    def equals(self, other: Value | float) -> Value:
        """Return whether elements are equal."""
        return self.compare("oeq", "eq", other)

    def differs(self, other: Value | float) -> Value:
        """Return whether elements differ; NaN differs from all."""
        return self.compare("une", "ne", other)

    def is_nan(self) -> Value:
        """Return whether elements are NaN."""
        return self.compare("uno", "ne", self)

    # --- between kinds ---------------------------------------------------------------------

    def convert(self, instruction: str, kind: str) -> Value:
        """Write a conversion (sitofp, fpext, zext, bitcast, ...) to another kind."""
        to = self.lanes.vector(kind)
        return self.let(f"{instruction} {self.type} {self.text} to {to}", kind)

    def bits(self) -> Value:
        """Return a float's bits as an integer."""
        return self.convert("bitcast", self.integer)

    def floats(self) -> Value:
        """Return the float that an integer's bits stand for."""
        return self.convert("bitcast", "float" if self.kind == "i32" else "double")

    def __abs__(self) -> Value:
        return self.intrinsic("fabs")

    def sqrt(self) -> Value:
        """Return the square root."""
        return self.intrinsic("sqrt")

    def copysign(self, other: Value) -> Value:
        """Return the absolute value with the sign of another."""
        return self.intrinsic("copysign", other)

    def at_most(self, bound: float) -> Value:
        """Return the value, or the bound where it is above; NaN stays. One instruction."""
        return where(self.const(bound) < self, self.const(bound), self)

    def at_least(self, bound: float) -> Value:
        """Return the value, or the bound where it is below; NaN stays. One instruction."""
        return where(self.const(bound) > self, self.const(bound), self)


def where(condition: Value, yes: Value | float, no: Value | float) -> Value:
    """Return one of two values in each lane; one of them may be a number."""
    if not isinstance(yes, Value):
        assert isinstance(no, Value)
        yes = no.const(yes)
    other = no if isinstance(no, Value) else yes.const(no)
    chosen = f"{yes.type} {yes.text}, {other.type} {other.text}"
    return yes.let(f"select {condition.type} {condition.text}, {chosen}")


def fma(a: Value, b: Value | float, c: Value | float) -> Value:
    """Return a * b + c, rounded once where the processor can."""
    if not a.has("fma"):
        return a * b + c
    b = b if isinstance(b, Value) else a.const(b)
    return a.intrinsic("fma", b, c if isinstance(c, Value) else a.const(c))


def rarely(
    condition: Value, common: Sequence[Value], slow: Callable[[], Sequence[Value]]
) -> list[Value]:
    """Return ``common``, but what ``slow`` writes where the condition holds.

    The slow part runs only if the condition holds in some lane.
    """
    lanes, writer = condition.lanes, condition.lanes.writer
    cells = [writer.cell(value.type) for value in common]
    some = condition.text
    for value, cell in zip(common, cells, strict=True):
        writer.do(f"store {value.type} {value.text}, ptr {cell}")
    if lanes.width > 1:
        name = f"llvm.vector.reduce.or.{lanes.suffix('i1')}"
        some = writer.call("i1", name, (condition.type, condition.text))
    with writer.when(some):
        for value, other, cell in zip(common, slow(), cells, strict=True):
            chosen = where(condition, other, value)
            writer.do(f"store {value.type} {chosen.text}, ptr {cell}")
    return [
        value.let(f"load {value.type}, ptr {cell}")
        for value, cell in zip(common, cells, strict=True)
    ]
