"""Kernels to the text of one LLVM module, cut where Python has to be called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .codegen.contraction import emit_contract
from .codegen.function import Mod
from .codegen.loops import emit_accumulate, emit_arg, emit_fill, emit_loop, emit_reduce
from .expr import Buffer
from .fuse import written
from .kernels import Accumulate, ArgReduce, Call, Contract, Fill, Loop, Reduce

BARRIER = """
declare i32 @sched_yield()
declare void @llvm.x86.sse2.pause()
define internal void @barrier(ptr %cnt, i32 %n) noinline {
entry:
  %gen = getelementptr i32, ptr %cnt, i64 32
  %g = load atomic i32, ptr %gen acquire, align 4
  %c = atomicrmw add ptr %cnt, i32 1 acq_rel
  %n1 = sub i32 %n, 1
  %last = icmp eq i32 %c, %n1
  br i1 %last, label %rel, label %spin
rel:
  store atomic i32 0, ptr %cnt monotonic, align 4
  %g1 = add i32 %g, 1
  store atomic i32 %g1, ptr %gen release, align 4
  ret void
spin:
  %i = phi i32 [0,%entry],[%i2,%cont]
  %gg = load atomic i32, ptr %gen acquire, align 4
  %ne = icmp ne i32 %gg, %g
  br i1 %ne, label %out, label %wait
wait:
  %i2 = add i32 %i, 1
  %y = icmp ugt i32 %i2, 4000
  br i1 %y, label %yield, label %pause
yield:
  %r = call i32 @sched_yield()
  br label %cont
pause:
  call void @llvm.x86.sse2.pause()
  br label %cont
cont:
  br label %spin
out:
  ret void
}
"""


EMIT: dict[type, Any] = {
    Loop: emit_loop,
    Fill: emit_fill,
    Accumulate: emit_accumulate,
    Reduce: emit_reduce,
    ArgReduce: emit_arg,
    Contract: emit_contract,
}


@dataclass
class Assembly:
    """LLVM IR, the entries to call one after the other (or Call kernels), and the buffers' slots."""

    text: str
    segments: list[Any]
    entries: list[str]
    units: list[int]
    table: list[Buffer]
    slots: dict[int, int]


def assemble(kernels: list[Any], lanes: int) -> Assembly:
    """Write all kernels and the functions that run them in order, with barriers between."""
    module = Mod(lanes)
    module.declare("cycle", "declare i64 @llvm.readcyclecounter()")
    segments: list[Any] = []
    entries: list[str] = []
    units: list[int] = []
    runs: list[str] = []
    body: list[str] = []

    def close() -> None:
        if body:
            name = f"run{len(entries)}"
            entries.append(name)
            segments.append(name)
            runs.append(_entry(name, body))
            body.clear()

    for number, kernel in enumerate(kernels):
        if isinstance(kernel, Call):
            close()
            for view in [*kernel.inputs, *kernel.outputs]:
                module.slot(view.buffer)
            segments.append(kernel)
            units.append(0)
            continue
        units.append(EMIT[type(kernel)](module, f"k{number}", kernel))
        body.append(_step(number, units[-1]))
    close()
    text = BARRIER + module.text() + "\n" + "\n".join(runs)
    return Assembly(text, segments, entries, units, module.table, module.buffers)


def _entry(name: str, body: list[str]) -> str:
    return (
        f"define void @{name}(ptr %t, ptr %bar, i64 %tid, i64 %n, ptr %clock) {{\nentry:\n"
        "  %n32 = trunc i64 %n to i32\n  %multi = icmp sgt i64 %n, 1\n"
        + "\n".join(body) + "\n  ret void\n}"
    )  # fmt: skip


def _step(q: int, units: int) -> str:
    """One kernel: this thread's share of the units, then a barrier, then the time."""
    b = f"q{q}"
    return f"""  %{b}x = mul i64 %tid, {units}
  %{b}s = sdiv i64 %{b}x, %n
  %{b}t1 = add i64 %tid, 1
  %{b}y = mul i64 %{b}t1, {units}
  %{b}e = sdiv i64 %{b}y, %n
  %{b}has = icmp slt i64 %{b}s, %{b}e
  br i1 %{b}has, label %{b}do, label %{b}did
{b}do:
  call void @k{q}(ptr %t, i64 %{b}s, i64 %{b}e)
  br label %{b}did
{b}did:
  br i1 %multi, label %{b}bar, label %{b}go
{b}bar:
  call void @barrier(ptr %bar, i32 %n32)
  br label %{b}go
{b}go:
  %{b}c = call i64 @llvm.readcyclecounter()
  %{b}cp = getelementptr i64, ptr %clock, i64 {q}
  %{b}first = icmp eq i64 %tid, 0
  br i1 %{b}first, label %{b}w, label %{b}z
{b}w:
  store i64 %{b}c, ptr %{b}cp
  br label %{b}z
{b}z:"""


__all__ = ["Assembly", "assemble", "written"]
