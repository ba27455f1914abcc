"""Formulas as LLVM instructions: for one element, or for a vector of neighbouring ones."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Any

from ... import dtypes
from ...dtypes import DType
from ..ir.expr import Buffer, Expr, Guard, Place, walk
from .elementary.value import Value
from .scalars import call_function
from .short_floats import loaded
from .short_floats import stored as in_16_bits
from .spread import STEPS, load_apart
from .writer import Int, Writer

_TYPES = {
    "float32": "float", "float64": "double", "float16": "i16", "bfloat16": "i16", "bool": "i8",
}  # fmt: skip
_SUFFIX = {"float": "f32", "double": "f64"}


def memory_type(dtype: DType) -> str:
    """Return the LLVM type of an element in memory."""
    return _TYPES.get(dtype.name) or f"i{8 * dtype.itemsize}"


def register_type(dtype: DType) -> str:
    """Return the LLVM type of an element in a register: float for 16-bit floats, i1 for bool."""
    if dtype in (dtypes.float16, dtypes.bfloat16):
        return "float"
    return "i1" if dtype is dtypes.bool else memory_type(dtype)


def literal(value: Any, dtype: DType) -> str:
    """Return a number as LLVM writes it."""
    if dtype is dtypes.bool:
        return "true" if value else "false"
    if not dtype.is_floating:
        return str(int(value))
    number = float(value)
    if dtype is not dtypes.float64 and math.isfinite(number):  # rounded as LLVM's float is
        try:
            number = struct.unpack("f", struct.pack("f", number))[0]
        except OverflowError:
            number = math.copysign(math.inf, number)
    return "0x" + struct.pack(">d", number).hex().upper()


class Lanes:
    """Emits formulas for ``width`` elements that are neighbours along one loop.

    ``indices`` are the loops' indices; loop number ``lane`` is the vectorised one, its index that
    of the first element (``lane`` -1: no loop is, and every element is the same). ``mask``
    (``width`` bits) says which elements exist; what it leaves out is neither read nor written.
    """

    def __init__(
        self, writer: Writer, indices: Sequence[Int], lane: int, width: int, mask: str | None = None
    ) -> None:
        self.writer, self.indices, self.lane = writer, indices, lane
        self.width, self.mask = width, mask
        self._known: dict[Expr, str] = {}

    def preset(self, node: Expr, value: str) -> None:
        """Say what a node's value is: an accumulator's, or one computed before."""
        self._known[node] = value

    def emit(self, root: Expr) -> str:
        """Write what computes a formula; return the register that holds it."""
        return self.emit_all([root])[0]

    def emit_all(self, roots: Sequence[Expr]) -> list[str]:
        """Write what computes some formulas, one after the other; return their registers."""
        for node in walk(roots):
            if node not in self._known:
                self._known[node] = self._node(node)
        return [self._known[root] for root in roots]

    def _node(self, node: Expr) -> str:
        match node.kind:
            case "const":
                return self.const(node.payload, node.dtype)
            case "read":
                return self._read(*node.payload)
            case "gather":
                return self._gather(node)
            case "index":
                return self.numbers(node.payload)
            case "inside":
                return self.condition(node.payload)
        return call_function(self, node, [self._known[a] for a in node.args])

    # --- types and numbers -----------------------------------------------------------------

    def type(self, dtype: DType) -> str:
        """Return the type of a value in a register."""
        return self.vector(register_type(dtype))

    def vector(self, element: str) -> str:
        """Return the type of one register's elements: itself, or a vector of it."""
        return element if self.width == 1 else f"<{self.width} x {element}>"

    def suffix(self, element: str) -> str:
        """Return what an intrinsic's name ends with for this type: f32, v16f32, v8i64."""
        name = _SUFFIX.get(element, element)
        return name if self.width == 1 else f"v{self.width}{name}"

    def const(self, value: Any, dtype: DType) -> str:
        """Return a number in every lane."""
        return self.listed(register_type(dtype), [literal(value, dtype)] * self.width)

    def listed(self, element: str, values: Sequence[str]) -> str:
        """Return a constant with a value for each lane."""
        if self.width == 1:
            return values[0]
        return "<" + ", ".join(f"{element} {v}" for v in values) + ">"

    def splat(self, value: Int, element: str) -> str:
        """Return one value in every lane."""
        if self.width == 1:
            return str(value)
        if isinstance(value, int):
            return self.listed(element, [str(value)] * self.width)
        t = self.vector(element)
        first = self.writer.let(f"insertelement {t} poison, {element} {value}, i32 0")
        zeros = f"<{self.width} x i32> zeroinitializer"
        return self.writer.let(f"shufflevector {t} {first}, {t} poison, {zeros}")

    def step(self, coefs: Sequence[int]) -> int:
        """Return by how much a place moves from one lane to the next."""
        return coefs[self.lane] if self.lane >= 0 and self.width > 1 else 0

    def numbers(self, place: Place) -> str:
        """Return a place's value in each lane, as i64."""
        first = self.splat(self.writer.dot(place.offset, place.coefs, self.indices), "i64")
        step = self.step(place.coefs)
        if not step:
            return first
        steps = self.listed("i64", [str(step * k) for k in range(self.width)])
        return self.writer.let(f"add {self.vector('i64')} {first}, {steps}")

    # --- conditions ------------------------------------------------------------------------

    def condition(self, guards: Sequence[Guard]) -> str:
        """Return in which lanes all guards hold."""
        parts = []
        for guard in guards:
            if self.step(guard.place.coefs):  # one unsigned comparison is both bounds
                values, t = self.numbers(guard.place), self.vector("i64")
                bound = self.listed("i64", [str(guard.length)] * self.width)
                parts.append(self.writer.let(f"icmp ult {t} {values}, {bound}"))
            else:
                parts.append(self.splat(self._scalar_condition(guard), "i1"))
        result = parts[0] if parts else self.const(True, dtypes.bool)
        for part in parts[1:]:
            result = self.writer.let(f"and {self.vector('i1')} {result}, {part}")
        return result

    def _scalar_condition(self, guard: Guard) -> str:
        value = self.writer.dot(guard.place.offset, guard.place.coefs, self.indices)
        if isinstance(value, int):
            return "true" if 0 <= value < guard.length else "false"
        return self.writer.let(f"icmp ult i64 {value}, {guard.length}")

    def _masked(self, guards: Sequence[Guard]) -> str | None:
        """Return the mask of elements that exist and fulfil the guards; None for all of them."""
        if not guards:
            return self.mask
        condition = self.condition(guards)
        if self.mask is None:
            return condition
        return self.writer.let(f"and {self.vector('i1')} {self.mask}, {condition}")

    # --- memory ----------------------------------------------------------------------------

    def _read(self, buffer: Buffer, place: Place, guards: tuple[Guard, ...]) -> str:
        step, element = self.step(place.coefs), memory_type(buffer.dtype)
        at = self.writer.dot(place.offset, place.coefs, self.indices)
        uniform = step == 0 and not any(self.step(g.place.coefs) for g in guards)
        if uniform and self.width > 1:
            one = Lanes(self.writer, self.indices, -1, 1)
            return self.splat(one._read(buffer, place, guards), register_type(buffer.dtype))
        pointer = self.writer.pointer(buffer, at, element)
        if guards and step == 1 and not any(self.step(g.place.coefs) for g in guards):
            mask, pointer = self.mask, self._pointer_if(guards, pointer)
        else:
            mask = self._masked(guards)
        return self.widened(self.load(pointer, step, element, buffer.dtype.itemsize, mask),
                             buffer.dtype)  # fmt: skip

    def _pointer_if(self, guards: Sequence[Guard], pointer: str) -> str:
        """Return an address where all guards hold, that of zeros where one does not."""
        conditions = [self._scalar_condition(guard) for guard in guards]
        holds = conditions[0]
        for condition in conditions[1:]:
            holds = self.writer.let(f"and i1 {holds}, {condition}")
        return self.writer.let(f"select i1 {holds}, ptr {pointer}, ptr {self.writer.zero_cell()}")

    def load(self, pointer: str, step: int, element: str, align: int, mask: str | None) -> str:
        """Load elements that lie ``step`` apart; 0 for those that the mask leaves out."""
        t = self.vector(element)
        if mask is None and (self.width == 1 or step == 1):
            return self.writer.let(f"load {t}, ptr {pointer}, align {align}")
        if self.width == 1:
            return self._load_if(pointer, element, align, str(mask))
        if mask is None and step in STEPS:
            return load_apart(self, pointer, step, element, align)
        if step == 1:
            name = f"llvm.masked.load.{self.suffix(element)}.p0"
            return self.writer.call(
                t, name, ("ptr", pointer), ("i32", str(align)), (self.vector("i1"), str(mask)),
                (t, "zeroinitializer"),
            )  # fmt: skip
        steps = self.listed("i64", [str(k * step) for k in range(self.width)])
        several = f"getelementptr {element}, ptr {pointer}, {self.vector('i64')} {steps}"
        return self._load_each(self.writer.let(several), element, align, mask)

    def _load_if(self, pointer: str, element: str, align: int, condition: str) -> str:
        """Load one element from memory that exists: its own, or a zero on the stack."""
        if condition in ("true", "false"):
            zero = "0x0000000000000000" if element in _SUFFIX else "0"
            if condition == "false":
                return self.writer.let(f"select i1 true, {element} {zero}, {element} {zero}")
            return self.writer.let(f"load {element}, ptr {pointer}, align {align}")
        spare = self.writer.zero_cell()
        chosen = self.writer.let(f"select i1 {condition}, ptr {pointer}, ptr {spare}")
        return self.writer.let(f"load {element}, ptr {chosen}, align {align}")

    def _load_each(self, pointers: str, element: str, align: int, mask: str | None) -> str:
        t, all_lanes = self.vector(element), self.const(True, dtypes.bool)
        name = f"llvm.masked.gather.{self.suffix(element)}.v{self.width}p0"
        return self.writer.call(
            t, name, (self.vector("ptr"), pointers), ("i32", str(align)),
            (self.vector("i1"), mask or all_lanes), (t, "zeroinitializer"),
        )  # fmt: skip

    def _gather(self, node: Expr) -> str:
        buffer, place, steps = node.payload
        element, t = memory_type(buffer.dtype), self.vector("i64")
        at = self.numbers(place)
        for argument, step in zip(node.args, steps, strict=True):
            wide = self.cast(self._known[argument], argument.dtype, dtypes.int64)
            scaled = self.writer.let(f"mul {t} {wide}, {self.const(step, dtypes.int64)}")
            at = self.writer.let(f"add {t} {at}, {scaled}")
        base = self.writer.pointer(buffer, 0, element)
        pointers = self.writer.let(f"getelementptr {element}, ptr {base}, {t} {at}")
        align = buffer.dtype.itemsize
        if self.width == 1:
            return self.widened(self.load(pointers, 0, element, align, self.mask), buffer.dtype)
        return self.widened(self._load_each(pointers, element, align, self.mask), buffer.dtype)

    def store(self, buffer: Buffer, place: Place, value: str) -> None:
        """Write a register's elements to a buffer, converted to their form in memory."""
        element = memory_type(buffer.dtype)
        at = self.writer.dot(place.offset, place.coefs, self.indices)
        pointer = self.writer.pointer(buffer, at, element)
        self.write_at(pointer, value, buffer.dtype, self.step(place.coefs))

    def store_row(self, buffer: Buffer, place: Place, values: Sequence[str]) -> None:
        """Write vectors in the form of memory one after the other, from a place on."""
        element = memory_type(buffer.dtype)
        at = self.writer.dot(place.offset, place.coefs, self.indices)
        pointer, t = self.writer.pointer(buffer, at, element), self.vector(element)
        for number, value in enumerate(values):
            place_of = self.writer.let(
                f"getelementptr {element}, ptr {pointer}, i64 {number * self.width}"
            )
            self.writer.do(f"store {t} {value}, ptr {place_of}, align {buffer.dtype.itemsize}")

    def memory_element(self, dtype: DType) -> str:
        """Return the LLVM type of an element in memory."""
        return memory_type(dtype)

    def kept(self, value: str, dtype: DType) -> str:
        """Return a register's elements in the form that memory has."""
        return self._narrowed(value, dtype)

    def read_at(self, pointer: str, dtype: DType) -> str:
        """Load neighbouring elements from an address into a register."""
        value = self.load(pointer, 1, memory_type(dtype), dtype.itemsize, self.mask)
        return self.widened(value, dtype)

    def write_at(self, pointer: str, value: str, dtype: DType, step: int = 1) -> None:
        """Store elements to an address, ``step`` apart; those that the mask leaves out stay."""
        element, align = memory_type(dtype), dtype.itemsize
        value, t = self._narrowed(value, dtype), self.vector(element)
        if self.width == 1 and self.mask is not None:
            with self.writer.when(self.mask):
                self.writer.do(f"store {t} {value}, ptr {pointer}, align {align}")
        elif self.mask is None and (self.width == 1 or step == 1):
            self.writer.do(f"store {t} {value}, ptr {pointer}, align {align}")
        elif step == 1:
            self.writer.call(
                "void", f"llvm.masked.store.{self.suffix(element)}.p0", (t, value),
                ("ptr", pointer), ("i32", str(align)), (self.vector("i1"), str(self.mask)),
            )  # fmt: skip
        else:
            steps = self.listed("i64", [str(k * step) for k in range(self.width)])
            several = f"getelementptr {element}, ptr {pointer}, {self.vector('i64')} {steps}"
            self.writer.call(
                "void", f"llvm.masked.scatter.{self.suffix(element)}.v{self.width}p0", (t, value),
                (self.vector("ptr"), self.writer.let(several)), ("i32", str(align)),
                (self.vector("i1"), self.mask or self.const(True, dtypes.bool)),
            )  # fmt: skip

    # --- between memory and registers ------------------------------------------------------

    def widened(self, value: str, dtype: DType) -> str:
        """Return what was loaded in the type that registers have."""
        stored, kept = self.vector(memory_type(dtype)), self.type(dtype)
        if stored == kept:
            return value
        if dtype is dtypes.bool:
            zeros = self.listed("i8", ["0"] * self.width)
            return self.writer.let(f"icmp ne {stored} {value}, {zeros}")
        return loaded(Value(self, value, "i16"), dtype).text

    def _narrowed(self, value: str, dtype: DType) -> str:
        stored, kept = self.vector(memory_type(dtype)), self.type(dtype)
        if stored == kept:
            return value
        if dtype is dtypes.bool:
            return self.writer.let(f"zext {kept} {value} to {stored}")
        return in_16_bits(Value(self, value, "float"), dtype).text

    def cast(self, value: str, source: DType, to: DType) -> str:
        """Convert a value between data types, as NumPy's astype does."""
        from .scalars import convert

        return convert(self, value, source, to)
