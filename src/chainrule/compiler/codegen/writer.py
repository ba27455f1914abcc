"""Writing one LLVM function: fresh names, integer arithmetic, loops and branches as blocks.

Values are strings ("%v7", "0x3FF0000000000000") or, for integers known now, Python's own ``int``,
so that arithmetic on them is done here and never reaches LLVM. The text is in final form: no pass
of LLVM runs over it, vectors and unrolling are written out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..ir.expr import Buffer
from .target import Target

Int = int | str
ABI = "ptr %buffers, ptr %args, i64 %start, i64 %stop"


@dataclass(frozen=True)
class Code:
    """A generated kernel: ``void kernel(ptr buffers, ptr args, i64 start, i64 stop)``.

    It does the units start .. stop - 1 of ``units`` independent ones. ``args`` lists pairs of i64:
    a slot of the table ``buffers`` and an offset in bytes; ``arguments`` says which, and
    ``numbers`` what follows them. The text depends on nothing else, so that equal kernels of a
    program are one function.
    """

    text: str  # of the function, named @kernel
    declarations: tuple[str, ...]
    arguments: tuple[tuple[Buffer, int], ...]
    units: int
    numbers: tuple[int, ...] = ()


@dataclass
class Carried:
    """Values that a loop hands from one turn to the next: set ``next`` inside of the loop."""

    values: list[str]
    next: list[str] = field(default_factory=list)


class Writer:
    """The text of one kernel, as it grows."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._entry: list[str] = []  # what stands at the start of the function
        self._lines: list[str] = []
        self._block = "entry"
        self._fresh = 0
        self._declarations: dict[str, None] = {}
        self._arguments: list[tuple[Buffer, int]] = []
        self._pointers: dict[int, tuple[str, int]] = {}
        self._zero: str | None = None

    # --- lines -----------------------------------------------------------------------------

    def let(self, text: str) -> str:
        """Write an instruction that has a result; return the result's name."""
        self._fresh += 1
        name = f"%v{self._fresh}"
        self._lines.append(f"  {name} = {text}")
        return name

    def do(self, text: str) -> None:
        """Write an instruction without result."""
        self._lines.append(f"  {text}")

    def fence(self) -> None:
        """Keep LLVM from moving loads to before this line: it would run out of registers."""
        self.do('call void asm sideeffect "", "~{memory}"()')

    def declare(self, text: str) -> None:
        """Declare a function that is used: an intrinsic, or one of the C library."""
        self._declarations[text] = None

    def call(self, result: str, name: str, *arguments: tuple[str, str]) -> str:
        """Call a declared function with (type, value) pairs; ``result`` is its type."""
        self.declare(f"declare {result} @{name}({', '.join(t for t, _ in arguments)})")
        listed = ", ".join(f"{t} {v}" for t, v in arguments)
        if result == "void":
            self.do(f"call void @{name}({listed})")
            return ""
        return self.let(f"call {result} @{name}({listed})")

    # --- integers --------------------------------------------------------------------------

    def add(self, a: Int, b: Int) -> Int:
        """Return a + b."""
        if isinstance(a, int) and isinstance(b, int):
            return a + b
        if a == 0 or b == 0:
            return b if a == 0 else a
        return self.let(f"add i64 {a}, {b}")

    def sub(self, a: Int, b: Int) -> Int:
        """Return a - b."""
        if isinstance(a, int) and isinstance(b, int):
            return a - b
        return a if b == 0 else self.let(f"sub i64 {a}, {b}")

    def mul(self, a: Int, b: Int) -> Int:
        """Return a * b."""
        if isinstance(a, int) and isinstance(b, int):
            return a * b
        if 0 in (a, b):
            return 0
        if 1 in (a, b):
            return b if a == 1 else a
        return self.let(f"mul i64 {a}, {b}")

    def divmod(self, a: Int, b: int) -> tuple[Int, Int]:
        """Return quotient and remainder of a number that is not negative."""
        if isinstance(a, int):
            return divmod(a, b)
        if b == 1:
            return a, 0
        q = self.let(f"udiv i64 {a}, {b}")
        return q, self.sub(a, self.mul(q, b))

    def least(self, a: Int, b: Int) -> Int:
        """Return the smaller one."""
        if isinstance(a, int) and isinstance(b, int):
            return min(a, b)
        smaller = self.let(f"icmp slt i64 {a}, {b}")
        return self.let(f"select i1 {smaller}, i64 {a}, i64 {b}")

    def most(self, a: Int, b: Int) -> Int:
        """Return the larger one."""
        if isinstance(a, int) and isinstance(b, int):
            return max(a, b)
        larger = self.let(f"icmp sgt i64 {a}, {b}")
        return self.let(f"select i1 {larger}, i64 {a}, i64 {b}")

    def dot(self, offset: Int, coefs: Sequence[int], indices: Sequence[Int]) -> Int:
        """Return offset + sum(coef * index)."""
        total = offset
        for coef, at in zip(coefs, indices, strict=True):
            if coef:
                total = self.add(total, self.mul(at, coef))
        return total

    # --- memory ----------------------------------------------------------------------------

    def bind(self, buffer: Buffer, offset: int) -> None:
        """Load the address of a buffer's element ``offset``, once, at the start of the function.

        Further places of the same buffer are relative to the first one that was bound, so that a
        kernel's text says nothing about where its arrays lie. Without a call, ``pointer`` binds 0.
        """
        if id(buffer) in self._pointers:
            return
        number = len(self._pointers)
        self._arguments.append((buffer, offset * buffer.dtype.itemsize))
        names = [f"%b{number}.{k}" for k in range(6)]
        self._entry += [
            f"  {names[0]} = getelementptr {{ i64, i64 }}, ptr %args, i64 {number}",
            f"  {names[1]} = load i64, ptr {names[0]}",
            f"  {names[2]} = getelementptr ptr, ptr %buffers, i64 {names[1]}",
            f"  {names[3]} = load ptr, ptr {names[2]}",
            f"  {names[4]} = getelementptr {{ i64, i64 }}, ptr {names[0]}, i64 0, i32 1",
            f"  {names[5]} = load i64, ptr {names[4]}",
            f"  %b{number} = getelementptr i8, ptr {names[3]}, i64 {names[5]}",
        ]
        self._pointers[id(buffer)] = (f"%b{number}", offset)

    def cell(self, element: str, count: int = 1) -> str:
        """Return memory of the function's own, on the stack, aligned to a cache line."""
        self._fresh += 1
        name = f"%a{self._fresh}"
        self._entry.append(f"  {name} = alloca {element}, i64 {count}, align 64")
        return name

    def zero_cell(self) -> str:
        """Return the address of zeros, as many as fit into a register and twice as wide types."""
        if self._zero is None:
            count = self.target.vector_bytes // 4
            self._zero = self.cell("i64", count)
            self._entry.append(f"  store <{count} x i64> zeroinitializer, ptr {self._zero}")
        return self._zero

    def pointer(self, buffer: Buffer, at: Int, element: str) -> str:
        """Return the address of element ``at`` of a buffer; ``element`` is its LLVM type."""
        self.bind(buffer, 0)
        base, offset = self._pointers[id(buffer)]
        place = self.add(at, -offset) if offset else at
        return base if place == 0 else self.let(f"getelementptr {element}, ptr {base}, i64 {place}")

    # --- control ---------------------------------------------------------------------------

    @contextmanager
    def loop(
        self, start: Int, stop: Int, step: int = 1, carried: Sequence[tuple[str, str]] = ()
    ) -> Iterator[tuple[str, Carried]]:
        """For i in range(start, stop, step); ``carried`` lists (type, first value).

        Gives the index and the carried values; after the loop, ``values`` of the latter are final.
        """
        self._fresh += 1
        n = self._fresh
        before, at = self._block, f"%i{n}"
        state = Carried([f"%c{n}.{k}" for k in range(len(carried))])
        self._enter(f"head{n}")
        mark = len(self._lines)
        more = self.let(f"icmp slt i64 {at}, {stop}")
        self.do(f"br i1 {more}, label %body{n}, label %done{n}")
        self._label(f"body{n}")
        state.next = list(state.values)
        yield at, state
        following = self.let(f"add i64 {at}, {step}")
        back = self._block
        self.do(f"br label %head{n}")
        phis = [f"  {at} = phi i64 [{start}, %{before}], [{following}, %{back}]"]
        phis += [
            f"  {name} = phi {kind} [{first}, %{before}], [{after}, %{back}]"
            for (kind, first), name, after in zip(carried, state.values, state.next, strict=True)
        ]
        self._lines[mark:mark] = phis
        self._label(f"done{n}")

    @contextmanager
    def when(self, condition: str) -> Iterator[None]:
        """Do what is inside only if the i1 holds."""
        self._fresh += 1
        n = self._fresh
        self.do(f"br i1 {condition}, label %then{n}, label %after{n}")
        self._label(f"then{n}")
        yield
        self._enter(f"after{n}")

    def _enter(self, label: str) -> None:
        self.do(f"br label %{label}")
        self._label(label)

    def _label(self, label: str) -> None:
        self._lines.append(f"{label}:")
        self._block = label

    def units(self, lengths: Sequence[int], unit: Int) -> list[Int]:
        """Return the indices that a flat unit number stands for."""
        indices: list[Int] = []
        for length in reversed(lengths[1:]):
            unit, rest = self.divmod(unit, length)
            indices.append(rest)
        return [*([unit] if lengths else []), *reversed(indices)]

    def finish(self, units: int) -> Code:
        """Return the finished kernel."""
        body = "\n".join([*self._entry, *self._lines])
        text = f"define void @kernel({ABI}) {{\nentry:\n{body}\n  ret void\n}}\n"
        return Code(text, tuple(self._declarations), tuple(self._arguments), units)
