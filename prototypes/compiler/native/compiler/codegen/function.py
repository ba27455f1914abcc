"""LLVM IR functions being written: fresh names, loops as context managers, buffers' pointers."""

from __future__ import annotations

import math
import struct
from contextlib import contextmanager
from typing import Any, Iterator

from chainrule import dtypes as dt
from chainrule.dtypes import DType

from ..expr import Buffer, Expr, Shape, View, walk

LLVM = {
    "float32": "float",
    "float64": "double",
    "int64": "i64",
    "int32": "i32",
    "int16": "i16",
    "int8": "i8",
    "uint8": "i8",
    "uint16": "i16",
    "uint32": "i32",
    "uint64": "i64",
    "bool": "i8",
    "float16": "half",
}


class Fn:
    """A function being written: fresh names, loops as context managers."""

    def __init__(self, module: "Mod", name: str, params: str) -> None:
        self.m, self.name, self.lines, self.n = (
            module,
            name,
            [f"define internal void @{name}({params}) {{", "entry:"],
            0,
        )
        self.block = "entry"

    def new(self) -> str:
        self.n += 1
        return f"%v{self.n}"

    def e(self, text: str) -> str:
        r = self.new()
        self.lines.append(f"  {r} = {text}")
        return r

    def do(self, text: str) -> None:
        self.lines.append(f"  {text}")

    def label(self, name: str) -> None:
        self.lines.append(f"{name}:")
        self.block = name

    def names(self, stem: str) -> str:
        self.n += 1
        return f"{stem}{self.n}"

    def add(self, a: Any, b: Any) -> Any:
        if isinstance(a, int) and isinstance(b, int):
            return a + b
        if a == 0:
            return b
        if b == 0:
            return a
        return self.e(f"add i64 {a}, {b}")

    def mul(self, a: Any, b: Any) -> Any:
        if isinstance(a, int) and isinstance(b, int):
            return a * b
        if a == 0 or b == 0:
            return 0
        if a == 1:
            return b
        if b == 1:
            return a
        return self.e(f"mul i64 {a}, {b}")

    @contextmanager
    def loop(
        self, start: Any, stop: Any, step: int = 1, carried: list[tuple[str, str]] | None = None
    ) -> Iterator[Any]:
        """for i in range(start, stop, step), at least tested once; carried = [(type, initial)]."""
        head, body, done = self.names("h"), self.names("b"), self.names("d")
        before = self.block
        i, nxt = self.new(), self.new()
        state = Carried()
        state.names = [self.new() for _ in carried or []]
        self.do(f"br label %{head}")
        self.label(head)
        at = len(self.lines)
        self.lines.append("")  # phi nodes, written at the end
        c = self.e(f"icmp slt i64 {i}, {stop}")
        self.do(f"br i1 {c}, label %{body}, label %{done}")
        self.label(body)
        state.next = list(state.names)
        yield (i, state) if carried is not None else i
        self.do(f"{nxt} = add i64 {i}, {step}")
        back = self.block
        self.do(f"br label %{head}")
        phis = [f"  {i} = phi i64 [{start}, %{before}], [{nxt}, %{back}]"]
        for (t, init), name, new in zip(carried or [], state.names, state.next):
            phis.append(f"  {name} = phi {t} [{init}, %{before}], [{new}, %{back}]")
        self.lines[at] = "\n".join(phis)
        self.label(done)

    def finish(self) -> None:
        self.do("ret void")
        self.lines.append("}")
        self.m.functions.append("\n".join(self.lines))


class Carried:
    names: list[str]
    next: list[str]


def fconst(value: float, dtype: DType) -> str:
    if dtype is dt.float64:
        return "0x" + struct.pack(">d", float(value)).hex().upper()
    v = struct.unpack(
        "f",
        struct.pack(
            "f",
            float(max(min(value, 3.4028234663852886e38), -3.4028234663852886e38))
            if math.isfinite(value)
            else value,
        ),
    )[0]
    return "0x" + struct.pack(">d", v).hex().upper()


class Mod:
    def __init__(self, vl: int = 16) -> None:
        self.vl = vl  # lanes of float32
        self.functions: list[str] = []
        self.declared: dict[str, str] = {}
        self.buffers: dict[int, int] = {}  # id -> slot in the table of pointers
        self.table: list[Buffer] = []

    def slot(self, b: Buffer) -> int:
        if id(b) not in self.buffers:
            self.buffers[id(b)] = len(self.table)
            self.table.append(b)
        return self.buffers[id(b)]

    def declare(self, name: str, text: str) -> None:
        self.declared[name] = text

    def text(self) -> str:
        return "\n".join([*self.declared.values(), *self.functions])


class Pointers:
    """The buffers' base pointers, loaded once at the start of a function."""

    def __init__(self, f: Fn, table: str) -> None:
        self.f, self.table, self.known = f, table, {}

    def load(self, buffers: list[Buffer]) -> None:
        for b in buffers:
            if id(b) not in self.known:
                s = self.f.m.slot(b)
                p = self.f.e(f"getelementptr ptr, ptr {self.table}, i64 {s}")
                self.known[id(b)] = self.f.e(f"load ptr, ptr {p}")

    def __getitem__(self, b: Buffer) -> str:
        return self.known[id(b)]
